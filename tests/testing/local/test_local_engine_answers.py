"""A local engine responds to the calls of agents."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from mirastack_sdk._core.contract.parameters import json_bytes
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import EngineServiceStub
from mirastack_sdk.engine import KPI
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing import LocalEngine, ManualClock
from tests.testing.agents import EchoAgent, calling, serving


@pytest.fixture
async def engine() -> AsyncIterator[LocalEngine]:
    """A running engine, on a clock that the test moves."""
    async with LocalEngine(clock=ManualClock()) as running:
        yield running


@pytest.fixture
async def stub(engine: LocalEngine) -> AsyncIterator[EngineServiceStub]:
    """The engine's stub, as an agent uses it."""
    async with calling(engine) as stub:
        yield stub


def call_plugin_request(plugin: str, action: str) -> wire.CallPluginRequest:
    """A call of another agent."""
    return wire.CallPluginRequest(
        caller_plugin="hand_agent",
        target_plugin=plugin,
        action_id=action,
        params_json=json_bytes({"text": "hi", "action": action}),
        time_range=wire.TimeRange(start_epoch_ms=1, end_epoch_ms=2),
    )


async def test_each_tenant_has_its_own_cache(engine: LocalEngine, stub: EngineServiceStub) -> None:
    """A tenant does not read what another one has written."""
    await stub.cache_set(wire.CacheSetRequest(key="a", value=b"1", tenant_id="t1"))
    assert not (await stub.cache_get(wire.CacheGetRequest(key="a", tenant_id="t2"))).found
    assert engine.cache_of("t1").get("a") == "1"
    assert "a" not in engine.cache


async def test_the_only_tenants_cache_is_the_cache() -> None:
    """With a single tenant, `cache` is the cache of its agents."""
    async with LocalEngine(tenants=["t1"]) as engine, calling(engine) as stub:
        engine.cache.set("a", "1")
        assert (await stub.cache_get(wire.CacheGetRequest(key="a", tenant_id="t1"))).found


async def test_the_config_is_served(engine: LocalEngine, stub: EngineServiceStub) -> None:
    """An agent without its own config gets the engine's."""
    engine.config = {"url": "x"}
    request = wire.GetConfigRequest(plugin_name="hand_agent")
    assert (await stub.get_config(request)).config == {"url": "x"}
    version = engine.store_config("hand_agent", {"url": "y"})
    reply = await stub.get_config(request)
    assert (reply.config, reply.version) == ({"url": "y"}, version)


async def test_kpis_are_those_of_the_tenant(engine: LocalEngine, stub: EngineServiceStub) -> None:
    """KPIs of another tenant are neither listed nor found."""
    engine.kpis = [KPI(id="a", tenant_id="t1", kind="slo"), KPI(id="b", kind="slo"), KPI(id="c")]
    request = wire.ListKPIsRequest(tenant_id="t2", kind="slo")
    assert [kpi.id for kpi in (await stub.list_kpis(request)).kpis] == ["b"]
    assert (await stub.get_kpi(wire.GetKPIRequest(tenant_id="t2", kpi_id="a"))).kpi is None
    found = await stub.get_kpi(wire.GetKPIRequest(tenant_id="t1", kpi_id="a"))
    assert found.kpi is not None
    assert found.kpi.tenant_id == "t1"


async def test_events_and_results_are_kept_with_their_sender(
    engine: LocalEngine, stub: EngineServiceStub
) -> None:
    """An event names its agent and tenant, a result its execution and tenant."""
    await stub.log_event(
        wire.LogEventRequest(
            plugin_name="hand_agent", event_type="x", data_json=b'{"a":"1"}', tenant_id="t1"
        )
    )
    await stub.publish_result(
        wire.PublishResultRequest(execution_id="e1", result_json=b"[1]", tenant_id="t1")
    )
    assert (engine.events[0].plugin_name, engine.events[0].tenant_id) == ("hand_agent", "t1")
    assert engine.events[0].data == {"a": "1"}
    assert (engine.published[0].execution_id, engine.published[0].value) == ("e1", [1])


async def test_a_test_can_wait_for_an_event(engine: LocalEngine, stub: EngineServiceStub) -> None:
    """An event wakes the test that waits for it."""
    waiting = asyncio.create_task(engine.wait_for(lambda: engine.events))
    await asyncio.sleep(0)
    await stub.log_event(
        wire.LogEventRequest(plugin_name="hand_agent", event_type="x", data_json=b"{}")
    )
    assert [event.event for event in await waiting] == ["x"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (EngineError("x", reason="unavailable"), Status.UNAVAILABLE),
        (EngineError("x", reason="internal", status="DATA_LOSS"), Status.DATA_LOSS),
        (EngineError("x", reason="invalid_reply"), Status.INTERNAL),
    ],
)
async def test_a_scripted_error_ends_the_call_with_its_status(
    engine: LocalEngine, stub: EngineServiceStub, error: EngineError, status: Status
) -> None:
    """An `EngineError` is sent as the gRPC status that it stands for."""
    engine.answer_approvals(error)
    engine.answer_plugin("other", "act", error)
    approval = wire.RequestApprovalRequest(required_permission=wire.Permission.MODIFY)
    with pytest.raises(GRPCError) as caught:
        await stub.request_approval(approval)
    assert caught.value.status is status
    with pytest.raises(GRPCError) as caught:
        await stub.call_plugin(call_plugin_request("other", "act"))
    assert caught.value.status is status


