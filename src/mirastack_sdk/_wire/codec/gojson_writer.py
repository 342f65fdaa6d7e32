"""The writers of JSON values, which write what Go's encoding/json does.

A writer returns the JSON of one value. `where` is the message and field of the value, which the
EncodeError for a wrong type or range names. Nothing else is raised.
"""

from binascii import b2a_base64
from collections.abc import Callable
from decimal import Decimal
from enum import IntEnum
from json.encoder import encode_basestring
from operator import itemgetter

from mirastack_sdk._wire.codec.checks import (
    INT32,
    INT64,
    UINT32,
    UINT64,
    check_dict,
    check_double,
    check_enum,
    check_finite,
    check_float,
    check_integer,
    check_message,
    check_string,
    is_float,
    not_unicode,
    wrong_type,
)
from mirastack_sdk.errors import EncodeError

# Go writes a number with an exponent if the exponent is outside of this range.
_PLAIN_EXPONENTS = range(-6, 21)

_FLOAT_DIGITS = 9

# Go escapes these, so that the JSON is safe inside HTML and JavaScript.
_ESCAPED = (
    ("&", "\\u0026"),
    ("<", "\\u003c"),
    (">", "\\u003e"),
    ("\u2028", "\\u2028"),
    ("\u2029", "\\u2029"),
)


def write_object(fields: list[str]) -> str:
    """Return an object from the JSON of its fields."""
    return "{" + ",".join(fields) + "}"


def write_list(items: list[str]) -> str:
    """Return an array from the JSON of its elements."""
    return "[" + ",".join(items) + "]"


def sorted_items(value: object, where: str) -> list[tuple[str, object]]:
    """Return the items of a dict sorted by key, as Go writes them."""
    items = [(check_string(key, where), item) for key, item in check_dict(value, where).items()]
    return sorted(items, key=itemgetter(0))


def number_items(
    value: object, write: Callable[[object, str], str], where: str
) -> list[tuple[str, object]]:
    """Return the items of a dict whose keys are numbers; as in Go, the keys are sorted as text."""
    items = [(write(key, where), item) for key, item in check_dict(value, where).items()]
    return [(f'"{key}"', item) for key, item in sorted(items, key=itemgetter(0))]


def write_bool_keys(value: object, where: str) -> str:
    """Raise EncodeError for a map whose keys are bools and which is not empty."""
    check_dict(value, where)
    raise EncodeError(
        f"{where}: Go's encoding/json cannot write a map whose keys are bools; use protobuf"
    )


def finish(text: str) -> bytes:
    """Return the bytes of a whole message; its text must have no lone surrogates."""
    for character, escape in _ESCAPED:
        text = text.replace(character, escape)
    return text.encode()


def write_string(value: object, where: str) -> str:
    """Return text as a JSON string."""
    if not isinstance(value, str):
        raise wrong_type(where, "str", value)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise not_unicode(where) from None
    return encode_basestring(value)


def write_bytes(value: object, where: str) -> str:
    """Return bytes as base64."""
    if not isinstance(value, bytes):
        raise wrong_type(where, "bytes", value)
    return f'"{b2a_base64(value, newline=False).decode("ascii")}"'


def write_bool(value: object, where: str) -> str:
    """Return a bool."""
    if not isinstance(value, bool):
        raise wrong_type(where, "bool", value)
    return "true" if value else "false"


def _integer_writer(bounds: tuple[int, int]) -> Callable[[object, str], str]:
    lowest, highest = bounds

    def write(value: object, where: str) -> str:
        if type(value) is int and lowest <= value <= highest:
            return str(value)
        return int.__repr__(check_integer(value, bounds, where))

    return write


write_int32 = _integer_writer(INT32)
write_int64 = _integer_writer(INT64)
write_uint32 = _integer_writer(UINT32)
write_uint64 = _integer_writer(UINT64)


def write_enum(value: object, enum_type: type[IntEnum], where: str) -> str:
    """Return an enum as its number."""
    return int.__repr__(check_enum(value, enum_type, where))


def write_float(value: object, where: str) -> str:
    """Return a float of 32 bits in the fewest digits that read back as the same value."""
    number = check_finite(check_float(value, where), where)
    candidates = (f"{number:.{digits}e}" for digits in range(_FLOAT_DIGITS))
    return _layout(next(text for text in candidates if is_float(float(text), number)))


def write_double(value: object, where: str) -> str:
    """Return a float of 64 bits."""
    number = check_finite(check_double(value, where), where)
    mantissa = repr(abs(number)).partition("e")[0]
    digits = len(mantissa.replace(".", "").strip("0")) or 1
    return _layout(f"{number:.{digits - 1}e}")


def _layout(scientific: str) -> str:
    mantissa, _, exponent = scientific.partition("e")
    if int(exponent) not in _PLAIN_EXPONENTS:
        return f"{mantissa}e{int(exponent):+}"
    return f"{Decimal(scientific):f}"


def write_message[M](
    value: object,
    message_type: type[M],
    write: Callable[[M, int], str],
    depth: int,
    where: str,
) -> str:
    """Return a message as an object."""
    if depth < 1:
        raise EncodeError(f"{where}: the message is nested too deeply, or within itself")
    return write(check_message(value, message_type, where), depth - 1)
