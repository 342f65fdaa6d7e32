"""Google's well-known types in the JSON that Go's encoding/json writes for Go's structs of them.

A time, a span and a wrapped scalar are objects with the fields of their messages. Only Struct,
Value and ListValue write themselves otherwise in Go: as the JSON that they stand for.
"""

from collections.abc import Callable

from mirastack_sdk._wire.codec import gojson_reader as reading
from mirastack_sdk._wire.codec import gojson_writer as writing
from mirastack_sdk._wire.codec.checks import is_zero
from mirastack_sdk._wire.codec.times import span_of, span_parts, time_of, time_parts
from mirastack_sdk.errors import DecodeError, EncodeError

type _Write = Callable[[object, int, str], str]


def _require_depth(depth: int, where: str) -> None:
    if depth < 1:
        raise EncodeError(f"{where}: the message is nested too deeply, or within itself")


def _parts_writer(parts: Callable[[object, str], tuple[int, int]]) -> _Write:
    def write(value: object, depth: int, where: str) -> str:
        _require_depth(depth, where)
        named = zip(("seconds", "nanos"), parts(value, where), strict=True)
        return writing.write_object([f'"{name}":{number}' for name, number in named if number])

    return write


write_timestamp = _parts_writer(time_parts)
write_duration = _parts_writer(span_parts)


def _parts_reader[V](make: Callable[[int, int], V]) -> Callable[[object, str], V]:
    def read(value: object, where: str) -> V:
        fields = reading.read_object(value, where)
        seconds = reading.read_int64(fields.get("seconds"), where)
        nanos = reading.read_int32(fields.get("nanos"), where)
        try:
            return make(seconds, nanos)
        except DecodeError as error:
            raise DecodeError(f"{where}: {error}") from None

    return read


read_timestamp = _parts_reader(time_of)
read_duration = _parts_reader(span_of)


def _value_writer(zero: object, write: Callable[[object, str], str]) -> _Write:
    def write_value(value: object, depth: int, where: str) -> str:
        _require_depth(depth, where)
        text = write(value, where)
        absent = is_zero(value) if isinstance(zero, float) else value == zero
        return "{}" if absent else f'{{"value":{text}}}'

    return write_value


write_bool_value = _value_writer(False, writing.write_bool)
write_bytes_value = _value_writer(b"", writing.write_bytes)
write_double_value = _value_writer(0.0, writing.write_double)
write_float_value = _value_writer(0.0, writing.write_float)
write_int32_value = _value_writer(0, writing.write_int32)
write_int64_value = _value_writer(0, writing.write_int64)
write_string_value = _value_writer("", writing.write_string)
write_uint32_value = _value_writer(0, writing.write_uint32)
write_uint64_value = _value_writer(0, writing.write_uint64)


def _value_reader[V](read: Callable[[object, str], V]) -> Callable[[object, str], V]:
    def read_value(value: object, where: str) -> V:
        return read(reading.read_object(value, where).get("value"), where)

    return read_value


read_bool_value = _value_reader(reading.read_bool)
read_bytes_value = _value_reader(reading.read_bytes)
read_double_value = _value_reader(reading.read_double)
read_float_value = _value_reader(reading.read_float)
read_int32_value = _value_reader(reading.read_int32)
read_int64_value = _value_reader(reading.read_int64)
read_string_value = _value_reader(reading.read_string)
read_uint32_value = _value_reader(reading.read_uint32)
read_uint64_value = _value_reader(reading.read_uint64)


def value_without_kind() -> EncodeError:
    """Return the error for a Value that is nothing, not even null."""
    return EncodeError("Value: expected one of its fields to be set, got none")
