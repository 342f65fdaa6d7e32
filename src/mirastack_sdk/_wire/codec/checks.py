"""The checks of field values before they are written.

Every check takes a value and `where`, the `Message.field` it belongs to, and returns the value with
its type or raises EncodeError. The error never shows text or bytes, which may be secret.
"""

import math
import struct
from enum import IntEnum

from mirastack_sdk.errors import EncodeError

INT32 = (-(2**31), 2**31 - 1)
INT64 = (-(2**63), 2**63 - 1)
UINT32 = (0, 2**32 - 1)
UINT64 = (0, 2**64 - 1)

_SHOWN_BITS = 128
_FLOAT = struct.Struct("<f")


def wrong_type(where: str, expected: str, value: object) -> EncodeError:
    """Return the error for a value of the wrong type."""
    return EncodeError(f"{where}: expected {expected}, got {type(value).__name__}")


def check_integer(value: object, bounds: tuple[int, int], where: str) -> int:
    """Return an int within bounds, which is not a bool."""
    # In this order: compiled code takes what is known to be an int as a number.
    if value is True or value is False or not isinstance(value, int):
        raise wrong_type(where, "int", value)
    lowest, highest = bounds
    if not lowest <= value <= highest:
        shown = str(int(value)) if value.bit_length() <= _SHOWN_BITS else "a much larger number"
        raise EncodeError(f"{where}: expected an int from {lowest} to {highest}, got {shown}")
    return value


def check_bool(value: object, where: str) -> bool:
    """Return a bool."""
    if not isinstance(value, bool):
        raise wrong_type(where, "bool", value)
    return value


def check_double(value: object, where: str) -> float:
    """Return a float; an int is converted."""
    if value is True or value is False or not isinstance(value, float | int):
        raise wrong_type(where, "float", value)
    try:
        return float(value)
    except OverflowError:
        raise EncodeError(f"{where}: expected a float, got an int too large for one") from None


def check_float(value: object, where: str) -> float:
    """Return a float rounded to 32 bits; infinity and NaN are allowed."""
    number = check_double(value, where)
    try:
        rounded: float = _FLOAT.unpack(_FLOAT.pack(number))[0]
    except OverflowError:
        raise EncodeError(
            f"{where}: expected a float of 32 bits, at most 3.4e38, got {number}"
        ) from None
    return rounded


def is_float(candidate: float, number: float) -> bool:
    """Whether `candidate`, rounded to 32 bits, equals `number`."""
    try:
        return bool(_FLOAT.unpack(_FLOAT.pack(candidate))[0] == number)
    except OverflowError:
        return False


def is_zero(value: object) -> bool:
    """Whether a value is the number 0."""
    return type(value) in (float, int) and value == 0


def is_positive_zero(value: object) -> bool:
    """Whether a value is the number 0 but not -0.0, which has to be written."""
    return is_zero(value) and str(value) != "-0.0"


def check_finite(value: float, where: str) -> float:
    """Return a float that is neither infinite nor NaN, which JSON cannot write."""
    if not math.isfinite(value):
        raise EncodeError(f"{where}: expected a finite float, got {value}")
    return value


def check_string(value: object, where: str) -> str:
    """Return text."""
    if not isinstance(value, str):
        raise wrong_type(where, "str", value)
    return value


def not_unicode(where: str) -> EncodeError:
    """Return the error for text that UTF-8 cannot encode."""
    return EncodeError(f"{where}: expected Unicode text, got a str with a lone surrogate")


def check_bytes(value: object, where: str) -> bytes:
    """Return bytes."""
    if not isinstance(value, bytes):
        raise wrong_type(where, "bytes", value)
    return value


def check_enum[E: IntEnum](value: object, enum_type: type[E], where: str) -> E:
    """Return a value of the field's own enum."""
    if not isinstance(value, enum_type):
        raise wrong_type(where, enum_type.__name__, value)
    return value


def check_message[M](value: object, message_type: type[M], where: str) -> M:
    """Return a message of the field's class."""
    if not isinstance(value, message_type):
        raise wrong_type(where, message_type.__name__, value)
    return value


def check_list(value: object, where: str) -> list[object]:
    """Return a list."""
    if not isinstance(value, list):
        raise wrong_type(where, "list", value)
    return value


def check_dict(value: object, where: str) -> dict[object, object]:
    """Return a dict."""
    if not isinstance(value, dict):
        raise wrong_type(where, "dict", value)
    return value
