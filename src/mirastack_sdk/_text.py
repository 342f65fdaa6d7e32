"""Text that every encoding and every log line can carry, and the JSON that is sent as text."""

import json
import math
from collections.abc import Callable
from typing import NoReturn

from mirastack_sdk._deferred.patterns import deferred_pattern

_SURROGATE = deferred_pattern(r"[\ud800-\udfff]")
# json.dumps builds an encoder for each call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def well_formed(text: str) -> str:
    """`text` with each lone surrogate replaced by U+FFFD, as Go's decoder does.

    JSON escapes and undecodable bytes in file names produce them, and no encoder accepts them.
    """
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def is_well_formed(text: str) -> bool:
    """Whether `text` can be encoded as it is."""
    return text.isascii() or _SURROGATE.search(text) is None


def shortened(text: str, most: int) -> str:
    """`text` in at most `most` characters; the last one is "…" where it was cut."""
    return text if len(text) <= most else text[: most - 1] + "…"


def one_line(text: str, most: int = 500) -> str:
    """`text` as one printable line of at most `most` characters.

    Text from a peer must not look like lines of our own log.
    """
    return shortened(printable(text[: most + 1]), most)


def printable(text: str) -> str:
    """`text` with a blank for each character that cannot be printed, such as a line break."""
    return "".join(c if c.isprintable() else " " for c in text)


def decoded[Value](
    text: str, scan: Callable[[str, int], tuple[Value, int]], decode: Callable[[str], Value]
) -> Value:
    """The value of a JSON text; raises what `decode` does, the method of a decoder.

    `scan` is the decoder's scanner, which is enough for an object without blanks around it: looking
    for them takes as long as reading a small one.
    """
    if text.startswith("{"):
        try:
            value, end = scan(text, 0)
        except StopIteration:
            return decode(text)
        if end == len(text):
            return value
    return decode(text)


def compact_json(value: object) -> str:
    """`value` as JSON text without blanks; raises what `json.dumps` raises."""
    return _ENCODER.encode(value)


def parameter_text(value: object) -> str:
    """A JSON value as the contract carries parameters: text as it is, null as `""`, else JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else compact_json(value)


def refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and the infinities, which Python reads and JSON does not have.

    For `parse_constant` of `json.loads`; raises `ValueError`.
    """
    raise ValueError(f"{name} is not a JSON value")


def finite_number(text: str) -> float:
    """A number of JSON; refuses 1e400 and the like, which Python reads as infinity.

    For `parse_float` of `json.loads`; raises `ValueError`.
    """
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too large a number")
    return number
