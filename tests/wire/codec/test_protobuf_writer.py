"""Protobuf values are written as google writes them; invalid ones are an EncodeError."""

import copy
import math
from dataclasses import dataclass

import pytest

from mirastack_sdk._gen import gojson_codec, protobuf_codec
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._wire.codec.message_codec import CodecTable
from mirastack_sdk._wire.codec.proto_message import ProtoMessage
from mirastack_sdk._wire.codec.protobuf_writer import (
    write_double,
    write_fixed32,
    write_fixed64,
    write_float,
    write_int32,
    write_int64,
    write_sfixed32,
    write_sfixed64,
    write_sint32,
    write_sint64,
    write_uint32,
    write_uint64,
)
from mirastack_sdk.errors import EncodeError
from tests.golden.google import CONTRACT, differences, google_classes

BOTH = [
    pytest.param(protobuf_codec.CODECS, id="protobuf"),
    pytest.param(gojson_codec.CODECS, id="json"),
]


@dataclass(frozen=True)
class Wrong:
    """A message, a value that its field must not have, and the sentence about it."""

    message: ProtoMessage
    field: str
    value: object
    sentence: str

    def __str__(self) -> str:
        return f"{type(self.message).__name__}.{self.field}: {type(self.value).__name__}"


class _Text(str):
    __slots__ = ()


INT64 = "expected an int from -9223372036854775808 to 9223372036854775807, got"
INT32 = "expected an int from -2147483648 to 2147483647, got"

WRONG = (
    Wrong(wire.KPI(), "name", None, "KPI.name: expected str, got NoneType"),
    Wrong(wire.KPI(), "name", 0, "KPI.name: expected str, got int"),
    Wrong(wire.KPI(), "name", b"name", "KPI.name: expected str, got bytes"),
    Wrong(wire.KPI(), "name", b"", "KPI.name: expected str, got bytes"),
    Wrong(wire.KPI(), "name", [], "KPI.name: expected str, got list"),
    Wrong(wire.KPI(), "name", "\ud800", "KPI.name: expected Unicode text, got a str with a lone"),
    Wrong(wire.KPI(), "created_at", "1", "KPI.created_at: expected int, got str"),
    Wrong(wire.KPI(), "created_at", True, "KPI.created_at: expected int, got bool"),
    Wrong(wire.KPI(), "created_at", False, "KPI.created_at: expected int, got bool"),
    Wrong(wire.KPI(), "created_at", 1.0, "KPI.created_at: expected int, got float"),
    Wrong(wire.KPI(), "created_at", 0.0, "KPI.created_at: expected int, got float"),
    Wrong(wire.KPI(), "created_at", None, "KPI.created_at: expected int, got NoneType"),
    Wrong(wire.KPI(), "created_at", 2**63, f"KPI.created_at: {INT64} 9223372036854775808"),
    Wrong(wire.KPI(), "created_at", -(2**63) - 1, f"{INT64} -9223372036854775809"),
    Wrong(wire.KPI(), "created_at", 10**5000, f"{INT64} a much larger number"),
    Wrong(wire.IntentPattern(), "priority", 2**31, f"IntentPattern.priority: {INT32} 2147483648"),
    Wrong(wire.IntentPattern(), "priority", -(2**31) - 1, f"{INT32} -2147483649"),
    Wrong(wire.IntentPattern(), "confidence", "1", "expected float, got str"),
    Wrong(wire.IntentPattern(), "confidence", None, "expected float, got NoneType"),
    Wrong(wire.IntentPattern(), "confidence", True, "expected float, got bool"),
    Wrong(wire.IntentPattern(), "confidence", 1e39, "expected a float of 32 bits, at most 3.4e38"),
    Wrong(wire.IntentPattern(), "confidence", 10**400, "got an int too large for one"),
    Wrong(wire.ConfigParamSchema(), "required", 1, "required: expected bool, got int"),
    Wrong(wire.ConfigParamSchema(), "required", 0, "required: expected bool, got int"),
    Wrong(wire.ConfigParamSchema(), "required", None, "required: expected bool, got NoneType"),
    Wrong(wire.CacheSetRequest(), "value", "text", "value: expected bytes, got str"),
    Wrong(wire.CacheSetRequest(), "value", "", "value: expected bytes, got str"),
    Wrong(wire.CacheSetRequest(), "value", bytearray(b"a"), "expected bytes, got bytearray"),
    Wrong(wire.CacheSetRequest(), "value", None, "value: expected bytes, got NoneType"),
    Wrong(wire.ActionDef(), "permission", 1, "permission: expected Permission, got int"),
    Wrong(wire.ActionDef(), "permission", 0, "permission: expected Permission, got int"),
    Wrong(wire.ActionDef(), "permission", wire.DevOpsStage.PLAN, "Permission, got DevOpsStage"),
    Wrong(wire.ActionDef(), "permission", "READ", "expected Permission, got str"),
    Wrong(wire.ActionDef(), "stages", [1], "stages: expected DevOpsStage, got int"),
    Wrong(wire.ActionDef(), "stages", wire.DevOpsStage.PLAN, "expected list, got DevOpsStage"),
    Wrong(wire.ActionDef(), "stages", None, "stages: expected list, got NoneType"),
    Wrong(wire.ActionDef(), "stages", (), "stages: expected list, got tuple"),
    Wrong(wire.ActionDef(), "intents", [wire.KPI()], "expected IntentPattern, got KPI"),
    Wrong(wire.ActionDef(), "intents", [None], "expected IntentPattern, got NoneType"),
    Wrong(wire.ActionDef(), "routing_semantics", wire.KPI(), "RoutingSemantics, got KPI"),
    Wrong(wire.ActionDef(), "routing_semantics", {}, "expected RoutingSemantics, got dict"),
    Wrong(wire.CacheGetBatchRequest(), "keys", "key", "keys: expected list, got str"),
    Wrong(wire.CacheGetBatchRequest(), "keys", "", "keys: expected list, got str"),
    Wrong(wire.CacheGetBatchRequest(), "keys", ["a", 1], "keys: expected str, got int"),
    Wrong(wire.CacheGetBatchRequest(), "keys", ["\udfff"], "keys: expected Unicode text"),
    Wrong(wire.GetConfigResponse(), "config", [], "config: expected dict, got list"),
    Wrong(wire.GetConfigResponse(), "config", None, "config: expected dict, got NoneType"),
    Wrong(wire.GetConfigResponse(), "config", {"a": 1}, "config: expected str, got int"),
    Wrong(wire.GetConfigResponse(), "config", {1: "a"}, "config: expected str, got int"),
    Wrong(wire.GetConfigResponse(), "config", {"a": "b", 1: "a"}, "config: expected str, got int"),
    Wrong(wire.GetConfigResponse(), "config", {"\ud800": "a"}, "config: expected Unicode text"),
)


