"""The rules that find secrets in the text of an error."""

from mirastack_sdk._core.redaction.rules import (
    KEYED_BY_EQUALS,
    NOT_WITHIN_A_WORD,
    SECRET,
    VALUE,
    Rule,
    rule,
)

_SECRET_NAME = r"""
    (?: pass(?:word|wd|phrase|code|wort) | pwd | secret
      | (?<! unexpected\s ) token
        (?! s ["']? \s* [:=] \s* \d{1,9} \b | _(?:count|limit|usage|budget|type) | iz )
      | (?:api|access|account|private|encryption|signing|shared|auth|session|subscription|master)
        [ _.-]? key
      | credential | connection [ _.-]? string | conn_?str | jwt | otp\b | session_?id
      | input_value | security_?answer | private_?pem
    )
"""  # noqa: S105 - a pattern of names
_IDENTITY_NAME = r"""
    (?: user (?:[_-]?name | [ _-]?id)? | dsn | uid | usr | login | auth | pass
      | sig (?:nature)? | sid | session | email | principal | [\w-]{0,40} key )
"""
_KEYED_BY_ANY_SEPARATOR = r""" [\w.-]{0,32} \]? \\* ["']? \]? \s* (?: => | [:=]=? ) \s* """

TOKENS: tuple[Rule, ...] = (
    rule(
        "a web token",
        r"(?<![\w-]) eyJ [\w-]{5,} (?: \. [\w-]* )* =*",
        SECRET,
        any_case=False,
    ),
    rule(
        "a token that its issuer made recognisable",
        r"""(?<![A-Za-z0-9]) (?:
            gh[pousr]_\w{4,} | github_pat_\w{4,} | gl(?:pat|ptt|rt|dt|soat)-[\w-]{4,} | glsa_\w{4,}
          | xox[a-z]-[\w-]{4,} | xapp-[\w-]{4,} | sk-[\w-]{8,} | [rsp]k_(?:live|test)_\w{4,}
          | (?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Za-z0-9]{8,} | AIza[\w-]{16,} | ya29\.[\w-]+
          | hv[sbr]\.[\w-]{6,} | do[opr]_v1_\w+ | npm_\w{16,} | pypi-[\w-]{16,}
          | SG\.[\w-]{8,}[\w.-]*
          | shp(?:at|ca|pa|ss)_\w+ | dapi[0-9a-f]{16,} | hf_[A-Za-z0-9]{16,} | lin_api_\w+
          | AGE-SECRET-KEY-\w+ | dckr_pat_[\w-]+ | sq0\w{3}-[\w-]+
        )""",
        SECRET,
        any_case=False,
    ),
    rule(
        "an authorisation header",
        r"""(?P<kept> authorization (?: \\* ["'] \s* [:,] | \s* [:=] ) \s* )
            (?: (?:digest|oauth|hawk|aws4-hmac-sha256) \s .*
              | (?: (?:basic|bearer|token|negotiate|ntlm|apikey|key) \s+ )? """
        + VALUE
        + ")",
        SECRET,
    ),
    rule(
        "cookies",
        r"""(?P<kept> \b (?:set-)? cookie \\* ["']? \s* [:=,] \s* )
            (?: """
        + VALUE
        + r""" (?: ; \s* [^\s"']+ )* )""",
        SECRET,
    ),
    rule(
        "a bearer token",
        r"""(?P<kept> \b bearer \s+ )
            (?! (?: tokens? | auth\w* | scheme | headers? | credentials? | realm | error | is | was
                  | not | required | missing | invalid | expired | rejected | or | and )
                (?! [\w.~+/-] ) )
            [^\s"',;<>]+""",
        SECRET,
    ),
    rule(
        "basic credentials",
        r"""(?P<kept> \b [Bb](?:asic|ASIC) \s+ ) (?! [Aa]uth[a-z]* \b )
            (?= [A-Za-z]* [0-9A-Z=+/] ) [A-Za-z0-9+/_-]{6,} =*""",
        SECRET,
        any_case=False,
    ),
)

