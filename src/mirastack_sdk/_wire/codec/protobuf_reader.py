"""The readers of protobuf values, which accept what google's parser accepts.

A reader takes the data, the position of the value and the end of the message, and returns the value
with the position after it. None reads past the end, and every one raises only DecodeError.
"""

import struct
from collections.abc import Callable
from itertools import repeat

from mirastack_sdk._wire.codec.checks import INT64
from mirastack_sdk._wire.codec.message_codec import MAX_ELEMENTS, MAX_FIELDS
from mirastack_sdk._wire.codec.protobuf_writer import write_varint
from mirastack_sdk.errors import DecodeError

type Read[V] = Callable[[bytes, int, int], tuple[V, int]]

_VARINT_BYTES = 10
_TAG_BYTES = 5
_LENGTH_BYTES = 5
_MILLISECONDS_BYTES = 6
_FOUR_HIGHEST_BITS = 0x80 << 21 | 0x80 << 14 | 0x80 << 7 | 0x80
_HIGHEST_TAG = 0xFFFF_FFFF
_HIGHEST_INT64 = INT64[1]

_GROUP_START = 3
_GROUP_END = 4

# The highest number that takes one byte.
_SHORT = 0x7F

_FLOAT = struct.Struct("<f")
_DOUBLE = struct.Struct("<d")
_FIXED32 = struct.Struct("<I")
_FIXED64 = struct.Struct("<Q")
_SFIXED32 = struct.Struct("<i")
_SFIXED64 = struct.Struct("<q")


class Budget:
    """The number of elements that a message may still have in lists, maps and unknown fields.

    `fields` bounds the number of all fields, which may be repeated without an effect. The readers
    of messages iterate over it, because that is the fastest way to count in Python.
    """

    __slots__ = ("_left", "fields")

    def __init__(self) -> None:
        self._left = MAX_ELEMENTS
        self.fields = repeat(None, MAX_FIELDS)

    def take(self, elements: int) -> None:
        """Count elements; raises DecodeError if the message has too many."""
        self._left -= elements
        if self._left < 0:
            raise DecodeError(f"the message holds more than {MAX_ELEMENTS} elements")


def too_many_fields() -> DecodeError:
    """Return the error for a message whose number of fields is out of all proportion."""
    return DecodeError(f"the message holds more than {MAX_FIELDS} fields")


def nested_too_deeply() -> DecodeError:
    """Return the error for a message within too many others."""
    return DecodeError("the message is nested too deeply")


def not_utf8(start: int, error: UnicodeDecodeError) -> DecodeError:
    """Return the error for text that is not UTF-8."""
    return DecodeError(f"the text at byte {start} is not UTF-8: {error.reason}")


def read_varint(data: bytes, position: int, end: int) -> tuple[int, int]:
    """Read an unsigned number of 64 bits."""
    if position < end and (byte := data[position]) <= _SHORT:
        return byte, position + 1
    value, position = _read_long_varint(data, position, end, _VARINT_BYTES)
    return value & 0xFFFF_FFFF_FFFF_FFFF, position


def _read_long_varint(data: bytes, position: int, end: int, limit: int) -> tuple[int, int]:
    # Most lengths that do not fit into one byte fit into two.
    if end - position > 1 and data[position] > _SHORT >= (second := data[position + 1]):
        return data[position] & 0x7F | second << 7, position + 2
    value = shift = 0
    stop = position + limit
    stop = min(stop, end)
    for byte in data[position:stop]:
        if byte <= _SHORT:
            return value | byte << shift, position + shift // 7 + 1
        value |= (byte & 0x7F) << shift
        shift += 7
    position = stop
    if position == end:
        raise DecodeError(f"the message ends inside a number, at byte {end}")
    raise DecodeError(f"a number of more than {limit} bytes starts before byte {position}")


def read_tag(data: bytes, position: int, end: int) -> tuple[int, int]:
    """Read a tag: a field's number and wire type."""
    tag, position = _read_long_varint(data, position, end, _TAG_BYTES)
    if tag > _HIGHEST_TAG:
        raise DecodeError(f"a field number above {_HIGHEST_TAG >> 3} ends at byte {position}")
    return tag, position