@pytest.mark.parametrize("table", BOTH)
@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_wrong_value_is_named(wrong: Wrong, table: CodecTable) -> None:
    """The error names the message, the field, the value and what was expected."""
    message = copy.copy(wrong.message)
    setattr(message, wrong.field, wrong.value)
    with pytest.raises(EncodeError) as error:
        table.for_type(type(message)).encode(message)
    assert wrong.sentence in str(error.value)
    assert str(error.value).startswith(f"{type(message).__name__}.{wrong.field}: ")


@pytest.mark.parametrize("table", BOTH)
def test_a_wrong_value_is_named_where_it_is(table: CodecTable) -> None:
    """For nested messages and lists, the innermost message is named."""
    action = wire.ActionDef(intents=[wire.IntentPattern(), wire.IntentPattern(priority=2**31)])
    message = wire.GetSchemaResponse(actions=[action])
    with pytest.raises(EncodeError, match=r"^IntentPattern.priority: "):
        table.for_type(wire.GetSchemaResponse).encode(message)


@pytest.mark.parametrize("table", BOTH)
def test_a_message_of_another_class_is_named(table: CodecTable) -> None:
    """A codec writes only its own class."""
    request: ProtoMessage = wire.GetKPIRequest()
    codec = table.for_type(wire.KPI)
    with pytest.raises(EncodeError, match=r"^KPI: expected KPI, got GetKPIRequest"):
        codec.encode(request)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("table", BOTH)
def test_a_secret_is_not_in_the_error(table: CodecTable) -> None:
    """The text of a wrong value, which may be secret, is not repeated."""
    message = wire.GetConfigResponse(config={"password": "hunter2\ud800"})
    with pytest.raises(EncodeError) as error:
        table.for_type(wire.GetConfigResponse).encode(message)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("table", BOTH)
