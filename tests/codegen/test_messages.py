"""Messages are betterproto messages without its parser and serialiser."""

import copy
import dataclasses
import pickle
from collections.abc import Callable

import betterproto
import pytest

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen import protobuf_codec
from mirastack_sdk._wire.codec.proto_message import ProtoMessage
from mirastack_sdk.errors import DecodeError, EncodeError

REQUEST = wire.ExecuteRequest(
    execution_id="e",
    params_json=b"{}",
    execution_mode=wire.ExecutionMode.GUIDED,
    context={"a": "b"},
    time_range=wire.TimeRange(start_epoch_ms=1),
)
ACTION = wire.ActionDef(
    permission=wire.Permission(99),
    stages=[wire.DevOpsStage.PLAN, wire.DevOpsStage(77)],
    intents=[wire.IntentPattern(confidence=0.1)],
    routing_semantics=wire.RoutingSemantics(),
)
MESSAGES = (REQUEST, ACTION, wire.InfoRequest(), wire.KPI(), wire.GetKPIResponse(kpi=wire.KPI()))


def _through_pickle(message: ProtoMessage) -> ProtoMessage:
    twin: ProtoMessage = pickle.loads(pickle.dumps(message))  # noqa: S301 - our own bytes
    return twin


def test_a_message_is_betterprotos() -> None:
    """Functions for betterproto messages and for dataclasses accept ours."""
    assert isinstance(REQUEST, betterproto.Message)
    assert [field.name for field in dataclasses.fields(wire.CacheGetResponse)] == ["value", "found"]


def test_fields_are_those_of_a_dataclass() -> None:
    """Each has its name and type in order, and betterproto's number and type of the proto."""
    found = dataclasses.fields(wire.GetKPIResponse)
    assert dataclasses.is_dataclass(wire.GetKPIResponse)
    assert dataclasses.fields(wire.InfoRequest) == ()
    assert [(field.name, field.type, field.kw_only) for field in found] == [
        ("kpi", wire.KPI | None, True)
    ]
    assert found[0].default is dataclasses.MISSING
    declared = found[0].metadata["betterproto"]
    assert (declared.number, declared.proto_type) == (1, betterproto.TYPE_MESSAGE)
    assert dataclasses.fields(wire.GetKPIResponse()) == found


def test_every_field_has_a_default() -> None:
    """A message without arguments is empty, and messages share no list or map."""
    first, second = wire.ActionDef(), wire.ActionDef()
    assert first == second
    assert (first.id, first.permission, first.stages, first.routing_semantics) == (
        "",
        wire.Permission.UNSPECIFIED,
        [],
        None,
    )
    first.stages.append(wire.DevOpsStage.PLAN)
    assert second.stages == []


def test_fields_are_given_by_name() -> None:
    """Positional arguments would change their meaning when a field is added."""
    with pytest.raises(TypeError, match="positional"):
        wire.KPI("id")  # type: ignore[call-arg]  # wrong on purpose
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        wire.KPI(nothing=1)  # type: ignore[call-arg]  # wrong on purpose


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
@pytest.mark.parametrize(
    "twin",
    [copy.copy, copy.deepcopy, dataclasses.replace, _through_pickle],
    ids=["copy", "deepcopy", "replace", "pickle"],
)
def test_a_copy_is_equal(
    twin: Callable[[ProtoMessage], ProtoMessage], message: ProtoMessage
) -> None:
    """Copies and pickles are equal to their message to every digit, and are other objects."""
    made = twin(message)
    assert made == message
    assert made is not message
    assert type(made) is type(message)
    assert repr(made) == repr(message)


def test_a_deep_copy_shares_nothing() -> None:
    """A change in a deep copy does not change the message."""
    twin = copy.deepcopy(REQUEST)
    assert twin.time_range is not None
    twin.time_range.start_epoch_ms = 2
    twin.context["c"] = "d"
    assert REQUEST.time_range == wire.TimeRange(start_epoch_ms=1)
    assert REQUEST.context == {"a": "b"}


def test_messages_differ_by_their_fields() -> None:
    """Messages with different values or classes are not equal."""
    assert wire.KPI(id="a") != wire.KPI(id="b")
    assert wire.GetKPIResponse(kpi=wire.KPI()) != wire.GetKPIResponse()
    other: ProtoMessage = wire.GetSchemaRequest()
    assert wire.InfoRequest() != other


