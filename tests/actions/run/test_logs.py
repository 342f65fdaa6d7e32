"""Typed actions add log lines to their results, with a parameter of type `Logs`."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

import pytest

from mirastack_sdk import respond_error, respond_json, respond_map
from mirastack_sdk.agent import ActionError, Depends, Logs
from mirastack_sdk.errors import InvalidPluginError
from mirastack_sdk.plugin import ExecuteResponse
from tests.actions.agents import new_agent


async def test_log_lines_stand_beside_the_result() -> None:
    """The function still returns its own type; its lines come before the SDK's notes."""
    agent = new_agent()

    @agent.action(result_limit=100)
    async def search(logs: Logs, query: str = "") -> list[str]:
        """Search."""
        logs.append("2 shards did not respond")
        return ["x" * 200]

    (declared,) = agent.schema().actions
    assert list(declared.input_params) == ["query"]
    found = await agent.call("search", colour="red")
    assert isinstance(found.value, list)
    first, cut, ignored = found.logs
    assert first == "2 shards did not respond"
    assert cut.startswith("[0]: showing")
    assert ignored.startswith("colour was ignored")
    assert found.error == ""


async def test_each_call_has_its_own_lines() -> None:
    """Calls that run at once do not mix their lines."""
    agent = new_agent()

    @agent.action
    async def search(query: str, logs: Logs) -> str:
        """Search."""
        logs.append(f"began {query}")
        await asyncio.sleep(0)
        logs.append(f"ended {query}")
        return query

    found = await asyncio.gather(*(agent.call("search", query=query) for query in ("a", "b")))
    assert [one.logs for one in found] == [["began a", "ended a"], ["began b", "ended b"]]


async def test_dependencies_add_lines_too() -> None:
    """A generator that is a dependency may do so when it closes."""
    agent = new_agent()

    async def client(logs: Logs) -> AsyncIterator[str]:
        logs.append("connected again")
        yield "client"
        logs.append("closed")

    @agent.action
    async def search(client: Annotated[str, Depends(client)], logs: Logs) -> str:
        """Search."""
        logs.append("searched")
        return client

    assert (await agent.call("search")).logs == ["connected again", "searched", "closed"]


async def test_plain_functions_and_streams_add_lines() -> None:
    """From their thread, and between the values."""
    agent = new_agent()

    @agent.action
    def plain(logs: Logs) -> int:
        """Count."""
        logs.append("in a thread")
        return 1

    @agent.action
    def stream(logs: Logs) -> Iterator[int]:
        """Count."""
        yield 1
        logs.append("between")
        yield 2

    assert (await agent.call("plain")).logs == ["in a thread"]
    assert (await agent.call("stream")).logs == ["between"]


async def test_lines_are_kept_without_a_result() -> None:
    """After an `ActionError`, a timeout, or in a response of the author's own."""
    agent = new_agent()

    @agent.action
    async def refuse(logs: Logs) -> None:
        """Refuse."""
        logs.append("tried twice")
        raise ActionError("no such index")

    @agent.action(timeout=0.01)
    async def hang(logs: Logs) -> None:
        """Hang."""
        logs.append("waiting for the backend")
        await asyncio.Event().wait()

    @agent.action
    async def own(logs: Logs) -> ExecuteResponse:
        """Answer."""
        logs.append("from the cache")
        return respond_map({"rows": 2}, logs=["own"])

    refused = await agent.call("refuse")
    assert refused.logs == ["no such index", "tried twice"]
    assert refused.error == "no such index\ntried twice"
    assert (await agent.call("hang")).logs[1:] == ["waiting for the backend"]
    answered = await agent.call("own")
    assert (answered.value, answered.logs) == ({"rows": 2}, ["own", "from the cache"])


async def test_a_response_of_the_authors_own_has_a_value() -> None:
    """Whatever it was made with."""
    agent = new_agent()
    responses = {
        "json": respond_json([1, 2]),
        "error": respond_error("no such index"),
        "documented": ExecuteResponse({"result": "3"}),
    }

    @agent.action
    async def answer(how: str) -> ExecuteResponse:
        """Answer."""
        return responses[how]

    assert (await agent.call("answer", how="json")).read(list[int]) == [1, 2]
    assert (await agent.call("answer", how="documented")).value == 3
    assert (await agent.call("answer", how="error")).error == "no such index"


def test_a_health_check_has_no_logs() -> None:
    """Nobody would read them."""
    agent = new_agent()

    @agent.health
    async def check(logs: Logs) -> None:
        logs.append("well")

    with pytest.raises(InvalidPluginError, match='"logs"'):
        agent.schema()
