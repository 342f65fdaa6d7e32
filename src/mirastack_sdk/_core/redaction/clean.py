"""The text of an exception that the engine may see."""

import itertools
import re
from collections.abc import Iterator

from mirastack_sdk._core.model.execution import CleanLine
from mirastack_sdk._core.redaction.known_secrets import Hide
from mirastack_sdk._core.redaction.rules import SECRET
from mirastack_sdk._deferred.patterns import deferred_pattern
from mirastack_sdk._text import shortened, well_formed

MAX_LENGTH = 500
"""The largest number of characters in a cleaned text."""
MAX_LOG_LENGTH = 4_000
"""The largest number of characters in a cleaned line of a response's logs."""

# Limits the time that the rules take; most of a longer text would be cut anyway.
_READ_LENGTH = MAX_LOG_LENGTH
_READ_LENGTH_WITH_TRACEBACKS = 64_000
# If a text without blanks is cut, its end is removed too: it may be half a secret.
_UNSURE_LENGTH = 200
_SHOWN_OF_A_GROUP = 3

_ARMOURED_KEY = deferred_pattern(
    r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.DOTALL
)
_TERMINAL_CODES = deferred_pattern(r"\x1b\[[0-9;]*[A-Za-z]")
_UNPRINTABLE = deferred_pattern(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PLACEHOLDER = deferred_pattern(r"\[(?:address|path|secret|command|traceback)\]")


def _unchanged(text: str) -> str:
    return text


def clean(text: str, hide: Hide = _unchanged, *, most: int = MAX_LENGTH) -> str:
    """`text` as one line of at most `most` characters, fit to leave the process.

    Addresses, credentials, paths, tracebacks and whatever `hide` removes are replaced by
    placeholders such as `[address]`.
    """
    # Most agents start, and many run, without an error.
    from mirastack_sdk._core.redaction.error_rules import RULES  # noqa: PLC0415 - see above
    from mirastack_sdk._core.redaction.tracebacks import without_tracebacks  # noqa: PLC0415 - too

    # Hide secrets in twice the length, so that the cut does not leave half a secret.
    text = hide(text[: 2 * _READ_LENGTH_WITH_TRACEBACKS])[:_READ_LENGTH_WITH_TRACEBACKS]
    text = _TERMINAL_CODES.sub("", well_formed(text))
    text = _ARMOURED_KEY.sub(SECRET, text)
    line = _UNPRINTABLE.sub(" ", " ".join(without_tracebacks(text))).strip()
    line = _bounded(line)
    for rule in RULES:
        line = rule.apply(line)
    line = line.strip()
    return shortened(line, most)


def clean_log(line: str, hide: Hide = _unchanged) -> str:
    """A line of a response's logs as one line of at most `MAX_LOG_LENGTH` characters, cleaned.

    A `CleanLine` loses only what `hide` removes.
    """
    if isinstance(line, CleanLine):
        return well_formed(hide(line))
    return clean(line, hide, most=MAX_LOG_LENGTH)


def describe_exception(error: BaseException, hide: Hide = _unchanged) -> str:
    """The text of `error` that the engine may see: cleaned, without traceback and causes.

    An exception without a text is represented by its type, a group by its text and its first
    exceptions.
    """
    if isinstance(error, BaseExceptionGroup):
        return _describe_group(error, hide)
    name = type(error).__name__
    text = clean(text_of(error), hide)
    # The text of a KeyError is the bare key, and a placeholder alone is no help.
    if isinstance(error, KeyError) or not re.search(r"\w", _PLACEHOLDER.sub("", text)):
        return f"{name}: {text}" if text else name
    return text


def text_of(error: BaseException) -> str:
    """The text of `error`, or `""` if its `__str__` fails."""
    try:
        return str(error)
    except BaseException:  # noqa: BLE001 - the author's code; its failure must not hide `error`
        return ""


def _describe_group(group: BaseExceptionGroup[BaseException], hide: Hide) -> str:
    first = itertools.islice(_leaves(group), _SHOWN_OF_A_GROUP)
    parts = "; ".join(describe_exception(error, hide) for error in first)
    return clean(f"{text_of(group)}: {parts}", hide)


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    waiting: list[BaseException] = [group]
    while waiting:
        error = waiting.pop()
        if isinstance(error, BaseExceptionGroup):
            waiting.extend(reversed(error.exceptions))
        else:
            yield error


def _bounded(line: str) -> str:
    """The start of a line, cut at a blank so that no secret is cut in two."""
    if len(line) <= _READ_LENGTH:
        return line
    start = line[:_READ_LENGTH]
    blank = start.rfind(" ")
    return start[: blank if blank > 0 else -_UNSURE_LENGTH] + "…"
