"""How a redaction rule is written.

The rules run in order over one line of bounded length. Each is linear in it, or nearly: a pattern
either starts at a literal or, by a lookbehind, only where a word does, and no two neighbouring
repetitions can take the same character. Where a rule cannot know, it takes too much rather than too
little.
"""

import functools
import re
from collections.abc import Callable
from typing import NamedTuple

__all__ = [
    "ADDRESS",
    "KEYED_BY_EQUALS",
    "NOT_WITHIN_A_WORD",
    "PATH",
    "SECRET",
    "VALUE",
    "Rule",
    "rule",
]

ADDRESS = "[address]"
PATH = "[path]"
SECRET = "[secret]"  # noqa: S105 - what stands for one

NOT_WITHIN_A_WORD = r"(?<![A-Za-z0-9])"
KEYED_BY_EQUALS = r""" (?: \\* ["'] \s* : | \\* ["']? \s* = (?!=) ) \s* """

# What follows a separator: quoted (also within an escaped string), bracketed, or up to a blank. In
# the last, a comma, semicolon or ampersand ends the value only where another key may follow it.
VALUE = r"""
    (?! (?: None | null | nil | true | false | YES | NO ) (?: [\s,;&)\]}'"] | \Z ) )
    (?: \\+ (?P<quote>["']) [^"'\\]* \\+ (?P=quote)
      | [bru]{0,2} " (?: [^"\\] | \\. )* (?: " | \Z )
      | [bru]{0,2} ' (?: [^'\\] | \\. )* (?: ' | \Z )
      | \( [^()]* \)? | \[ [^\[\]]* \]? | \{ [^{}]* \}?
      | (?: [^\s,;&] | [,;&] (?! \s | \Z | [\w\ .-]{1,40} = ) )+
    )
"""


class Rule(NamedTuple):
    """One thing that must not leave: why, what it looks like, what stands for it.

    What the groups `kept` and `closing` hold stays around a placeholder.
    """

    why: str
    source: str
    replacement: str | Callable[[re.Match[str]], str]
    any_case: bool

    def apply(self, text: str) -> str:
        """`text` without it."""
        pattern = _compiled(self.source, any_case=self.any_case)
        replacement = self.replacement
        if isinstance(replacement, str):
            before = r"\g<kept>" if "kept" in pattern.groupindex else ""
            after = r"\g<closing>" if "closing" in pattern.groupindex else ""
            replacement = before + replacement + after
        return pattern.sub(replacement, text)


def rule(
    why: str,
    source: str,
    replacement: str | Callable[[re.Match[str]], str],
    *,
    any_case: bool = True,
) -> Rule:
    """A rule, in upper and lower case unless it says otherwise."""
    return Rule(why, source, replacement, any_case)


@functools.cache
def _compiled(source: str, *, any_case: bool) -> re.Pattern[str]:
    # At the first use: all of them together are a tenth of an agent's start.
    return re.compile(source, re.VERBOSE | (re.IGNORECASE if any_case else 0))
