"""Our JSON equals that of Go's encoding/json, byte for byte."""

import pytest

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._wire.codec.gojson_writer import write_double, write_float
from mirastack_sdk.errors import DecodeError
from tests.golden.codecs import gojson, protobuf
from tests.golden.fixtures import (
    Golden,
    Reading,
    go_floats,
    go_readings,
    golden_messages,
    own_readings,
)

GOLDEN = golden_messages()


@pytest.mark.contract("Two encodings: lists are arrays, and maps are objects")
@pytest.mark.contract("Two encodings: string, bool and float are as in JSON")
@pytest.mark.contract("Two encodings: field names are the proto's")
@pytest.mark.contract("Two encodings: the dialect is that of Go's encoding/json")
@pytest.mark.parametrize("golden", GOLDEN, ids=str)
def test_we_write_the_bytes_that_go_writes(golden: Golden) -> None:
    """A message is written as encoding/json writes a struct with `omitempty`."""
    message = protobuf(golden.message).decode(golden.protobuf)
    assert gojson(golden.message).encode(message) == golden.go


@pytest.mark.contract("Two encodings: a null or missing message is not set")
@pytest.mark.contract("Two encodings: null or missing lists and maps are empty")
@pytest.mark.contract("Two encodings: zero values may be left out")
@pytest.mark.contract("Two encodings: the dialect is that of Go's encoding/json")
@pytest.mark.parametrize("golden", GOLDEN, ids=str)
def test_we_read_what_go_writes(golden: Golden) -> None:
    """With `omitempty` or with null and zero everywhere, it is the same message."""
    message = protobuf(golden.message).decode(golden.protobuf)
    decode = gojson(golden.message).decode
    assert [decode(golden.go), decode(golden.go_plain)] == [message, message]


@pytest.mark.parametrize("golden", GOLDEN, ids=str)
def test_we_read_what_people_write(golden: Golden) -> None:
    """Spaces, escapes and nulls do not change the message."""
    message = protobuf(golden.message).decode(golden.protobuf)
    assert gojson(golden.message).decode(golden.value) == message


@pytest.mark.contract("Two encodings: the dialect is that of Go's encoding/json")
@pytest.mark.parametrize("reading", go_readings(), ids=str)
def test_we_read_what_go_reads(reading: Reading) -> None:
    """Input that Go accepts is read as the same message; input that Go refuses is refused."""
    assert _reread(reading) == reading.written


@pytest.mark.parametrize("reading", own_readings(), ids=lambda reading: reading.reason)
def test_we_read_otherwise_than_go_only_this(reading: Reading) -> None:
    """We differ from encoding/json only where the contract is stricter or simpler."""
    assert _reread(reading) == reading.written


def _reread(reading: Reading) -> bytes | None:
    codec = gojson(reading.message)
    try:
        return codec.encode(codec.decode(reading.data))
    except DecodeError:
        return None


@pytest.mark.contract("Two encodings: string, bool and float are as in JSON")
def test_we_write_floats_as_go_does() -> None:
    """Floats of both sizes have Go's digits, exponents and sign."""
    assert [
        (write_float(numbers.float32, "it"), write_double(numbers.float64, "it"))
        for numbers in go_floats()
    ] == [(numbers.text32, numbers.text64) for numbers in go_floats()]


@pytest.mark.contract("Two encodings: numbers are JSON numbers, int64 too")
def test_an_integer_beyond_a_double_is_exact() -> None:
    """An int64 is an exact JSON number in both directions."""
    message = wire.TimeRange(start_epoch_ms=2**53 + 1)
    data = b'{"start_epoch_ms":9007199254740993}'
    assert gojson("TimeRange").encode(message) == data
    assert gojson("TimeRange").decode(data) == message


@pytest.mark.contract("Two encodings: an enum is its number, and an unknown number is kept")
def test_an_enum_is_its_number() -> None:
    """Enums are never written by name, and an unknown number is kept."""
    message = wire.ActionDef(permission=wire.Permission(99), stages=[wire.DevOpsStage.OBSERVE])
    data = b'{"permission":99,"stages":[8]}'
    assert gojson("ActionDef").encode(message) == data
    assert gojson("ActionDef").decode(data) == message
