"""An action that yields publishes each value, and returns all of them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import Context
from mirastack_sdk.results import ResultError
from mirastack_sdk.testing import MockEngineClient, make_execute_request
from tests.actions.agents import TIMEOUT, new_agent


@dataclass
class Line:
    """One line of a log."""

    message: str
    count: int = 1


async def test_a_stream_publishes_each_item() -> None:
    """Each yielded value is a partial result; all of them together are the result."""
    agent = new_agent()

    @agent.action
    async def search() -> AsyncIterator[Line]:
        """Search."""
        yield Line("a")
        yield Line("b")

    engine = MockEngineClient()
    found = await agent.call("search", engine_client=engine)
    assert found.value == [{"message": "a", "count": 1}, {"message": "b", "count": 1}]
    assert list(found.partials) == found.value
    assert [published.partial_json for published in engine.published] == [
        '{"message":"a","count":1}',
        '{"message":"b","count":1}',
    ]


class Contexts(MockEngineClient):
    """An author's engine that looks at the context of what is published."""

    def __init__(self) -> None:
        super().__init__()
        self.published_in: list[Context | None] = []

    async def publish_result(self, ctx: Context | None, partial_json: str) -> None:
        """Keep the context."""
        self.published_in.append(ctx)
        await super().publish_result(ctx, partial_json)


async def test_partial_results_name_their_execution() -> None:
    """An author's own engine client receives the context of the request."""
    agent = new_agent()

    @agent.action
    async def search() -> AsyncIterator[int]:
        """Search."""
        yield 1

    engine, ctx = Contexts(), Context(execution_id="e-7")
    request = make_execute_request(engine_client=engine, action="search", ctx=ctx)
    await agent.execute(request)
    assert engine.published_in == [ctx]


async def test_a_stream_continues_if_publishing_fails() -> None:
    """The result is complete all the same."""
    agent = new_agent()

    @agent.action
    async def search() -> AsyncIterator[int]:
        """Search."""
        yield 1
        yield 2

    engine = MockEngineClient()
    engine.fail_always("publish_result", EngineError("down", reason="unavailable"))
    found = await agent.call("search", engine_client=engine)
    assert found.value == [1, 2]
    assert found.logs == ["partial results could not be shown: unavailable"]
    assert len(engine.calls) == 1


async def test_a_stream_is_closed_after_an_invalid_item() -> None:
    """It is not left for the garbage collector."""
    agent = new_agent()
    closed: list[bool] = []

    @agent.action
    async def search() -> AsyncIterator[float]:
        """Search."""
        try:
            yield float("nan")
        finally:
            closed.append(True)

    with pytest.raises(ResultError, match="NaN"):
        await agent.call("search")
    assert closed == [True]


async def test_a_stream_is_closed_when_its_call_is_cancelled() -> None:
    """Its `finally` runs before the call has ended."""
    agent = new_agent()
    waiting, closed = asyncio.Event(), asyncio.Event()

    @agent.action
    async def search() -> AsyncIterator[int]:
        """Search."""
        try:
            yield 1
            waiting.set()
            await asyncio.Event().wait()
        finally:
            closed.set()

    call = asyncio.create_task(agent.call("search"))
    await asyncio.wait_for(waiting.wait(), TIMEOUT)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert closed.is_set()
