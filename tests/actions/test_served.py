"""An agent with typed actions beside an engine."""

import asyncio
import functools
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

import pytest

from mirastack_sdk import serve_async
from mirastack_sdk.agent import ActionError, Agent, Depends
from mirastack_sdk.plugin import (
    ExecuteRequest,
    ExecuteResponse,
    IntentPattern,
    Permission,
    RoutingSemantics,
)
from mirastack_sdk.testing import AgentClient, Encoding, LocalEngine
from tests.actions.agents import TIMEOUT, new_agent

EVENTS: list[str] = []


@dataclass
class Line:
    """One line of a log."""

    message: str


async def client() -> AsyncIterator[str]:
    EVENTS.append("open")
    yield "client"
    EVENTS.append("close")


def count(count: int) -> Iterator[int]:
    """Yield numbers from a thread."""
    try:
        for number in range(count):
            EVENTS.append(f"made {number}")
            yield number
    finally:
        EVENTS.append("counted")


def logs_agent() -> Agent:
    """An agent with one action of each kind."""
    agent = new_agent()

    @agent.action(
        intents=["find errors of *", IntentPattern("search *", priority=9)],
        routing=RoutingSemantics([" Core.Observe.Logs"], "core.observe.logs.search", ["Search"]),
    )
    async def search(
        query: str, limit: int = 2, *, client: Annotated[str, Depends(client, lifetime="agent")]
    ) -> list[Line]:
        """Search log entries.

        Args:
            query: What to look for.
            limit: At most so many.
            client: Not for language models.
        """
        return [Line(f"{client}: {query}")] * limit

    @agent.action
    async def fail(how: str) -> float:
        """Fail in one of several ways."""
        if how == "shown":
            raise ActionError("there is no such index")
        if how == "nan":
            return float("nan")
        raise RuntimeError("password=hunter2 was refused by http://db.internal:5432")

    @agent.action
    async def follow(count: int) -> AsyncIterator[int]:
        """Give numbers one by one."""
        for number in range(count):
            yield number

    agent.action(count)
    return agent


@asynccontextmanager
async def served(agent: Agent | None = None) -> AsyncIterator[tuple[LocalEngine, AgentClient]]:
    """The agent, registered with an engine."""
    EVENTS.clear()
    stop = asyncio.Event()
    async with LocalEngine() as engine, asyncio.TaskGroup() as tasks:
        environ = {
            "MIRASTACK_ENGINE_ADDR": engine.address,
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
        }
        tasks.create_task(serve_async(agent or logs_agent(), environ=environ, stop=stop))
        async with asyncio.timeout(TIMEOUT):
            yield engine, await engine.wait_registered("logs")
        stop.set()
    assert engine.violations == []


async def test_a_method_around_execute_is_not_bypassed() -> None:
    """An author's wrapper of the class's `execute` runs before the typed action, as written."""

    def wraps_the_base[Method: Callable[..., object]](method: Method) -> Method:
        functools.update_wrapper(method, Agent.execute)
        return method

    class Wrapped(Agent):
        @wraps_the_base
        async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
            EVENTS.append(f"wrapped {req.action}")
            return await super().execute(req)

    agent = Wrapped(
        name="logs",
        version="1.0.0",
        description="Searches logs.",
        permission=Permission.READ,
        devops_stages=["observe"],
    )
    agent.action(count)
    async with served(agent) as (_, registered):
        await registered.execute("count", {"count": 1})
    assert EVENTS == ["wrapped count", "made 0", "counted"]


@pytest.mark.parametrize("encoding", list(Encoding))
async def test_the_engine_receives_results(encoding: Encoding) -> None:
    """Parameters of every JSON type arrive; the result is JSON under its key."""
    async with served() as (_, agent):
        found = await agent.execute("search", {"query": "a", "limit": 1}, encoding=encoding)
        assert json.loads(found.output["result"]) == [{"message": "client: a"}]
        again = await agent.execute("search", {"query": "b", "limit": "1.0"}, encoding=encoding)
        assert json.loads(again.output["result"]) == [{"message": "client: b"}]


async def test_the_engine_receives_declarations() -> None:
    """They are made from the signatures."""
    async with served() as (_, agent):
        schema = await agent.schema()
    search = schema.actions[0]
    assert search.description == "Search log entries."
    phrase, pattern = search.intents
    assert (phrase, pattern) == ("find errors of *", IntentPattern("search *", priority=9))
    assert search.routing_semantics == RoutingSemantics(
        ["core.observe.logs"], "core.observe.logs.search", ["Search"]
    )
    assert list(search.input_params) == ["query", "limit"]
    assert search.input_params["query"].description == "What to look for."
    assert search.output_params["result"].type == "array"


async def test_shared_resources_are_closed_when_the_agent_stops() -> None:
    """All executions share one client, which is closed after the last."""
    async with served() as (_, agent):
        await agent.execute("search", {"query": "a"})
        await agent.execute("search", {"query": "b"})
        assert EVENTS == ["open"]
    assert EVENTS == ["open", "close"]


@pytest.mark.contract(
    "What reaches the language model: an answer that is no result has an error beside its logs"
)
async def test_wrong_parameters_succeed_with_advice() -> None:
    """A language model reads the logs only of an execution that succeeded."""
    async with served() as (_, agent):
        found = await agent.execute("search", {"limit": "many"})
    assert found.output == {"error": "\n".join(found.logs)}
    assert found.logs[1:] == [
        "query is required: expected string",
        'limit: expected integer, got "many"',
    ]


async def test_an_action_error_succeeds_with_its_text() -> None:
    """Its text is the response."""
    async with served() as (_, agent):
        assert (await agent.execute("fail", {"how": "shown"})).logs == ["there is no such index"]


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ("nan", "the result is NaN, which JSON does not allow"),
        ("else", "password=[secret] was refused by [address]"),
    ],
)
async def test_other_exceptions_fail_with_a_clean_text(how: str, error: str) -> None:
    """Neither an address nor a credential leaves the process."""
    async with served() as (_, agent):
        found = await agent.execute("fail", {"how": how})
    assert not found.success
    assert found.error == error


@pytest.mark.parametrize("action", ["follow", "count"])
async def test_partial_results_reach_the_engine(action: str) -> None:
    """Each yielded value is sent, then all of them."""
    async with served() as (engine, agent):
        found = await agent.execute(action, {"count": "3"})
        assert found.output == {"result": "[0,1,2]"}
        assert [published.partial_json for published in engine.published] == ["0", "1", "2"]


async def test_a_generator_is_closed_when_its_caller_disconnects() -> None:
    """It stops at its `yield`, and its `finally` runs."""
    async with served() as (_, agent):
        call = asyncio.create_task(agent.execute("count", {"count": "1000000"}))
        while "made 0" not in EVENTS:
            await asyncio.to_thread(threading.current_thread)
        call.cancel()
        while "counted" not in EVENTS:
            await asyncio.to_thread(threading.current_thread)
    assert EVENTS[-1] == "counted"
    assert len(EVENTS) < 1_000_000