async def test_an_unscripted_approval_says_how_to_script_it(stub: EngineServiceStub) -> None:
    """A local engine has no reviewer unless the test scripts one."""
    approval = wire.RequestApprovalRequest(required_permission=wire.Permission.MODIFY)
    with pytest.raises(GRPCError, match=r"script one with answer_approvals\(") as caught:
        await stub.request_approval(approval)
    assert caught.value.status is Status.FAILED_PRECONDITION


@pytest.mark.parametrize(
    "failure", [RuntimeError("no data"), EngineError("no data", reason="plugin_failed")]
)
async def test_another_agents_failure_is_a_response(
    engine: LocalEngine, stub: EngineServiceStub, failure: Exception
) -> None:
    """Another agent that fails is `success=false`, not a gRPC error."""
    engine.answer_plugin("other", "act", failure)
    reply = await stub.call_plugin(call_plugin_request("other", "act"))
    assert (reply.success, reply.error) == (False, "no data")


async def test_a_registered_agent_is_called(engine: LocalEngine, stub: EngineServiceStub) -> None:
    """Without a script, the agent of that name is called."""
    plugin = EchoAgent()
    async with serving(plugin, engine):
        await engine.wait_registered("echo_agent")
        reply = await stub.call_plugin(call_plugin_request("echo_agent", "echo"))
    assert (reply.success, reply.result_json) == (True, b'{"text":"hi","action":"echo"}')
    assert plugin.requests[0].time_range is not None


async def test_an_unknown_agent_is_a_failure(stub: EngineServiceStub) -> None:
    """The response says that the agent is neither scripted nor registered."""
    reply = await stub.call_plugin(call_plugin_request("nobody", "act"))
    assert (reply.success, reply.error) == (False, "there is no agent 'nobody' here")


async def test_an_agent_that_is_gone_is_a_failure(
    engine: LocalEngine, stub: EngineServiceStub
) -> None:
    """An agent that ended without deregistering is still registered, and does not respond."""
    engine.hang("deregister_plugin", times=None)
    async with serving(EchoAgent(), engine, {"MIRASTACK_PLUGIN_SHUTDOWN_GRACE": "0"}):
        await engine.wait_registered("echo_agent")
    reply = await stub.call_plugin(call_plugin_request("echo_agent", "echo"))
    assert not reply.success
    assert "echo_agent cannot be reached" in reply.error


@pytest.mark.contract("Calling other agents: targets of other tenants are refused by the engine")
async def test_an_agent_of_another_tenant_is_not_called(engine: LocalEngine) -> None:
    """An agent calls agents of its own tenant only."""
    tenant = {"MIRASTACK_PLUGIN_TENANT_ID": "t1"}
    async with serving(EchoAgent(), engine, tenant), calling(engine) as stub:
        await engine.wait_registered("echo_agent")
        request = call_plugin_request("echo_agent", "echo")
        request.tenant_id = "t2"
        with pytest.raises(GRPCError, match="'echo_agent' belongs to another tenant") as caught:
            await stub.call_plugin(request)
        assert caught.value.status is Status.PERMISSION_DENIED
        request.tenant_id = "t1"
        assert (await stub.call_plugin(request)).success


@pytest.mark.contract("Calling other agents: the action is in the params and in action_id")
async def test_the_published_sdks_name_the_action_in_the_parameters(
    engine: LocalEngine, stub: EngineServiceStub
) -> None:
    """A call without `action_id` runs the action that the parameters name."""
    engine.answer_plugin("other", "act", {"result": "1"})
    request = call_plugin_request("other", "act")
    request.action_id = ""
    assert (await stub.call_plugin(request)).success
    [call] = engine.plugin_calls
    assert (call.action, call.params) == ("act", {"text": "hi"})


@pytest.mark.contract("Calling other agents: the action is in the params and in action_id")
@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"params_json": b"{}"}, "params_json names the action '', action_id 'act'"),
        ({"target_plugin": "other:act"}, "must be an agent's name, got 'other:act'"),
        ({"target_plugin": " "}, "must be an agent's name, got ' '"),
    ],
)
async def test_a_call_that_engines_do_not_understand_is_refused(
    engine: LocalEngine, stub: EngineServiceStub, change: dict[str, object], text: str
) -> None:
    """The engines of today read the action in the parameters, and the target as a name."""
    request = call_plugin_request("other", "act")
    for name, value in change.items():
        setattr(request, name, value)
    with pytest.raises(GRPCError, match=text) as caught:
        await stub.call_plugin(request)
    assert caught.value.status is Status.INVALID_ARGUMENT
    assert len(engine.violations) == 1


async def test_a_config_that_the_test_changes_is_a_newer_version(
    engine: LocalEngine, stub: EngineServiceStub
) -> None:
    """Agents find a change of `config` with their next heartbeat, as they find a stored one."""
    request = wire.GetConfigRequest(plugin_name="hand_agent")
    engine.config["url"] = "a"
    first, same = await stub.get_config(request), await stub.get_config(request)
    engine.config["url"] = "b"
    changed = await stub.get_config(request)
    assert first.version == same.version < changed.version