def test_repr_shows_what_it_is() -> None:
    """The class and every field appear in the text."""
    assert repr(wire.CacheGetResponse(value=b"a", found=True)) == (
        "CacheGetResponse(value=b'a', found=True)"
    )


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_bytes_are_the_codecs(message: ProtoMessage) -> None:
    """Every way to get the bytes of a message uses our codec."""
    data = protobuf_codec.CODECS.for_type(type(message)).encode(message)
    assert bytes(message) == message.SerializeToString() == data
    assert len(message) == len(data)
    assert type(message).FromString(data) == type(message)().parse(data)


def test_parse_replaces_what_a_message_held() -> None:
    """No earlier value remains, as with Google's ParseFromString."""
    message = wire.KPI(id="before", name="name")
    assert message.parse(bytes(wire.KPI(id="after"))) is message
    assert message == wire.KPI(id="after")


def test_what_cannot_be_read_changes_nothing() -> None:
    """A message does not change if the bytes cannot be decoded."""
    message = wire.KPI(id="before")
    with pytest.raises(DecodeError):
        message.parse(b"\x12\x01t\x0a")
    assert message == wire.KPI(id="before")


@pytest.mark.parametrize("name", ["load", "dump", "from_dict", "from_json", "from_pydict"])
@pytest.mark.parametrize("owner", [wire.KPI, wire.KPI()], ids=["class", "instance"])
def test_unchecked_readers_and_writers_are_refused(name: str, owner: object) -> None:
    """Betterproto's other readers and writers raise, on the class as well."""
    with pytest.raises(TypeError, match="use the codecs"):
        getattr(owner, name)({})


def test_a_message_can_be_shown_as_a_dict() -> None:
    """to_dict and to_json work, with names of enums and unknown numbers."""
    assert ACTION.to_dict() == {
        "permission": "UNKNOWN_99",
        "stages": ["PLAN", "UNKNOWN_77"],
        "intents": [{"confidence": 0.1}],
        "routingSemantics": {},
    }
    assert REQUEST.to_json() == (
        '{"executionId": "e", "paramsJson": "e30=", "executionMode": "GUIDED", '
        '"context": {"a": "b"}, "timeRange": {"startEpochMs": "1"}}'
    )
    assert wire.TimeRange(timezone="UTC").to_pydict() == {"timezone": "UTC"}
    assert wire.KPI().to_dict(include_default_values=True)["createdAt"] == "0"
    assert wire.ActionDef().to_dict(include_default_values=True)["permission"] == "UNSPECIFIED"


def test_a_message_is_true_when_it_holds_something() -> None:
    """An empty message is false, as in betterproto; `is not None` tells whether there is one."""
    assert REQUEST
    assert wire.GetKPIResponse(kpi=wire.KPI())
    assert not wire.KPI()
    assert not wire.ActionDef()


def test_betterprotos_own_state_is_consistent() -> None:
    """A message counts as sent, without unknown bytes and oneofs."""
    message = wire.GetKPIResponse(kpi=wire.KPI())
    assert message.kpi is not None
    assert betterproto.serialized_on_wire(message.kpi)
    assert betterproto.which_one_of(message, "kpi") == ("", None)


def test_a_field_is_set_when_it_holds_something() -> None:
    """An optional field is set if it is not None, any other if it is not zero."""
    assert wire.GetKPIResponse(kpi=wire.KPI()).is_set("kpi")
    assert not wire.GetKPIResponse().is_set("kpi")
    assert REQUEST.is_set("execution_mode")
    assert REQUEST.is_set("context")
    assert not REQUEST.is_set("tenant_id")


def test_a_field_may_hold_anything_until_it_is_written() -> None:
    """Assignment is not checked; the codec checks the value and names the field."""
    message = wire.KPI()
    message.created_at = 2**63
    with pytest.raises(EncodeError, match=r"KPI.created_at"):
        bytes(message)


def test_an_unset_attribute_is_an_error() -> None:
    """A message has only the attributes of its fields."""
    with pytest.raises(AttributeError):
        wire.KPI().nothing  # type: ignore[attr-defined]  # noqa: B018 - wrong on purpose


def test_a_class_of_ones_own_has_no_codec() -> None:
    """Only generated classes are written and read."""

    class Own(wire.KPI):
        """Not generated."""

    with pytest.raises(EncodeError, match="there is no codec for Own"):
        bytes(Own())
    with pytest.raises(EncodeError, match="there is no codec for Own"):
        Own.FromString(b"")