def test_equivalent_types_are_written(table: CodecTable) -> None:
    """A subclass of str is written as text, and an int in a float field as a float."""
    codec = table.for_type(wire.IntentPattern)
    message = wire.IntentPattern(pattern=_Text("a"), confidence=1)
    assert codec.decode(codec.encode(message)) == wire.IntentPattern(pattern="a", confidence=1.0)


def test_zero_is_not_written_unless_it_is_set() -> None:
    """Zero takes no bytes, an empty optional message takes two, and -0.0 is written."""
    assert bytes(wire.ExecuteRequest()) == b""
    assert bytes(wire.ExecuteRequest(time_range=wire.TimeRange())) == b"\x3a\x00"
    assert bytes(wire.IntentPattern(confidence=-0.0)) == b"\x15\x00\x00\x00\x80"


def test_a_map_is_written_in_its_order() -> None:
    """Entries keep the order of the dict, and always have key and value."""
    config = {"b": "", "": "1"}
    expected = b"\x0a\x05\x0a\x01b\x12\x00" + b"\x0a\x05\x0a\x00\x12\x011"
    assert bytes(wire.GetConfigResponse(config=config)) == expected


@pytest.mark.parametrize("size", [0, 1, 63, 119, 120, 123, 124, 126, 127, 128, 16383, 16384])
def test_every_length_is_written_as_google_writes_it(size: int) -> None:
    """Lengths of one, two and three bytes are right for text, bytes, maps and messages."""
    text = "a" * size
    ours = wire.ExecuteRequest(
        execution_id=text,
        params_json=text.encode(),
        context={text: "", "key": text, "é" * (size // 2): "b"},
        time_range=wire.TimeRange(timezone=text),
    )
    theirs = google_classes(*CONTRACT)["ExecuteRequest"].FromString(bytes(ours))
    assert differences(ours, theirs) == []
    expected = google_classes(*CONTRACT)["TimeRange"]
    assert bytes(wire.TimeRange(timezone=text)) == expected(timezone=text).SerializeToString()
    # Google writes maps in an order of its own.
    for context in ({"key": text}, {text: "item"}, {text: text}):
        ours.context = context
        google = google_classes(*CONTRACT)["ExecuteRequest"].FromString(bytes(ours))
        assert bytes(ours) == google.SerializeToString()


@pytest.mark.parametrize("bits", [0, 7, 14, 21, 28, 35, 42, 49, 56, 63])
def test_every_number_is_written_as_google_writes_it(bits: int) -> None:
    """The numbers around each length of a varint have google's bytes."""
    for number in (2**bits - 1, -(2**bits), min(2**bits, 2**63 - 1)):
        google = google_classes(*CONTRACT)["TimeRange"](start_epoch_ms=number)
        assert bytes(wire.TimeRange(start_epoch_ms=number)) == google.SerializeToString()


def test_numbers_are_written_in_every_form() -> None:
    """Varint, zigzag and fixed numbers have the bytes of the wire format."""
    written = {}
    for write, value in (
        (write_int32, -1),
        (write_int64, -(2**63)),
        (write_uint32, 2**32 - 1),
        (write_uint64, 2**64 - 1),
        (write_sint32, -(2**31)),
        (write_sint64, 2**63 - 1),
        (write_fixed32, 1),
        (write_fixed64, 1),
        (write_sfixed32, -2),
        (write_sfixed64, -2),
        (write_float, -math.inf),
        (write_double, 1),
    ):
        out = bytearray()
        write(out, value, "it")
        written[write.__name__] = out.hex()
    assert written == {
        "write_int32": "ffffffffffffffffff01",
        "write_int64": "80808080808080808001",
        "write_uint32": "ffffffff0f",
        "write_uint64": "ffffffffffffffffff01",
        "write_sint32": "ffffffff0f",
        "write_sint64": "feffffffffffffffff01",
        "write_fixed32": "01000000",
        "write_fixed64": "0100000000000000",
        "write_sfixed32": "feffffff",
        "write_sfixed64": "feffffffffffffff",
        "write_float": "000080ff",
        "write_double": "000000000000f03f",
    }
