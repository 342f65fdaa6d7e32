"""The generated code as the SDK uses it, right and wrong: a marked line must be flagged.

Checked by mypy and pyright, never run. The mark is the code that mypy gives.
"""

from typing import assert_never, assert_type

from mirastack_sdk._gen import gojson_codec, protobuf_codec
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import EngineServiceStub, PluginServiceBase, PluginServiceStub
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.codec.proto_message import ProtoEnum


def use(*_: object) -> None:
    """Take anything."""


def messages_are_constructed() -> None:
    """Every field has a default, is given by name, and has its type."""
    wire.KPI()
    wire.KPI(id="a", created_at=1)
    wire.IntentPattern(confidence=1)
    wire.ExecuteRequest(context={"a": "b"}, time_range=wire.TimeRange())
    wire.ExecuteRequest(time_range=None)
    wire.KPI("a")  # error: call-arg
    wire.KPI(name=1)  # error: arg-type
    wire.KPI(name=None)  # error: arg-type
    wire.KPI(created_at="1")  # error: arg-type
    wire.KPI(created_at=1.5)  # error: arg-type
    wire.KPI(nothing="a")  # error: call-arg
    wire.InfoRequest(name="a")  # error: call-arg
    wire.CacheSetRequest(value="text")  # error: arg-type
    wire.CacheGetBatchRequest(keys="a")  # error: arg-type
    wire.CacheGetBatchRequest(keys=["a", 1])  # error: list-item
    wire.GetConfigResponse(config={"a": 1})  # error: dict-item
    wire.ExecuteRequest(time_range={})  # error: arg-type
    wire.ActionDef(intents=[wire.KPI()])  # error: list-item


def messages_are_assigned(action: wire.ActionDef, request: wire.ExecuteRequest) -> None:
    """A field holds its own type and no other."""
    action.id = "a"
    action.stages = [wire.DevOpsStage.PLAN]
    action.stages.append(wire.DevOpsStage(99))
    request.time_range = None
    request.context["a"] = "b"
    action.id = 1  # error: assignment
    action.id = None  # error: assignment
    action.input_params = "[]"  # error: assignment
    action.stages = wire.DevOpsStage.PLAN  # error: assignment
    action.stages.append("plan")  # error: arg-type
    request.time_range = wire.KPI()  # error: assignment
    request.context["a"] = 1  # error: assignment
    request.nothing = 1  # error: attr-defined


def messages_are_read(request: wire.ExecuteRequest, response: wire.GetKPIResponse) -> None:
    """What may be absent must be asked for."""
    assert_type(request.execution_id, str)
    assert_type(request.params_json, bytes)
    assert_type(request.context, dict[str, str])
    assert_type(request.time_range, wire.TimeRange | None)
    if request.time_range is not None:
        assert_type(request.time_range.start_epoch_ms, int)
    use(request.time_range.timezone)  # error: union-attr
    use(response.kpi.id)  # error: union-attr
    name: str = request.params_json  # error: assignment
    start: wire.TimeRange = request.time_range  # error: assignment
    use(request.executionId, name, start)  # error: attr-defined


def enums_are_enums(action: wire.ActionDef) -> None:
    """A number, a name and another enum's member are none of this enum's."""
    action.permission = wire.Permission.READ
    action.permission = wire.Permission(99)
    action.permission = wire.Permission.from_number(1)
    assert_type(action.permission, wire.Permission)
    name: str = action.permission.name
    number: int = wire.Permission.READ
    assert_type(wire.Permission(number).is_known, bool)
    use(name)
    action.permission = 1  # error: assignment
    action.permission = "READ"  # error: assignment
    action.permission = wire.DevOpsStage.PLAN  # error: assignment
    action.permission = wire.Permission.DELETE  # error: attr-defined
    wire.ActionDef(permission=wire.PluginType.AGENT)  # error: arg-type
    wire.ActionDef(stages=[wire.Permission.READ])  # error: list-item


class Colour(ProtoEnum):
    """An enum as it is generated; those of the contract may get more members."""

    NONE = 0
    RED = 1
    BLUE = 2


def enums_are_matched(colour: Colour) -> str:
    """All members are matched, and a type checker knows it."""
    match colour:
        case Colour.NONE:
            return "nothing"
        case Colour.RED | Colour.BLUE:
            return "a colour"
        case _:
            assert_never(colour)


