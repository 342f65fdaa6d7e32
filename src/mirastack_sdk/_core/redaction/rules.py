"""The form of a redaction rule, and the patterns that several rules share.

Rules run in order over one line of bounded length, each in time that is nearly linear in it: a
pattern starts at a literal or, by a lookbehind, only at the start of a word, and adjacent
repetitions never match the same character. In case of doubt, a rule removes too much rather than
too little.
"""

import functools
import re
from collections.abc import Callable

from mirastack_sdk._deferred.named_tuples import NamedTuple

ADDRESS = "[address]"
PATH = "[path]"
SECRET = "[secret]"  # noqa: S105 - a placeholder

NOT_WITHIN_A_WORD = r"(?<![A-Za-z0-9])"
KEYED_BY_EQUALS = r""" (?: \\* ["'] \s* : | \\* ["']? \s* = (?!=) ) \s* """

# A value after a separator: quoted (also inside an escaped string), in brackets, or up to a blank.
# In the last form, a comma, semicolon or ampersand ends the value only if another key may follow.
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
    """A pattern of text that must not leave the process, and its replacement.

    `why` names what the pattern finds. The groups `kept` and `closing` stay in the text, before and
    after a placeholder.
    """

    why: str
    source: str
    replacement: str | Callable[[re.Match[str]], str]
    any_case: bool

    def apply(self, text: str) -> str:
        """`text` with each match replaced."""
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
    """Make a rule, which ignores case unless `any_case` is false."""
    return Rule(why, source, replacement, any_case)


@functools.cache
def _compiled(source: str, *, any_case: bool) -> re.Pattern[str]:
    # On first use, since compiling all patterns takes a tenth of an agent's start.
    return re.compile(source, re.VERBOSE | (re.IGNORECASE if any_case else 0))
