"""EngineContext: the published calls of the engine, with their published values."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from mirastack_sdk import KPI, Approval, EngineError, MockEngineClient, make_execute_request
from mirastack_sdk import plugin as ours
from mirastack_sdk.compat import (
    EngineContext,
    ExecuteRequest,
    ExecuteResponse,
    Permission,
    PluginAdapter,
    TimeRange,
)
from mirastack_sdk.errors import ConfigurationError
from mirastack_sdk.security import Security
from mirastack_sdk.testing import CacheSetCall, CallPluginCall, LocalEngine, RequestApprovalCall
from tests.compat.probe import Probe
from tests.reliability.tls.certificates import LOOPBACK, Authority


@pytest.fixture
def engine() -> MockEngineClient:
    return MockEngineClient(config={"url": "x", "limit": "3"})


@pytest.fixture
def context(engine: MockEngineClient) -> EngineContext:
    return EngineContext.over(engine, "tenant-1")


async def test_the_tenant_is_known(context: EngineContext) -> None:
    """`tenant_id` is a property that only reads."""
    assert context.tenant_id == "tenant-1"
    with pytest.raises(AttributeError):
        setattr(context, "tenant_id", "other")  # noqa: B010 - a checker refuses the assignment


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (None, {"url": "x", "limit": "3"}),
        ([], {"url": "x", "limit": "3"}),
        (["limit", "unknown"], {"limit": "3"}),
    ],
)
async def test_config(
    context: EngineContext, keys: list[str] | None, expected: dict[str, str]
) -> None:
    """Without keys there is all of it; keys that are not set are left out."""
    assert await context.get_config(keys) == expected


async def test_the_cache(context: EngineContext) -> None:
    """Values are text, a miss is None, and a batch says what was found, in the order asked."""
    await context.cache_set("probe:a", "1")
    assert await context.cache_get("probe:a") == "1"
    assert await context.cache_get("probe:b") is None
    assert await context.cache_get_batch(["probe:b", "probe:a"]) == [
        {"key": "probe:b", "value": "", "found": False},
        {"key": "probe:a", "value": "1", "found": True},
    ]


@pytest.mark.parametrize(
    ("ttl", "seconds"),
    [
        (None, 0),
        (0, 0),
        (300, 300),
        (timedelta(minutes=5), 300),
        (timedelta(seconds=2.9), 2),
        (timedelta(seconds=0.5), 1),
        (timedelta(0), 0),
    ],
)
async def test_how_long_a_value_is_kept(
    context: EngineContext, engine: MockEngineClient, ttl: timedelta | int | None, seconds: int
) -> None:
    """Whole seconds; what is shorter than one does not become a value that never expires."""
    await context.cache_set("probe:a", "1", ttl)
    (call,) = engine.calls
    assert isinstance(call, CacheSetCall)
    assert call.ttl == seconds


async def test_partial_results(context: EngineContext, engine: MockEngineClient) -> None:
    """A partial result is the JSON of the execution that is named."""
    await context.publish_result("execution-9", {"rows": [1, 2]})
    (published,) = engine.published
    assert published.execution_id == "execution-9"
    assert published.value == {"rows": [1, 2]}


@pytest.mark.parametrize("approved", [True, False])
@pytest.mark.parametrize(
    ("permission", "sent"),
    [
        (Permission.ADMIN, ours.Permission.ADMIN),
        (Permission.MODIFY, ours.Permission.MODIFY),
        (Permission.WRITE, ours.Permission.MODIFY),
    ],
)
async def test_approvals(
    context: EngineContext,
    engine: MockEngineClient,
    approved: bool,
    permission: Permission,
    sent: ours.Permission,
) -> None:
    """The answer is a bool, the permission the one that is asked for."""
    engine.answer_approvals(Approval(approved=approved))
    assert await context.request_approval("execution-9", "Restart it", permission) is approved
    (call,) = engine.calls
    assert isinstance(call, RequestApprovalCall)
    assert call.ctx is not None
    assert (call.ctx.execution_id, call.description) == ("execution-9", "Restart it")
    assert call.permission is sent


async def test_events(context: EngineContext, engine: MockEngineClient) -> None:
    """The message is the event, the level its severity; no field replaces them or is lost."""
    await context.log_event("warning", "probe.slow", {"rows": 3, "event": "x", "level": "y"})
    await context.log_event("", "probe.ran")
    slow, ran = engine.events
    assert (slow.event, slow.severity) == ("probe.slow", "warning")
    assert dict[str, object](slow.data) == {"rows": 3, "event_": "x", "level": "y"}
    assert (ran.severity, ran.data) == ("info", {})


async def test_calls_of_other_agents(context: EngineContext, engine: MockEngineClient) -> None:
    """The action is in the params; the target is trimmed, the result a dict."""
    engine.answer_plugin("logs", "query", {"result": "7"})
    found = await context.call_plugin(" logs ", {"action": "query", "limit": 7})
    assert found == {"result": "7"}
    (call,) = engine.calls
    assert isinstance(call, CallPluginCall)
    assert (call.plugin, call.action) == ("logs", "query")
    assert call.params == {"limit": "7"}


@pytest.mark.parametrize("given", [TimeRange(1, 2), {"start_epoch_ms": 1, "end_epoch_ms": 2}])
async def test_calls_with_a_time_range(
    context: EngineContext, engine: MockEngineClient, given: TimeRange | dict[str, int]
) -> None:
    """A time range goes along, as an object or as a dict."""
    engine.answer_plugin("logs", "query", {"result": "7"})
    await context.call_plugin_with_time_range("logs", {"action": "query"}, given)
    (call,) = engine.calls
    assert isinstance(call, CallPluginCall)
    assert call.time_range is not None
    assert (call.time_range.start_epoch_ms, call.time_range.end_epoch_ms) == (1, 2)


@pytest.mark.contract("Calling other agents: a target with a colon is refused with advice")
@pytest.mark.parametrize("target", ["", "  ", "logs:query"])
async def test_targets_that_no_engine_finds(context: EngineContext, target: str) -> None:
    """An empty target, and one with an action in it, are refused with advice."""
    with pytest.raises(ValueError, match="pass the agent's name alone"):
        await context.call_plugin(target, {"action": "query"})


async def test_failures(context: EngineContext, engine: MockEngineClient) -> None:
    """An agent that fails is a RuntimeError with its name; what else fails is an EngineError."""
    engine.answer_plugin("logs", "query", RuntimeError("too many rows"))
    with pytest.raises(RuntimeError, match=r"'logs'.*too many rows"):
        await context.call_plugin("logs", {"action": "query"})
    engine.fail_always("call_plugin", EngineError("down", reason="unavailable"))
    with pytest.raises(EngineError, match="down"):
        await context.call_plugin("logs", {"action": "query"})


async def test_indicators() -> None:
    """Indicators are dicts with the published fields."""
    known = KPI(id="k-1", name="latency", kind="latency", layer="app", created_at=3)
    context = EngineContext.over(MockEngineClient(kpis=[known]))
    (found,) = await context.list_kpis("latency", "app")
    assert found == await context.get_kpi("k-1")
    assert len(found) == 14
    assert (found["id"], found["name"], found["created_at"]) == ("k-1", "latency", 3)
    assert await context.list_kpis("other") == []
    assert await context.get_kpi("k-2") is None


async def test_calls_belong_to_the_running_execution() -> None:
    """During an execution, calls carry its step, and go through its own client."""
    outside, inside = MockEngineClient(), MockEngineClient()

    async def publish(probe: Probe, req: ExecuteRequest) -> ExecuteResponse:
        await probe._engine_context.publish_result(req.execution_id, {"part": 1})  # noqa: SLF001 - as agents do
        await probe._engine_context.cache_set("probe:a", "1")  # noqa: SLF001 - as agents do
        return ExecuteResponse()

    agent = PluginAdapter(Probe(publish), engine_client=outside)
    ctx = ours.Context(execution_id="e-1", step_id="s-1")
    await agent.execute(make_execute_request(action="run", engine_client=inside, ctx=ctx))
    assert outside.calls == []
    assert [call.ctx for call in inside.calls] == [ctx, ctx]


async def test_tasks_that_outlive_their_execution_call_the_engine_all_the_same() -> None:
    """What an execution has started, and not awaited, uses the agent's own client afterwards."""
    outside, inside = MockEngineClient(), MockEngineClient()
    later: list[asyncio.Task[None]] = []

    async def start(probe: Probe, req: ExecuteRequest) -> ExecuteResponse:
        call = probe._engine_context.cache_set("probe:a", "1")  # noqa: SLF001 - as agents do
        later.append(asyncio.create_task(call))
        return ExecuteResponse()

    agent = PluginAdapter(Probe(start), engine_client=outside)
    await agent.execute(make_execute_request(action="run", engine_client=inside))
    await later[0]
    assert (len(outside.calls), len(inside.calls)) == (1, 0)


