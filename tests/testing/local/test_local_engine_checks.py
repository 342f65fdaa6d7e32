"""A local engine refuses what a real one refuses."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import EngineServiceStub
from mirastack_sdk.testing import Encoding, LocalEngine
from tests.testing.agents import HandAgent, calling

type Call = Callable[[EngineServiceStub], Awaitable[object]]

TENANT_CALLS: dict[str, Call] = {
    "get_config": lambda stub: stub.get_config(wire.GetConfigRequest(plugin_name="hand_agent")),
    "cache_get": lambda stub: stub.cache_get(wire.CacheGetRequest(key="a")),
    "cache_get_batch": lambda stub: stub.cache_get_batch(wire.CacheGetBatchRequest(keys=["a"])),
    "cache_set": lambda stub: stub.cache_set(wire.CacheSetRequest(key="a")),
    "publish_result": lambda stub: stub.publish_result(
        wire.PublishResultRequest(result_json=b"{}")
    ),
    "request_approval": lambda stub: stub.request_approval(
        wire.RequestApprovalRequest(description="x", required_permission=wire.Permission.READ)
    ),
    "log_event": lambda stub: stub.log_event(
        wire.LogEventRequest(plugin_name="hand_agent", event_type="x", data_json=b"{}")
    ),
    "call_plugin": lambda stub: stub.call_plugin(
        wire.CallPluginRequest(caller_plugin="hand_agent", target_plugin="x", action_id="y")
    ),
    "list_kpis": lambda stub: stub.list_kpis(wire.ListKPIsRequest()),
    "get_kpi": lambda stub: stub.get_kpi(wire.GetKPIRequest(kpi_id="a")),
}
CALLS: dict[str, Call] = TENANT_CALLS | {
    "register_plugin": lambda stub: stub.register_plugin(
        wire.RegisterPluginRequest(name="hand_agent")
    ),
    "deregister_plugin": lambda stub: stub.deregister_plugin(
        wire.DeregisterPluginRequest(name="hand_agent")
    ),
    "heartbeat": lambda stub: stub.heartbeat(wire.HeartbeatRequest(name="hand_agent")),
}


@pytest.fixture
async def engine() -> AsyncIterator[LocalEngine]:
    """A running engine."""
    async with LocalEngine() as running:
        yield running


async def refused(stub: EngineServiceStub, call: Call) -> GRPCError:
    """The status with which a call ends."""
    with pytest.raises(GRPCError) as caught:
        await call(stub)
    return caught.value


@pytest.mark.parametrize("method", CALLS)
async def test_a_call_without_a_name_is_refused(engine: LocalEngine, method: str) -> None:
    """Every call must carry the agent's name."""
    async with calling(engine, plugin_name=None) as stub:
        error = await refused(stub, CALLS[method])
    assert error.status is Status.INVALID_ARGUMENT
    assert error.message == "the metadata x-plugin-name is missing"
    [violation] = engine.violations
    assert violation.method == method


@pytest.mark.parametrize(
    "method", ["get_config", "log_event", "call_plugin", "register_plugin", "heartbeat"]
)
async def test_a_call_in_another_name_is_refused(engine: LocalEngine, method: str) -> None:
    """The name in a message must be that in the metadata."""
    async with calling(engine, plugin_name="other_agent") as stub:
        error = await refused(stub, CALLS[method])
    assert error.status is Status.INVALID_ARGUMENT
    assert "names 'hand_agent', the metadata x-plugin-name 'other_agent'" in str(error.message)
    assert [violation.plugin_name for violation in engine.violations] == ["other_agent"]


@pytest.mark.parametrize("method", TENANT_CALLS)
async def test_a_call_for_another_tenant_is_refused(engine: LocalEngine, method: str) -> None:
    """The calls of an agent must be for the tenant with which it registered."""
    async with HandAgent().serving() as agent, calling(engine) as stub:
        reply = await stub.register_plugin(agent.registration(tenant_id="t1"))
        assert reply.success
        error = await refused(stub, TENANT_CALLS[method])
    assert error.status is Status.INVALID_ARGUMENT
    assert error.message == "the message is for tenant '', the agent's is 't1'"
    assert [violation.method for violation in engine.violations] == [method]


@pytest.mark.parametrize("method", [*TENANT_CALLS, "register_plugin"])
async def test_a_call_without_the_tenant_is_refused(method: str) -> None:
    """An engine with tenants accepts only these, and no call without one."""
    async with LocalEngine(tenants=["t1"]) as engine, calling(engine) as stub:
        error = await refused(stub, CALLS[method])
    assert error.status is Status.INVALID_ARGUMENT
    assert error.message == "tenant_id is required"
    assert engine.violations == []


