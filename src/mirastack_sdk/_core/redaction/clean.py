"""What of an exception the engine may see."""

import itertools
import re
from collections.abc import Iterator

from mirastack_sdk._core.redaction.addresses import HOSTS, URLS
from mirastack_sdk._core.redaction.known_secrets import Hide
from mirastack_sdk._core.redaction.paths import PATHS
from mirastack_sdk._core.redaction.rules import SECRET, Rule
from mirastack_sdk._core.redaction.secrets import LEFTOVERS, SECRETS
from mirastack_sdk._core.redaction.tracebacks import without_tracebacks
from mirastack_sdk._text import shortened, well_formed

__all__ = ["MAX_LENGTH", "RULES", "clean", "describe_exception", "text_of"]

# URLs hold paths and hosts, and secrets stand within URLs: the order matters.
RULES: tuple[Rule, ...] = (*SECRETS, *URLS, *PATHS, *HOSTS, *LEFTOVERS)

MAX_LENGTH = 500
"""Characters of a cleaned text, at most."""

# More than this is not looked at: the rules' time must be bounded, and little of it would be shown.
_READ_LENGTH = 4_000
_READ_LENGTH_WITH_TRACEBACKS = 64_000
# Where a text without blanks is cut, what may be half a secret goes with it.
_UNSURE_LENGTH = 200
_SHOWN_OF_A_GROUP = 3

_ARMOURED_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.DOTALL
)
_TERMINAL_CODES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PLACEHOLDER = re.compile(r"\[(?:address|path|secret|command|traceback)\]")


def _unchanged(text: str) -> str:
    return text


def clean(text: str, hide: Hide = _unchanged) -> str:
    """`text` in one line, without what must not leave the process.

    What `hide` takes out, addresses, credentials, paths and tracebacks are replaced by placeholders
    such as `[address]`; at most `MAX_LENGTH` characters are left.
    """
    # Twice the length: what is cut off must not leave half a secret.
    text = hide(text[: 2 * _READ_LENGTH_WITH_TRACEBACKS])[:_READ_LENGTH_WITH_TRACEBACKS]
    text = _TERMINAL_CODES.sub("", well_formed(text))
    text = _ARMOURED_KEY.sub(SECRET, text)
    line = _UNPRINTABLE.sub(" ", " ".join(without_tracebacks(text))).strip()
    line = _bounded(line)
    for rule in RULES:
        line = rule.apply(line)
    line = line.strip()
    return shortened(line, MAX_LENGTH)


def describe_exception(error: BaseException, hide: Hide = _unchanged) -> str:
    """What the engine may see of `error`: its own text, cleaned, without what `hide` takes out.

    Neither its traceback nor what it was raised from. An exception without a text is named by its
    type; a group by its text and its first exceptions.
    """
    if isinstance(error, BaseExceptionGroup):
        return _describe_group(error, hide)
    name = type(error).__name__
    text = clean(text_of(error), hide)
    # A KeyError's text is the bare key, and a placeholder alone says nothing.
    if isinstance(error, KeyError) or not re.search(r"\w", _PLACEHOLDER.sub("", text)):
        return f"{name}: {text}" if text else name
    return text


def text_of(error: BaseException) -> str:
    """The text of `error`, or none where it cannot tell its own."""
    try:
        return str(error)
    except BaseException:  # noqa: BLE001 - the author's code, and a failure must not hide a failure
        return ""


def _describe_group(group: BaseExceptionGroup[BaseException], hide: Hide) -> str:
    shown = itertools.islice(_leaves(group), _SHOWN_OF_A_GROUP)
    parts = "; ".join(describe_exception(error, hide) for error in shown)
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
    """The start of a line, cut where no secret is cut in two."""
    if len(line) <= _READ_LENGTH:
        return line
    start = line[:_READ_LENGTH]
    blank = start.rfind(" ")
    return start[: blank if blank > 0 else -_UNSURE_LENGTH]