def read_span(data: bytes, position: int, end: int) -> tuple[int, int]:
    """Read a length; return the start and end of that many bytes."""
    if position < end and (size := data[position]) <= _SHORT:
        position += 1
    else:
        size, position = _read_long_varint(data, position, end, _LENGTH_BYTES)
    stop = position + size
    if stop > end:
        raise DecodeError(
            f"a field of {size} bytes starts at byte {position}, but its message ends at {end}"
        )
    return position, stop


def read_bytes(data: bytes, position: int, end: int) -> tuple[bytes, int]:
    """Read bytes."""
    start = position + 1
    if position >= end or (size := data[position]) > _SHORT or (stop := start + size) > end:
        start, stop = read_span(data, position, end)
    return data[start:stop], stop


def read_string(data: bytes, position: int, end: int) -> tuple[str, int]:
    """Read text."""
    # Short text is the most frequent value, so its length is read without a call.
    start = position + 1
    if position >= end or (size := data[position]) > _SHORT or (stop := start + size) > end:
        start, stop = read_span(data, position, end)
    try:
        return data[start:stop].decode(), stop
    except UnicodeDecodeError as error:
        raise DecodeError(f"the text at byte {start} is not UTF-8: {error.reason}") from None


def read_int32(data: bytes, position: int, end: int) -> tuple[int, int]:
    """Read an int32; as everywhere in protobuf, the bits above 32 are dropped."""
    if position < end and (byte := data[position]) <= _SHORT:
        return byte, position + 1
    value, position = read_varint(data, position, end)
    return ((value & 0xFFFF_FFFF) ^ 0x8000_0000) - 0x8000_0000, position


def read_int64(data: bytes, position: int, end: int) -> tuple[int, int]:
    """Read an int64."""
    byte = data[position] if position < end else _SHORT + 1
    if byte <= _SHORT:
        return byte, position + 1
    if end - position >= _MILLISECONDS_BYTES:
        # Most are times in milliseconds, whose six bytes are read without a loop. All but the last
        # have their highest bit set. Python calculates faster with at most 30 bits: four bytes.
        second, third, fourth = data[position + 1], data[position + 2], data[position + 3]
        fifth, sixth = data[position + 4], data[position + 5]
        if byte & second & third & fourth & fifth > _SHORT >= sixth:
            low = byte + (second << 7) + (third << 14) + (fourth << 21) - _FOUR_HIGHEST_BITS
            return low | (fifth - 0x80 + (sixth << 7)) << 28, position + 6
    value, position = _read_long_varint(data, position, end, _VARINT_BYTES)
    if value <= _HIGHEST_INT64:
        return value, position
    value &= 0xFFFF_FFFF_FFFF_FFFF
    return (value ^ 0x8000_0000_0000_0000) - 0x8000_0000_0000_0000, position


def read_uint32(data: bytes, position: int, end: int) -> tuple[int, int]:
    """Read a uint32; the bits above 32 are dropped."""
    value, position = read_varint(data, position, end)
    return value & 0xFFFF_FFFF, position


def read_sint32(data: bytes, position: int, end: int) -> tuple[int, int]:
    """Read a zigzag number of 32 bits; the bits above 32 are dropped."""
    value, position = read_uint32(data, position, end)
    return (value >> 1) ^ -(value & 1), position


def read_sint64(data: bytes, position: int, end: int) -> tuple[int, int]:
    """Read a zigzag number of 64 bits."""
    value, position = read_varint(data, position, end)
    return (value >> 1) ^ -(value & 1), position


def read_bool(data: bytes, position: int, end: int) -> tuple[bool, int]:
    """Read a bool: any number but 0 is true."""
    if position < end and (byte := data[position]) <= _SHORT:
        return byte != 0, position + 1
    value, position = read_varint(data, position, end)
    return value != 0, position


def _after_fixed(position: int, end: int, size: int) -> int:
    if end - position < size:
        raise DecodeError(f"the message ends inside a number, at byte {end}")
    return position + size