async def test_a_context_of_ones_own() -> None:
    """Made by hand, it has a connection of its own, on any event loop, until it is closed."""
    async with LocalEngine() as engine:
        context = EngineContext(engine.address, "probe", "tenant-1")
        await context.cache_set("probe:a", "ü", timedelta(seconds=9))
        assert await context.cache_get("probe:a") == "ü"
        other_loop = asyncio.to_thread(lambda: asyncio.run(context.cache_get("probe:a")))
        assert await other_loop == "ü"
        known = await asyncio.to_thread(context.heartbeat, "instance-1")
        assert known["re_register_required"] is True
        registered = await asyncio.to_thread(
            context.register_self, "127.0.0.1:1", 1, "1.0.0", "instance-1"
        )
        assert registered["success"] is False
        assert "127.0.0.1:1" in str(registered["error"])
        gone = await asyncio.to_thread(context.deregister_self, "instance-1")
        assert "acknowledged" in gone
        await context.close()
        await context.close()
    assert {call.tenant_id for call in engine.calls if call.method == "cache_set"} == {"tenant-1"}


async def test_a_context_of_ones_own_is_protected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment's TLS settings and token protect its connection."""
    authority = Authority(tmp_path)
    security = Security(
        server=authority.issue(*LOOPBACK).server(), client=authority.trusted(), token="s3cret-token"
    )
    monkeypatch.setenv("MIRASTACK_ENGINE_TLS_CA", str(authority.ca))
    monkeypatch.setenv("MIRASTACK_AUTH_TOKEN", "s3cret-token")
    async with LocalEngine(security=security) as engine:
        context = EngineContext(engine.address, "probe")
        await context.cache_set("probe:a", "1")
        assert await context.cache_get("probe:a") == "1"
        await context.close()


async def test_a_context_of_ones_own_without_an_engine() -> None:
    """Calls raise EngineError while the engine is down; a useless address is refused at once."""
    with pytest.raises(ValueError, match="must be host:port"):
        EngineContext(" ", "probe")
    with pytest.raises(ConfigurationError, match="nowhere"):
        EngineContext("nowhere", "probe")
    context = EngineContext("127.0.0.1:1", "probe")
    with pytest.raises(EngineError):
        await asyncio.to_thread(context.heartbeat, "instance-1")
    await context.close()


async def test_serve_registers_by_itself(context: EngineContext) -> None:
    """The context of a served agent registers nobody: serve() does."""
    for call in (context.heartbeat, context.deregister_self):
        with pytest.raises(RuntimeError, match=r"serve\(\) registers this agent itself"):
            call("instance-1")
    with pytest.raises(RuntimeError, match=r"serve\(\) registers this agent itself"):
        context.register_self("127.0.0.1:1", 1, "1.0.0", "instance-1")
    await context.close()