SECRETS: tuple[Rule, ...] = (
    *TOKENS,
    rule(
        "a command with all its arguments",
        r"""(?P<kept> \b command \s ) ["'\[] .* ["'\]]
            (?= \s (?: returned\ non-zero | timed\ out | died\ with | failed ) )""",
        "[command]",
    ),
    rule(
        "the values of a database statement",
        r"(?P<kept> \[parameters?: \s ) .* (?P<closing> \] )",
        SECRET,
    ),
    rule(
        "a secret as an option of a command",
        r"(?P<kept> (?<![\w-]) --? [\w-]{0,30}?"
        + _SECRET_NAME
        + r""" [\w-]{0,20} (?: \s+ | ["'],\s*["'] ) )
            (?! (?:is|was|are|must|needs?|requires?|expects?|not|and|or|option|flag) \b )
            [^\s"',]+""",
        SECRET,
    ),
    rule(
        "user and password as an option of curl",
        r"""(?P<kept> (?<![\w-]) (?: -u | --user | --proxy-user ) (?: [\s=]+ | ["'],\s*["'] ) )
            [^\s"',]+""",
        SECRET,
    ),
    rule(
        "a secret in an element",
        r"(?P<kept> < [\w:.-]{0,40}?" + _SECRET_NAME + r" [^<>]{0,100} > ) [^<]+",
        SECRET,
    ),
    rule(
        "a secret after its name",
        r"(?P<kept> "
        + _SECRET_NAME
        + r"(?: \s+ (?:provided|given|used|supplied|value) )?"
        + _KEYED_BY_ANY_SEPARATOR
        + ")"
        + VALUE,
        SECRET,
    ),
    rule(
        "a secret next to its name, as in a library's headers",
        r"""(?P<kept> \( \s* b? ["'] [\w.-]{0,40}? """
        + _SECRET_NAME
        + r""" [\w.-]{0,32} ["'] \s* , \s* )"""
        + VALUE,
        SECRET,
    ),
    rule(
        "a secret in quotes after its name",
        r"""(?P<kept> \b (?:password|passwd|passphrase|secret|token|api[ _-]?key) \s+
            (?: (?:is|was|of) \s+ )? )
            (?: "[^"]+" | '[^']+' )""",
        SECRET,
    ),
    rule(
        "a secret with digits after its name",
        r"""(?P<kept> \b (?:password|passwd|pwd|passphrase|secret|token|api[ _-]?key) \s+
            (?: (?:is|was|of) \s+ )? )
            (?= [A-Za-z]+ [^\s]* \d | \d+ [^\s\d.,;:)] ) [^\s,;]+""",
        SECRET,
    ),
    rule(
        "a secret or a user after a name that could mean something else",
        r"(?P<kept> " + NOT_WITHIN_A_WORD + _IDENTITY_NAME + KEYED_BY_EQUALS + ")" + VALUE,
        SECRET,
    ),
    rule(
        "a user after its name",
        r"(?P<kept> \b (?:username|user|login) \s? : \s* )" + VALUE,
        SECRET,
    ),
    rule(
        "a variable of the environment",
        r"""(?P<kept> (?<![\w-]) [A-Z][A-Z0-9]* (?: _[A-Z0-9]+ )+ \s? = (?!=) \s? )
            (?! [0-9]{1,10} (?![\w.]) ) """
        + VALUE,
        SECRET,
        any_case=False,
    ),
    rule(
        "a header that a library refused to send",
        r"(?P<kept> \b header \s value:? \s* )" + VALUE,
        SECRET,
    ),
    rule(
        "part of a password that a library took for a port or a name",
        r"""(?P<kept> (?: integer \s value \s as | port: | missing \s "=" \s after ) \s* )
            (?: "[^"]*" | '[^']*' )""",
        SECRET,
    ),
    rule(
        "the user of a database",
        r"""(?P<kept> \b (?:user (?:name)? | role | login | principal | account) \s )
            (?: "[^"]+" | '[^']+' )""",
        SECRET,
    ),
)

# After addresses and paths, which hold such words as well.
LEFTOVERS: tuple[Rule, ...] = (
    rule(
        "a key without a name: long, with small and capital letters and digits",
        r"""(?<![\w+/=-]) (?= [A-Z0-9+/_-]* [a-z] ) (?= [a-z0-9+/_-]* [A-Z] )
            (?= [A-Za-z+/_-]* [0-9] ) [A-Za-z0-9+/_-]{32,} =*""",
        SECRET,
        any_case=False,
    ),
    rule("where an object lies in memory", r"\s at \s 0x[0-9a-f]+", ""),
)
