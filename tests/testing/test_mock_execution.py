"""The client of one execution ends with it, in front of a mock as in front of an engine."""

import asyncio
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mirastack_sdk.agent import Agent
from mirastack_sdk.engine import Approval, EngineClient, License
from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import Context, Permission, TimeRange
from mirastack_sdk.testing import MockEngineClient, RequestApprovalCall, make_execute_request
from tests.testing.agents import EchoAgent

TIMEOUT = 10.0
RANGE = TimeRange(1_000, 2_000, "UTC", "a second")

type Call = Callable[[EngineClient], Awaitable[object]]

CALLS: dict[str, Call] = {
    "cache_get": lambda engine: engine.cache_get(None, "logs:a"),
    "cache_get_batch": lambda engine: engine.cache_get_batch(None, ["logs:a"]),
    "cache_set": lambda engine: engine.cache_set(None, "logs:a", "1"),
    "log_event": lambda engine: engine.log_event(None, {"event": "logs.read"}),
    "publish_result": lambda engine: engine.publish_result(None, "{}"),
    "get_config": lambda engine: engine.get_config(None),
    "request_approval": lambda engine: engine.request_approval(None, "Restart checkout"),
    "call_plugin": lambda engine: engine.call_plugin(None, "billing", "get"),
    "list_kpis": lambda engine: engine.list_kpis(None),
    "get_kpi": lambda engine: engine.get_kpi(None, "latency"),
}


def mock_engine() -> MockEngineClient:
    """A mock that answers every call."""
    mock = MockEngineClient(license=License(active=True))
    mock.answer_approvals(Approval(approved=True))
    mock.answer_plugin("billing", "get", {"result": "1"})
    return mock


class Keeper:
    """An agent whose action makes a call, and keeps its engine client."""

    def __init__(self, make_call: Call) -> None:
        self.kept: list[EngineClient] = []
        self.agent = Agent(
            name="logs",
            version="1.0.0",
            description="Keeps its engine client.",
            permission=Permission.READ,
            devops_stages=["observe"],
        )

        @self.agent.action
        async def use(engine: EngineClient) -> None:
            """Make the call."""
            self.kept.append(engine)
            await make_call(engine)

        @self.agent.action
        def use_in_a_thread(engine: EngineClient) -> None:
            """Make the call on an event loop in a thread."""

            async def run() -> None:
                await make_call(engine)

            self.kept.append(engine)
            asyncio.run(run())


@pytest.mark.parametrize("action", ["use", "use_in_a_thread"])
@pytest.mark.parametrize("method", CALLS)
async def test_no_call_outlives_its_execution(method: str, action: str) -> None:
    """A client that is kept fails as in production, also while another execution runs."""
    mock, keeper = mock_engine(), Keeper(CALLS[method])
    await keeper.agent.call(action, engine_client=mock)
    (kept,) = keeper.kept
    with pytest.raises(EngineError, match="has ended") as caught:
        await CALLS[method](kept)
    assert (caught.value.reason, caught.value.retryable) == ("execution_ended", False)
    await keeper.agent.call(action, engine_client=mock)
    with pytest.raises(EngineError, match="has ended"):
        await CALLS[method](kept)
    assert [call.method for call in mock.calls] == [method] * 2


@pytest.mark.parametrize("method", CALLS)
async def test_the_test_itself_may_use_the_mock_at_any_time(method: str) -> None:
    """Only the agent's client ends, not the mock behind it."""
    mock, keeper = mock_engine(), Keeper(CALLS[method])
    await keeper.agent.call("use", engine_client=mock)
    await CALLS[method](mock)
    assert [call.method for call in mock.calls] == [method] * 2


async def test_a_call_that_waits_ends_with_its_execution() -> None:
    """A task that the agent has left behind gets the error as soon as the action returns."""
    mock, left = mock_engine(), list[asyncio.Task[object]]()
    asked = asyncio.Event()

    async def never(_: RequestApprovalCall) -> Approval:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def leave(engine: EngineClient) -> None:
        left.append(asyncio.ensure_future(engine.request_approval(None, "Restart checkout")))
        await asked.wait()

    mock.answer_approvals(never)
    await Keeper(leave).agent.call("use", engine_client=mock)
    await asyncio.wait(left, timeout=TIMEOUT)
    with pytest.raises(EngineError, match="has ended") as caught:
        await left[0]
    assert caught.value.reason == "execution_ended"


