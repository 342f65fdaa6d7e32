"""The rules that find URLs and hosts in the text of an error."""

import re
import socket

from mirastack_sdk._core.redaction.rules import (
    ADDRESS,
    KEYED_BY_EQUALS,
    NOT_WITHIN_A_WORD,
    VALUE,
    Rule,
    rule,
)

_ADDRESS_WORD = r"""
    (?: [\w-]{0,30} (?: host (?:name|addr)? | ur[li] | endpoint | addr (?:ess)? )
      | server (?:_?name)? | ip | peer (?:name)? | sockname | nodes? | brokers?
      | bootstrap[._-]servers | data\ source | proxy | remote | netloc | domain | origin
      | [rl]addr | location | target | authority )
"""
_TOP_DOMAIN = (
    "com|net|org|io|edu|gov|mil|info|biz|cloud|tech|online|site|xyz|systems|ai|co"
    "|internal|local|localdomain|lan|corp|intranet|svc|consul|example|invalid|onion|arpa"
    "|de|uk|fr|eu|ch|nl|es|se|fi|dk|cz|ru|cn|jp|br|au|ca|kr|ie|pt|gr|tr|za|nz|hk|tw|ua"
)
# Also words of code and prose, so they count only after at least two other labels.
_TOP_DOMAIN_OR_WORD = (
    "app|dev|test|home|private|mesh|cluster|in|at|it|is|be|no|me|us|to|pl|sg|ro|il"
)
_NO_PORT = (
    "error|err|errno|code|status|lines?|col|column|char|pos|position|offset|port|pid|tid|size"
    "|limit|count|id|at|rows?|bytes|timeout|http|exit|build|version|sha[0-9]*|ms|year|time|total"
    "|duration|step|batch|seq|page|index"
)
_IPV4_PART = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"


def _ipv6(match: re.Match[str]) -> str:
    """Replace a match if it is an IPv6 address: times and C++ names have colons too."""
    text = match.group("ip")
    bracketed = match.group().startswith(("[", "%"))
    try:
        socket.inet_pton(socket.AF_INET6, text.partition("%")[0])
    except OSError:
        return match.group()
    return match.group() if text == "::" and not bracketed else ADDRESS


URLS: tuple[Rule, ...] = (
    rule("a database address", r"""\b jdbc: [^\s"'<>]+""", ADDRESS),
    rule(
        "an address with its scheme",
        r"""\b [a-z][a-z0-9+.-]{0,30} : (?: \\?/ ){2,3}
            [^\s"'<>`]* (?: [^\s"'<>`.,;:!?)\]}] | (?<= \[secret ) \] )""",
        ADDRESS,
    ),
    rule(
        "an address within an address",
        r"""\b [a-z][a-z0-9+.-]{0,30} %3A%2F%2F [^\s"'<>&]+""",
        ADDRESS,
    ),
    rule("a cloud resource", r"""\b arn:[\w-]+: [^\s"'<>,]+""", ADDRESS),
    rule("a database account", r"""(["']) [^"'\s]* \1 @ (["']) [^"']* \2""", ADDRESS),
    rule(
        "a user at a host",
        r"""(?<![^\s"'<>]) [^\s@"'<>]+ @ [^\s"'<>,;)]+""",
        ADDRESS,
    ),
    rule(
        "a user at a host, encoded",
        r"""(?<![^\s"'<>]) [^\s"'<>%]+ (?: %(?!40) [^\s"'<>%]* )* %40 [^\s"'<>]*""",
        ADDRESS,
    ),
    rule(
        "a directory entry",
        r"""(?<![\w=]) (?:cn|uid|ou|dc) = [^,\s"']+
            (?: ,\s? (?:cn|uid|ou|dc|o|c|l|st) = [^,"']+ )+""",
        ADDRESS,
    ),
)


