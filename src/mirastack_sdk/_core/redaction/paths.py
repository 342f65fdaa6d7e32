"""The rules that find file paths in the text of an error."""

from mirastack_sdk._core.redaction.rules import PATH, Rule, rule

_FILE_TYPE = (
    "py[co]?|go|js|ts|java|rb|rs|c|h|cpp|cs|php|sh|sql|ya?ml|json|toml|ini|cfg|conf|env|log|txt"
    "|pem|key|crt|cer|p12|pfx|jks|db|sqlite3?|sock|so|lock|csv|xml|html?|properties|xlsx?|zip|gz"
)

PATHS: tuple[Rule, ...] = (
    rule(
        "where code stands",
        r"""File \s \\*" [^"]* " (?: , \s line \s \d+ )? (?: , \s in \s [\w<>.]+ )?""",
        PATH,
        any_case=False,
    ),
    rule(
        "where code stands, in brackets",
        r"\( [^()\s]+ \. \w{1,4} , \s line \s \d+ \)",
        f"({PATH})",
    ),
    rule(
        "the file of an operating system's error",
        r"""(?P<kept> \[ (?:Errno|WinError) \s -?\d+ \] \s [^:'"]{0,120} : \s )
            (?: "[^"]*" | '[^']*' ) (?: \s->\s (?: "[^"]*" | '[^']*' ) )?""",
        f"'{PATH}'",
        any_case=False,
    ),
    rule(
        "a quoted path, blanks included",
        r"""(?P<kept> ["'] ) (?: ~ | \.{1,2} | [A-Za-z]: )? [\\/]{1,4} (?= [\w.~-] )
            (?: (?! (?P=kept) ) . )* (?P<closing> (?P=kept) )""",
        PATH,
    ),
    rule(
        "a Windows path",
        r"""(?<![A-Za-z0-9]) [A-Za-z]: (?: \\{1,2} | / )
            (?: [^\\/"'<>|*?:,;()]{1,60} \\{1,2} )* [^\s"'<>|*?:,;()\\]*""",
        PATH,
    ),
    rule(
        "a network share",
        r"""(?<![\\\w]) \\{2,4} [\w.$-]+ (?: \\{1,2} [^\s"'<>|*?:,;\\]+ )+""",
        PATH,
    ),
    rule(
        "the rest of a Windows path with blanks",
        rf"""(?<![\w.$~()\\-]) [\w.$~()-]+
            (?: (?: \\{{1,2}} [\w.$~()-]+ ){{2,}}
              | \\{{1,2}} [\w$~()-]+ \. (?:{_FILE_TYPE}|exe|dll|bat|ps1) \b )""",
        PATH,
    ),
    rule(
        "a path",
        r"""(?<![\w.)%/<]) (?: ~\w* | \.{1,2} | \$ \{? \w{1,30} \}? )? /{1,3} (?= [\w.~-] )
            [^\s"'<>|,;:()\[\]{}]* [^\s"'<>|,;:()\[\]{}.!?]""",
        PATH,
    ),
    rule(
        "a relative path to a file",
        rf"""(?<![\w./\\-]) (?: [\w.-]+ / )+ [\w-]+ (?: \. [\w-]+ )*? \. (?:{_FILE_TYPE}) \b
            (?: :\d+ )?""",
        PATH,
    ),
    rule(
        "a line of a source file; OpenSSL's own line is part of every certificate error",
        r"""(?<![\w./\\-]) (?! _ssl\.c ) [\w-]+ \. (?:py|go|js|ts|java|rb|rs|c|cpp|cs|php) : \d+""",
        PATH,
    ),
)