def read_float(data: bytes, position: int, end: int) -> tuple[float, int]:
    """Read a float of 32 bits."""
    after = _after_fixed(position, end, 4)
    value: float = _FLOAT.unpack_from(data, position)[0]
    return value, after


def read_double(data: bytes, position: int, end: int) -> tuple[float, int]:
    """Read a float of 64 bits."""
    after = _after_fixed(position, end, 8)
    value: float = _DOUBLE.unpack_from(data, position)[0]
    return value, after


def _fixed_reader(form: struct.Struct) -> Read[int]:
    def read(data: bytes, position: int, end: int) -> tuple[int, int]:
        after = _after_fixed(position, end, form.size)
        value: int = form.unpack_from(data, position)[0]
        return value, after

    return read


read_fixed32 = _fixed_reader(_FIXED32)
read_fixed64 = _fixed_reader(_FIXED64)
read_sfixed32 = _fixed_reader(_SFIXED32)
read_sfixed64 = _fixed_reader(_SFIXED64)
read_uint64 = read_varint


def read_packed[V](data: bytes, position: int, end: int, budget: Budget, read: Read[V]) -> list[V]:
    """Read the numbers of a packed field."""
    values: list[V] = []
    while position < end:
        value, position = read(data, position, end)
        budget.take(1)
        values.append(value)
    return values


def keep_field(
    message: object, data: bytes, position: int, end: int, tag: int, depth: int, budget: Budget
) -> int:
    """Keep an unknown field, so that the message is written with it; return the position after it.

    It counts as an element, because millions of them would take seconds.
    """
    after = skip_field(data, position, end, tag, depth, budget)
    _keep(message, tag, memoryview(data)[position:after])
    return after


def keep_any_field(
    message: object, data: bytes, position: int, end: int, tag: int, depth: int, budget: Budget
) -> int:
    """Keep an unknown field of a message that has no fields; see `skip_any_field`."""
    after = skip_any_field(data, position, end, tag, depth, budget)
    _keep(message, tag, memoryview(data)[position:after])
    return after


def keep_bytes(message: object, tag: int, content: bytes) -> None:
    """Keep a field whose content is sized: an entry of a map that has an unknown field."""
    size = bytearray()
    write_varint(size, len(content))
    _keep(message, tag, size + content)


def _keep(message: object, tag: int, content: bytearray | memoryview) -> None:
    # A bytearray grows in place; bytes would be copied with each field.
    kept: bytearray = vars(message).setdefault("unknown_fields", bytearray())
    write_varint(kept, tag)
    kept += content


def skip_field(data: bytes, position: int, end: int, tag: int, depth: int, budget: Budget) -> int:
    """Skip an unknown field whose tag has been read; return the position after it.

    It counts as an element, because skipping millions of them would take seconds.
    """
    if tag >> 3 == 0:
        raise DecodeError(f"field number 0 before byte {position}")
    return skip_any_field(data, position, end, tag, depth, budget)


def skip_any_field(
    data: bytes, position: int, end: int, tag: int, depth: int, budget: Budget
) -> int:
    """Skip an unknown field whose number may be 0.

    Google's parser allows that within groups, and in a message that has no fields.
    """
    groups: list[int] = []
    while True:
        budget.take(1)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == _GROUP_START:
            depth -= 1
            if depth < 0:
                raise nested_too_deeply()
            groups.append(number)
        elif wire_type == _GROUP_END:
            if not groups or groups.pop() != number:
                raise DecodeError(f"group {number} ends before byte {position} and is not open")
            depth += 1
        else:
            position = _skip_value(data, position, end, wire_type)
        if not groups:
            return position
        tag, position = read_tag(data, position, end)


def _skip_value(data: bytes, position: int, end: int, wire_type: int) -> int:
    match wire_type:
        case 0:
            return read_varint(data, position, end)[1]
        case 1:
            return _after_fixed(position, end, 8)
        case 2:
            return read_span(data, position, end)[1]
        case 5:
            return _after_fixed(position, end, 4)
        case _:
            raise DecodeError(f"unknown wire type {wire_type} before byte {position}")