HOSTS: tuple[Rule, ...] = (
    rule(
        "an address after its name",
        r"(?P<kept> " + NOT_WITHIN_A_WORD + _ADDRESS_WORD + KEYED_BY_EQUALS + ")" + VALUE,
        ADDRESS,
    ),
    rule(
        "a host after its name",
        r"""(?P<kept> \b (?: (?:resolve|unknown|no\ such) \s host \s? : \s*
              | host (?:name)? \s? :(?!:) \s* (?= \S* [\d._:-] | [\w-]+ (?: \Z | [,;)] ) )
              | getaddrinfo \s [A-Z_]+ \s | \b port \s \d+ \s on \s
              | \b host \s (?= [\w.-]+ \s not \s found ) ) )
            [^\s"',;()]+""",
        ADDRESS,
    ),
    rule(
        "the host among the headers of a library",
        r"""(?P<kept> \( \s* b? ["'] host ["'] , \s* ) b? (?: "[^"]*" | '[^']*' )""",
        ADDRESS,
    ),
    rule(
        "what looks like an address after its name",
        r"""(?P<kept> \b (?:ur[li]|endpoint|server|address|addr|broker) \s? : \s+ )
            (?= [^\s"',;]* [./:@0-9] ) [^\s"',;()]+""",
        ADDRESS,
    ),
    rule(
        "a socket's address",
        r"""\( (["']) [^"']* \1 , \s* (?:port=)? \d{2,5} (?: , \s* \d+ ){0,2} \)""",
        f"({ADDRESS})",
    ),
    rule(
        "a quoted host",
        r"""(?P<kept> \b
              (?: host (?:name)? | server | node | broker | peer | resolve | lookup | reach
                | connect (?:ing|ed|ion)? \s to | valid \s for | contact | doesn't \s match
                | ur[li] )
              (?: \s (?: name | at | on | host | server | either \s of ) ){0,3} \s )
            (?: "[^"]+" | '[^']+' )""",
        ADDRESS,
    ),
    rule(
        "a certificate's hosts",
        r"(?P<kept> \b valid \s for \s ) [^'\"]+? , \s not \s [^\s'\"]+",
        ADDRESS,
    ),
    rule(
        "a host with its port in words",
        r"(?P<kept> \b (?: host | to ) \s ) [^\s\"',;:]+ (?= ,? \s port \b )",
        ADDRESS,
    ),
    rule(
        "a name that Go looked up",
        r"(?P<kept> \b lookup \s ) [\w.-]+ (?= \s on \b | : )",
        ADDRESS,
    ),
    rule(
        "an IPv6 address",
        r"""(?<![\w.]) (?: \[ | %5B )?
            (?P<ip> [0-9a-f]{0,4} (?: : [0-9a-f]{0,4} ){2,7} (?: \.\d{1,3} ){0,3}
              (?: %(?!5D)\w+ )? )
            (?: \] | %5D )? (?!\w) (?: : \d{1,5} )?""",
        _ipv6,
    ),
    rule(
        "an IPv4 address",
        rf"""(?<![A-Za-z0-9.]) (?: {_IPV4_PART} \. ){{3}} {_IPV4_PART} (?! \w | \.\d )
            (?: : \d{{1,5}} | / \d{{1,2}} \b )?""",
        ADDRESS,
    ),
    rule(
        "a host named by its address",
        r"\b ip (?: -\d{1,3} ){4} \b [\w.-]* (?: : \d{1,5} )?",
        ADDRESS,
    ),
    rule(
        "a host and port; a date with its time is none",
        r"""(?<![\w.:@-]) (?! \d{4}-\d\d-\d\d | _ssl\.c ) (?= \w+ [.-] ) (?= [\d._-]* [A-Za-z] )
            [\w.-]+ : \d{2,5} (?! \w | :\d )""",
        ADDRESS,
    ),
    rule(
        "a host of one label and its port, where the label is no unit or counter",
        rf"""(?<![\w.:@-]) (?! (?:{_NO_PORT}) : ) (?= \d* [A-Za-z_] )
            \w+ : (?: \d{{4,5}} | 22 | 25 | 53 | 80 | 389 | 443 | 465 | 587 | 636 )
            (?! \w | :\d | \.\d )""",
        ADDRESS,
    ),
    rule(
        "a host of one label and its port, where something connects to it",
        r"""(?P<kept> \b (?: (?:connect (?:ing|ed|ion)? | dial(?:ing)?) \s (?:to|tcp) | host | reach
              | server | peer | endpoint | upstream ) \s )
            [\w-]+ : \d{2,5} \b""",
        ADDRESS,
    ),
    rule(
        "a host of one label, where something connects to it; a version is none",
        r"""(?P<kept> \b (?: connect (?:ing|ed|ion)? \s to | resolv(?:e|ing) | reach
              | contact (?:ing)? | host | upstream ) \s )
            (?! v? \d [\d.]* \b ) (?= \w* [A-Za-z] ) (?= [A-Za-z]* [\d._-] ) [\w.-]* \w""",
        ADDRESS,
    ),
    rule("this host", r"\b localhost \b (?: : \d{1,5} )?", ADDRESS),
    rule(
        "a host by its domain",
        rf"""(?<![\w.-]) (?: (?: \*\. )? (?: [\w-]+ \. )+ (?:{_TOP_DOMAIN})
              | (?: [\w-]+ \. ){{2,}} (?:{_TOP_DOMAIN_OR_WORD}) )
            \.? (?: : \d{{1,5}} )? (?! [\w-] | \.\w )""",
        ADDRESS,
    ),
)
