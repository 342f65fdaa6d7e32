"""The rules for the agent's own log, which may be copied to where others read it."""

import re

from mirastack_sdk._core.redaction.rules import SECRET, Rule, rule
from mirastack_sdk._core.redaction.secrets import TOKENS
from mirastack_sdk._deferred.patterns import deferred_pattern

_USER_WITH_PASSWORD = deferred_pattern(r"[^/?#@]*:")


def _without_user(match: re.Match[str]) -> str:
    """The part of a URL after `://`, without the user and password.

    A password may contain characters that it should have escaped, so the last @ counts.
    """
    rest = match[0]
    user, at, host = rest.rpartition("@")
    if at and not _USER_WITH_PASSWORD.match(user):
        user, at, host = rest.partition("@")
        if any(mark in user for mark in "/?#"):
            return rest
    return f"{SECRET}@{host}" if at else rest


# Addresses, paths and tracebacks stay: operators need them.
_RULES: tuple[Rule, ...] = (
    *TOKENS,
    rule(
        "user and password in a URL",
        r"""(?<=://) (?: (?! :// ) [^\s"'<>] )+""",
        _without_user,
    ),
    rule(
        "a secret in the query of a URL",
        r"""(?P<kept> [?&;] [\w.\[\]-]{0,40}?
            (?: token | secret | passw | pwd | sig (?:nature)? | api[_-]?key | access[_-]?key
              | auth | credential )
            [\w.\[\]-]{0,40} = ) [^\s&"'<>\#]+""",
        SECRET,
    ),
)
# Limits the time that the rules take.
_LONGEST = 100_000


def hide_credentials(text: str) -> str:
    """`text` without tokens and without credentials in URLs, cut if it is very long."""
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}… ({len(text)} characters)"
    if text.isdecimal():
        # No rule matches digits alone, such as the port that every agent logs before its first
        # call, and to compile the rules takes as long as fifty calls.
        return text
    for known in _RULES:
        text = known.apply(text)
    return text