@pytest.mark.parametrize("error", [RuntimeError("failed"), asyncio.CancelledError()])
async def test_an_execution_that_fails_ends_as_well(error: BaseException) -> None:
    """Whatever the action raises."""

    async def fail(_: EngineClient) -> None:
        raise error

    keeper = Keeper(fail)
    with pytest.raises(type(error)):
        await keeper.agent.call("use", engine_client=mock_engine())
    with pytest.raises(EngineError, match="has ended"):
        await keeper.kept[0].get_config(None)


async def test_a_call_has_the_range_and_the_context_of_its_execution() -> None:
    """Those that the action passes on have priority, as in production."""
    mock = mock_engine()
    other = TimeRange(5, 6, "UTC", "other")

    async def call(engine: EngineClient) -> None:
        await engine.call_plugin(None, "billing", "get")
        await engine.call_plugin(Context(execution_id="own"), "billing", "get", time_range=other)

    await Keeper(call).agent.call("use", engine_client=mock, time_range=RANGE)
    first, second = mock.calls_of("call_plugin")
    assert (first.time_range, first.ctx.execution_id) == (RANGE, "execution-1")
    assert (second.time_range, second.ctx.execution_id) == (other, "own")


async def test_executions_at_once_do_not_end_each_other() -> None:
    """Each has a client of its own in front of one mock."""
    mock, goes_on = mock_engine(), asyncio.Event()

    async def wait(engine: EngineClient) -> None:
        if len(keeper.kept) == 1:
            await goes_on.wait()
        await engine.get_config(None)

    keeper = Keeper(wait)
    first = asyncio.create_task(keeper.agent.call("use", engine_client=mock))
    while not keeper.kept:  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0)
    await keeper.agent.call("use", engine_client=mock)
    goes_on.set()
    await first
    assert len(mock.calls_of("get_config")) == 2


async def test_an_execution_of_a_documented_agent() -> None:
    """`execution` gives the client for a request, and ends it with the block."""
    mock, plugin = mock_engine(), EchoAgent()
    ctx = Context(execution_id="e1", step_id="s1")
    with mock.execution(ctx, RANGE) as client:
        await plugin.execute(make_execute_request({"text": "hi"}, client, ctx=ctx))
        (request,) = plugin.requests
        assert request.engine_client is client
        assert client.license == mock.license
        await client.call_plugin(None, "billing", "get")
    assert mock.calls_of("call_plugin")[0].ctx is ctx
    assert mock.calls_of("call_plugin")[0].time_range == RANGE
    with pytest.raises(EngineError, match="has ended"):
        await request.engine_client.get_config(request.ctx)


async def test_a_warning_names_the_line_of_the_agent() -> None:
    """A cache key without the agent's name is reported where it is used."""
    mock = mock_engine()
    with warnings.catch_warnings(record=True) as reported:
        warnings.simplefilter("always")
        with mock.execution() as client:
            await client.cache_get(None, "a")
        await mock.cache_get(None, "a")
    assert {warning.filename for warning in reported} == {str(Path(__file__))}
    assert len(reported) == 2


@pytest.mark.parametrize(
    "call",
    [
        lambda engine, text: engine.cache_set(None, "logs:a", text),
        lambda engine, text: engine.publish_result(None, f'"{text}"'),
        lambda engine, text: engine.call_plugin(None, "billing", "get", {"text": text}),
    ],
    ids=["cache_set", "publish_result", "call_plugin"],
)
async def test_a_message_may_be_as_large_as_in_production(
    call: Callable[[EngineClient, str], Awaitable[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A larger one is refused before the engine receives it."""
    monkeypatch.setattr("mirastack_sdk.testing._mock_engine.DEFAULT_MAX_MESSAGE_BYTES", 1_000)
    mock = mock_engine()
    await call(mock, "x" * 900)
    with pytest.raises(EngineError, match="too large") as caught:
        await call(mock, "x" * 1_000)
    assert (caught.value.reason, caught.value.retryable) == ("resource_exhausted", False)
    assert len(mock.calls) == 1