def a_forgotten_member_is_found(mode: wire.ExecutionMode) -> str:
    """By asking for one after the other."""
    if mode is wire.ExecutionMode.MANUAL:
        return "manual"
    if mode is wire.ExecutionMode.GUIDED or mode is wire.ExecutionMode.UNSPECIFIED:
        return "guided"
    assert_never(mode)  # error: arg-type


def a_member_forgotten_in_a_match_is_found(kind: wire.PluginType) -> str:
    """By matching."""
    match kind:
        case wire.PluginType.AGENT | wire.PluginType.PROVIDER:
            return "known"
        case wire.PluginType.UNSPECIFIED:
            return "nothing"
        case _:
            assert_never(kind)  # error: arg-type


async def stubs_are_called(channel: Channel) -> None:
    """A call takes its own request, by position, and gives its own reply."""
    plugin = PluginServiceStub(channel, timeout=5)
    engine = EngineServiceStub(channel, metadata={"x-plugin-name": "a"})
    assert_type(await plugin.execute(wire.ExecuteRequest()), wire.ExecuteResponse)
    assert_type(await engine.list_kpis(wire.ListKPIsRequest(), timeout=1), wire.ListKPIsResponse)
    await engine.get_kpi(wire.GetKPIRequest(), metadata={"a": "b"})
    await plugin.execute(wire.InfoRequest())  # error: arg-type
    await plugin.execute()  # error: call-arg
    await plugin.execute(None)  # error: arg-type
    await plugin.execute(wire.ExecuteRequest(), 5)  # error: call-arg
    await plugin.execute(wire.ExecuteRequest(), timeout="5")  # error: arg-type
    await plugin.execute(request=wire.ExecuteRequest())  # error: call-arg
    await plugin.execute(action_id="a")  # error: call-arg
    await engine.list_kp_is(wire.ListKPIsRequest())  # error: attr-defined
    reply: wire.ExecuteResponse = plugin.execute(wire.ExecuteRequest())  # error: assignment
    status: wire.InfoResponse = await plugin.execute(wire.ExecuteRequest())  # error: assignment
    answer = await engine.get_kpi(wire.GetKPIRequest())
    use(answer.kpi.name, reply, status)  # error: union-attr
    PluginServiceStub()  # error: call-arg
    PluginServiceStub("localhost:1")  # error: arg-type


class RightPlugin(PluginServiceBase):
    """Serves with a method's own types."""

    async def info(self, request: wire.InfoRequest) -> wire.InfoResponse:
        """Answer."""
        return wire.InfoResponse(name=str(request))


class WrongPlugin(PluginServiceBase):
    """Serves with other types, or not as a coroutine."""

    async def info(self, request: wire.KPI) -> wire.InfoResponse:  # error: override
        """Take another request."""
        return wire.InfoResponse(name=request.name)

    async def execute(self, request: wire.ExecuteRequest) -> wire.KPI:  # error: override
        """Give another reply."""
        return wire.KPI(id=request.action_id)

    def get_schema(self, request: wire.GetSchemaRequest) -> object:  # error: override
        """Block."""
        return request

    async def health_check(self, request: wire.HealthCheckRequest) -> wire.HealthCheckResponse:
        """Answer with a number for a bool."""
        return wire.HealthCheckResponse(healthy=len(request))  # error: arg-type


def codecs_keep_to_their_message() -> None:
    """A codec writes and reads one message."""
    codec = protobuf_codec.CODECS.for_type(wire.KPI)
    assert_type(codec.encode(wire.KPI()), bytes)
    assert_type(codec.decode(b""), wire.KPI)
    assert_type(gojson_codec.decode_kpi(b"{}"), wire.KPI)
    assert_type(wire.KPI.FromString(b""), wire.KPI)
    codec.encode(wire.InfoRequest())  # error: arg-type
    codec.decode("{}")  # error: arg-type
    request: wire.InfoRequest = codec.decode(b"")  # error: assignment
    gojson_codec.encode_kpi(request)  # error: arg-type
    wire.KPI.from_json("{}")  # error: attr-defined
    wire.KPI().from_dict({})  # error: attr-defined
    wire.KPI().load(None)  # error: attr-defined