async def test_a_tenant_may_become_active(engine: LocalEngine) -> None:
    """Tenants can be added while the engine runs."""
    engine.tenants = set()
    async with HandAgent().serving() as agent, calling(engine) as stub:
        error = await refused(
            stub, lambda stub: stub.register_plugin(agent.registration(tenant_id="t1"))
        )
        assert error.status is Status.FAILED_PRECONDITION
        assert error.message == "tenant 't1' is not active or not found"
        assert engine.violations == []
        engine.tenants.add("t1")
        assert (await stub.register_plugin(agent.registration(tenant_id="t1"))).success


@pytest.mark.parametrize(
    ("spoken", "asked", "status"),
    [
        (Encoding.JSON, Encoding.PROTOBUF, Status.INTERNAL),
        (Encoding.PROTOBUF, Encoding.JSON, Status.UNKNOWN),
    ],
)
async def test_an_engine_of_one_encoding_does_not_read_the_other(
    spoken: Encoding, asked: Encoding, status: Status
) -> None:
    """It ends such a call as grpc-go or grpcio does, and serves its own encoding."""
    async with LocalEngine(encodings=[spoken]) as engine:
        async with calling(engine, encoding=asked) as stub:
            assert (await refused(stub, CALLS["cache_get"])).status is status
        async with calling(engine, encoding=spoken) as stub:
            await CALLS["cache_get"](stub)
    assert [call.encoding for call in engine.calls] == [asked, spoken]


@pytest.mark.parametrize("method", ["publish_result", "log_event"])
@pytest.mark.parametrize("data", [b"", b"{", b"NaN", b"\xff"])
async def test_what_must_be_json_is_checked(engine: LocalEngine, method: str, data: bytes) -> None:
    """Results and event data must be JSON."""
    calls: dict[str, Call] = {
        "publish_result": lambda stub: stub.publish_result(
            wire.PublishResultRequest(result_json=data)
        ),
        "log_event": lambda stub: stub.log_event(
            wire.LogEventRequest(plugin_name="hand_agent", event_type="x", data_json=data)
        ),
    }
    async with calling(engine) as stub:
        error = await refused(stub, calls[method])
    assert error.status is Status.INVALID_ARGUMENT
    assert "is not JSON" in str(error.message)


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (
            wire.RequestApprovalRequest(description="x"),
            "permission UNSPECIFIED is not one of READ, MODIFY, ADMIN",
        ),
        (
            wire.RequestApprovalRequest(
                required_permission=wire.Permission.READ, context_json=b"[]"
            ),
            "context_json must be a JSON object, got b'[]'",
        ),
        (
            wire.RequestApprovalRequest(
                required_permission=wire.Permission.READ, context_json=b"x"
            ),
            "context_json is not JSON: Expecting value: line 1 column 1 (char 0)",
        ),
    ],
)
async def test_an_impossible_request_for_approval_is_refused(
    engine: LocalEngine, request_: wire.RequestApprovalRequest, text: str
) -> None:
    """The permission must be one that is documented, and the context JSON."""
    async with calling(engine) as stub:
        error = await refused(stub, lambda stub: stub.request_approval(request_))
    assert error.status is Status.INVALID_ARGUMENT
    assert error.message == text
    assert [violation.text for violation in engine.violations] == [text]


async def test_parameters_for_another_agent_are_checked(engine: LocalEngine) -> None:
    """The parameters of CallPlugin must be a JSON object."""
    request = wire.CallPluginRequest(caller_plugin="hand_agent", params_json=b"[]")
    async with calling(engine) as stub:
        error = await refused(stub, lambda stub: stub.call_plugin(request))
    assert error.message == "params_json must be a JSON object, got an array"


async def test_every_call_is_recorded(engine: LocalEngine) -> None:
    """A call is recorded with agent, tenant, encoding and metadata, even if it is refused."""
    async with calling(engine, encoding=Encoding.PROTOBUF) as stub:
        await stub.cache_get(wire.CacheGetRequest(key="a", tenant_id="t1"))
        await stub.list_kpis(wire.ListKPIsRequest())
    [call] = engine.calls_of("cache_get")
    assert (call.plugin_name, call.tenant_id) == ("hand_agent", "t1")
    assert call.encoding is Encoding.PROTOBUF
    assert call.metadata["x-plugin-name"] == "hand_agent"
    assert len(engine.calls) == 2
