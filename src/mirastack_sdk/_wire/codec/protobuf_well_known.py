"""The writers and readers of Google's well-known types that are Python's own types here.

Times, spans and wrapped scalars are messages in protobuf. A reader takes the value that an earlier
message of the same field had, since a later message adds to it; its last arguments are those of the
functions that read messages.
"""

from collections.abc import Callable

from mirastack_sdk._wire.codec import protobuf_reader as reading
from mirastack_sdk._wire.codec import protobuf_writer as writing
from mirastack_sdk._wire.codec.checks import is_positive_zero
from mirastack_sdk._wire.codec.protobuf_reader import Budget, Read
from mirastack_sdk._wire.codec.times import span_of, span_parts, time_of, time_parts
from mirastack_sdk.errors import EncodeError

type _Write = Callable[[bytearray, object, int, str], None]
type _ReadAfter[V] = Callable[[V, bytes, int, int, int, Budget], V]

_SECONDS = 0x08
_NANOS = 0x10

_VARINT = 0x08
_FIXED64 = 0x09
_SIZED = 0x0A
_FIXED32 = 0x0D


def _require_depth(depth: int, where: str) -> None:
    if depth < 1:
        raise EncodeError(f"{where}: the message is nested too deeply, or within itself")


def _parts_writer(parts: Callable[[object, str], tuple[int, int]]) -> _Write:
    def write(out: bytearray, value: object, depth: int, where: str) -> None:
        _require_depth(depth, where)
        seconds, nanos = parts(value, where)
        inner = bytearray()
        if seconds:
            inner.append(_SECONDS)
            writing.write_int64(inner, seconds, where)
        if nanos:
            inner.append(_NANOS)
            writing.write_int32(inner, nanos, where)
        writing.write_sized(out, inner)

    return write


write_timestamp = _parts_writer(time_parts)
write_duration = _parts_writer(span_parts)


def _parts_reader[V](
    parts: Callable[[object, str], tuple[int, int]], make: Callable[[int, int], V]
) -> _ReadAfter[V]:
    def read(earlier: V, data: bytes, position: int, end: int, depth: int, budget: Budget) -> V:
        if depth < 0:
            raise reading.nested_too_deeply()
        seconds, nanos = parts(earlier, "")
        for _ in budget.fields:
            if position >= end:
                return make(seconds, nanos)
            tag, position = reading.read_tag(data, position, end)
            if tag == _SECONDS:
                seconds, position = reading.read_int64(data, position, end)
            elif tag == _NANOS:
                nanos, position = reading.read_int32(data, position, end)
            else:
                position = reading.skip_field(data, position, end, tag, depth, budget)
        raise reading.too_many_fields()

    return read


read_timestamp = _parts_reader(time_parts, time_of)
read_duration = _parts_reader(span_parts, span_of)


def _value_writer(
    tag: int, zero: object, write: Callable[[bytearray, object, str], None]
) -> _Write:
    def write_value(out: bytearray, value: object, depth: int, where: str) -> None:
        _require_depth(depth, where)
        inner = bytearray((tag,))
        write(inner, value, where)
        is_zero = is_positive_zero(value) if isinstance(zero, float) else value == zero
        writing.write_sized(out, b"" if is_zero else inner)

    return write_value


write_bool_value = _value_writer(_VARINT, False, writing.write_bool)
write_bytes_value = _value_writer(_SIZED, b"", writing.write_bytes)
write_double_value = _value_writer(_FIXED64, 0.0, writing.write_double)
write_float_value = _value_writer(_FIXED32, 0.0, writing.write_float)
write_int32_value = _value_writer(_VARINT, 0, writing.write_int32)
write_int64_value = _value_writer(_VARINT, 0, writing.write_int64)
write_string_value = _value_writer(_SIZED, "", writing.write_string)
write_uint32_value = _value_writer(_VARINT, 0, writing.write_uint32)
write_uint64_value = _value_writer(_VARINT, 0, writing.write_uint64)


def _value_reader[V](tag: int, read: Read[V]) -> _ReadAfter[V]:
    def read_value(
        earlier: V, data: bytes, position: int, end: int, depth: int, budget: Budget
    ) -> V:
        if depth < 0:
            raise reading.nested_too_deeply()
        value = earlier
        for _ in budget.fields:
            if position >= end:
                return value
            found, position = reading.read_tag(data, position, end)
            if found == tag:
                value, position = read(data, position, end)
            else:
                position = reading.skip_field(data, position, end, found, depth, budget)
        raise reading.too_many_fields()

    return read_value


read_bool_value = _value_reader(_VARINT, reading.read_bool)
read_bytes_value = _value_reader(_SIZED, reading.read_bytes)
read_double_value = _value_reader(_FIXED64, reading.read_double)
read_float_value = _value_reader(_FIXED32, reading.read_float)
read_int32_value = _value_reader(_VARINT, reading.read_int32)
read_int64_value = _value_reader(_VARINT, reading.read_int64)
read_string_value = _value_reader(_SIZED, reading.read_string)
read_uint32_value = _value_reader(_VARINT, reading.read_uint32)
read_uint64_value = _value_reader(_VARINT, reading.read_uint64)
