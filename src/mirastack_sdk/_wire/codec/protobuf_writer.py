"""The writers of protobuf values, which write the same bytes as google's library.

A writer appends one value, without its tag, to the output. `where` is the message and field of the
value, which the EncodeError for a wrong type or range names. Nothing else is raised.
"""

import struct
from collections.abc import Callable
from enum import IntEnum

from mirastack_sdk._wire.codec.checks import (
    INT32,
    INT64,
    UINT32,
    UINT64,
    check_bool,
    check_bytes,
    check_double,
    check_enum,
    check_float,
    check_integer,
    not_unicode,
    wrong_type,
)
from mirastack_sdk.errors import EncodeError

_FLOAT = struct.Struct("<f")
_DOUBLE = struct.Struct("<d")
_FIXED32 = struct.Struct("<I")
_FIXED64 = struct.Struct("<Q")
_SFIXED32 = struct.Struct("<i")
_SFIXED64 = struct.Struct("<q")


# The highest number that takes one byte.
_SHORT = 0x7F

_HIGHEST_INT64 = INT64[1]


def write_varint(out: bytearray, value: int) -> None:
    """Append a number that is not negative."""
    while value > _SHORT:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def write_sized(out: bytearray, data: bytes | bytearray) -> None:
    """Append bytes after their length."""
    size = len(data)
    if size <= _SHORT:
        out.append(size)
    else:
        write_varint(out, size)
    out += data


def write_bytes(out: bytearray, value: object, where: str) -> None:
    """Append bytes."""
    write_sized(out, check_bytes(value, where))


def write_string(out: bytearray, value: object, where: str) -> None:
    """Append text."""
    if not isinstance(value, str):
        raise wrong_type(where, "str", value)
    try:
        data = value.encode()
    except UnicodeEncodeError:
        raise not_unicode(where) from None
    # As in `write_sized`; text is the most frequent value, and a call costs as much as the rest.
    size = len(data)
    if size <= _SHORT:
        out.append(size)
    else:
        write_varint(out, size)
    out += data


def write_bool(out: bytearray, value: object, where: str) -> None:
    """Append a bool."""
    out.append(check_bool(value, where))


def write_int32(out: bytearray, value: object, where: str) -> None:
    """Append an int32; a negative one takes ten bytes in protobuf."""
    write_varint(out, check_integer(value, INT32, where) & 0xFFFF_FFFF_FFFF_FFFF)


def write_int64(out: bytearray, value: object, where: str) -> None:
    """Append an int64."""
    # Most are times, which are positive.
    if type(value) is int and 0 <= value <= _HIGHEST_INT64:
        write_varint(out, value)
        return
    write_varint(out, check_integer(value, INT64, where) & 0xFFFF_FFFF_FFFF_FFFF)


def write_uint32(out: bytearray, value: object, where: str) -> None:
    """Append a uint32."""
    write_varint(out, check_integer(value, UINT32, where))


def write_uint64(out: bytearray, value: object, where: str) -> None:
    """Append a uint64."""
    write_varint(out, check_integer(value, UINT64, where))


def write_sint32(out: bytearray, value: object, where: str) -> None:
    """Append a zigzag number of 32 bits."""
    number = check_integer(value, INT32, where)
    write_varint(out, (number << 1) ^ (number >> 31))


def write_sint64(out: bytearray, value: object, where: str) -> None:
    """Append a zigzag number of 64 bits."""
    number = check_integer(value, INT64, where)
    write_varint(out, (number << 1) ^ (number >> 63))


def write_fixed32(out: bytearray, value: object, where: str) -> None:
    """Append a uint32 in four bytes."""
    out += _FIXED32.pack(check_integer(value, UINT32, where))


def write_fixed64(out: bytearray, value: object, where: str) -> None:
    """Append a uint64 in eight bytes."""
    out += _FIXED64.pack(check_integer(value, UINT64, where))


def write_sfixed32(out: bytearray, value: object, where: str) -> None:
    """Append an int32 in four bytes."""
    out += _SFIXED32.pack(check_integer(value, INT32, where))


def write_sfixed64(out: bytearray, value: object, where: str) -> None:
    """Append an int64 in eight bytes."""
    out += _SFIXED64.pack(check_integer(value, INT64, where))


def write_float(out: bytearray, value: object, where: str) -> None:
    """Append a float of 32 bits."""
    out += _FLOAT.pack(check_float(value, where))


def write_double(out: bytearray, value: object, where: str) -> None:
    """Append a float of 64 bits."""
    out += _DOUBLE.pack(check_double(value, where))


def write_enum(out: bytearray, value: object, enum_type: type[IntEnum], where: str) -> None:
    """Append the number of an enum."""
    if isinstance(value, enum_type) and 0 <= value <= _SHORT:
        out.append(value)
        return
    write_varint(out, check_enum(value, enum_type, where) & 0xFFFF_FFFF_FFFF_FFFF)


def write_message[M](
    out: bytearray,
    value: object,
    message_type: type[M],
    write: Callable[[bytearray, M, int], None],
    depth: int,
    where: str,
) -> None:
    """Append a message after its length."""
    if depth < 1:
        raise EncodeError(f"{where}: the message is nested too deeply, or within itself")
    if not isinstance(value, message_type):
        raise wrong_type(where, message_type.__name__, value)
    inner = bytearray()
    write(inner, value, depth - 1)
    write_sized(out, inner)
