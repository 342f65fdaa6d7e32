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
    check_dict,
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

# The highest number that takes four bytes.
_FOUR_BYTES = 0xFFF_FFFF

_HIGHEST_INT64 = INT64[1]

# What starts a sized field: by the number of the field, up to 15, and by the size, up to 127. The
# tag and the length are appended together, since each append costs as much as encoding a text.
_PREFIXES = tuple(
    tuple(bytes((number << 3 | 2, size)) for size in range(_SHORT + 1)) for number in range(16)
)
_KEY_PREFIXES, _ITEM_PREFIXES = _PREFIXES[1:3]

# As a function rather than a method, it refuses what is not a str, and no other check is needed.
_encode: Callable[[object], bytes] = str.encode  # type: ignore[assignment]  # it refuses the rest


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
    try:
        data = _encode(value)
    except (TypeError, UnicodeEncodeError):
        raise _not_text(value, where) from None
    # As in `write_sized`; text is the most frequent value, and a call costs as much as the rest.
    size = len(data)
    if size <= _SHORT:
        out.append(size)
    else:
        write_varint(out, size)
    out += data


def write_bytes_field(out: bytearray, number: int, value: object, where: str) -> None:
    """Append a field of bytes whose number is at most 15."""
    if not isinstance(value, bytes):
        raise wrong_type(where, "bytes", value)
    size = len(value)
    if size <= _SHORT:
        out += _PREFIXES[number][size]
    else:
        out.append(number << 3 | 2)
        write_varint(out, size)
    out += value


def write_string_field(out: bytearray, number: int, value: object, where: str) -> None:
    """Append a field of text whose number is at most 15."""
    try:
        data = _encode(value)
    except (TypeError, UnicodeEncodeError):
        raise _not_text(value, where) from None
    size = len(data)
    if size <= _SHORT:
        out += _PREFIXES[number][size]
    else:
        out.append(number << 3 | 2)
        write_varint(out, size)
    out += data


def write_string_map(out: bytearray, number: int, value: object, where: str) -> None:
    """Append a map of texts, a field whose number is at most 15."""
    prefixes = _PREFIXES[number]
    for key, item in check_dict(value, where).items():
        try:
            key_data = _encode(key)
        except (TypeError, UnicodeEncodeError):
            raise _not_text(key, where) from None
        try:
            item_data = _encode(item)
        except (TypeError, UnicodeEncodeError):
            raise _not_text(item, where) from None
        key_size, item_size = len(key_data), len(item_data)
        size = key_size + item_size + 4
        if size <= _SHORT:
            out += prefixes[size]
            out += _KEY_PREFIXES[key_size]
            out += key_data
            out += _ITEM_PREFIXES[item_size]
            out += item_data
        else:
            _write_long_entry(out, number, key_data, item_data)


def _write_long_entry(out: bytearray, number: int, key: bytes, item: bytes) -> None:
    out.append(number << 3 | 2)
    key_size, item_size = len(key), len(item)
    # The tags, the texts, and the lengths of the texts, which take one byte for seven bits.
    size = 2 + key_size + item_size
    size += (key_size.bit_length() + 6) // 7 or 1
    size += (item_size.bit_length() + 6) // 7 or 1
    write_varint(out, size)
    if key_size <= _SHORT:
        out += _KEY_PREFIXES[key_size]
    else:
        out.append(0x0A)
        write_varint(out, key_size)
    out += key
    if item_size <= _SHORT:
        out += _ITEM_PREFIXES[item_size]
    else:
        out.append(0x12)
        write_varint(out, item_size)
    out += item


def _not_text(value: object, where: str) -> EncodeError:
    return not_unicode(where) if isinstance(value, str) else wrong_type(where, "str", value)


def write_bool(out: bytearray, value: object, where: str) -> None:
    """Append a bool."""
    out.append(check_bool(value, where))


def write_int32(out: bytearray, value: object, where: str) -> None:
    """Append an int32; a negative one takes ten bytes in protobuf."""
    write_varint(out, check_integer(value, INT32, where) & 0xFFFF_FFFF_FFFF_FFFF)


def write_int64(out: bytearray, value: object, where: str) -> None:
    """Append an int64."""
    # Most are times, which are positive. As in `write_varint`, but Python calculates faster with
    # numbers of at most 30 bits.
    if type(value) is int and 0 <= value <= _HIGHEST_INT64:
        while value > _FOUR_BYTES:
            low = value & _FOUR_BYTES
            out.append(low & 0x7F | 0x80)
            out.append(low >> 7 & 0x7F | 0x80)
            out.append(low >> 14 & 0x7F | 0x80)
            out.append(low >> 21 | 0x80)
            value >>= 28
        while value > _SHORT:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        out.append(value)
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
    """Append a message, and put its length into the byte that the caller has appended for it."""
    if depth < 1:
        raise EncodeError(f"{where}: the message is nested too deeply, or within itself")
    if not isinstance(value, message_type):
        raise wrong_type(where, message_type.__name__, value)
    start = len(out)
    write(out, value, depth - 1)
    size = len(out) - start
    if size <= _SHORT:
        out[start - 1] = size
    else:
        length = bytearray()
        write_varint(length, size)
        out[start - 1 : start] = length
