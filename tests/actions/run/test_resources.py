"""Shared resources are opened once and closed when the agent stops."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Annotated

import pytest

from mirastack_sdk._actions.catalog import AgentFunctions, read_catalog
from mirastack_sdk._actions.options import ActionFunction
from mirastack_sdk._actions.run.injection import Generation, Resources
from mirastack_sdk._actions.run.kept_resource import KeptResource
from mirastack_sdk._actions.run.runner import ActionRunner
from mirastack_sdk._actions.workers.worker_pool import Workers
from mirastack_sdk.agent import Agent, Depends
from mirastack_sdk.errors import InvalidPluginError
from mirastack_sdk.plugin import Context, TimeRange
from mirastack_sdk.testing import make_execute_request
from tests.actions.agents import TIMEOUT, new_agent

EVENTS: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    """Each test begins without any."""
    EVENTS.clear()


@dataclass
class Limit:
    """A value that the agent has one of."""

    rows: int


class Client:
    """What is opened and closed."""

    def __init__(self) -> None:
        EVENTS.append("made")


def plain() -> Client:
    return Client()


async def async_generator() -> AsyncIterator[Client]:
    try:
        yield Client()
    finally:
        EVENTS.append("closed")


def agent_of(factory: Callable[..., object]) -> Agent:
    """An agent whose one action depends on something that lives as long as the agent."""
    agent = new_agent()

    @agent.action
    async def search(client: Annotated[object, Depends(factory, lifetime="agent")]) -> str:
        """Search."""
        EVENTS.append("used")
        return str(client)

    return agent


async def test_a_shared_resource_is_opened_once() -> None:
    """All executions share it, and it is closed when the agent stops."""
    agent = agent_of(async_generator)
    async with agent.running():
        await agent.call("search")
        await agent.call("search")
        assert EVENTS == ["made", "used", "used"]
    assert EVENTS == ["made", "used", "used", "closed"]


async def test_without_a_running_agent_each_call_opens_its_own() -> None:
    """A unit test leaves nothing open."""
    agent = agent_of(async_generator)
    await agent.call("search")
    await agent.call("search")
    assert EVENTS == ["made", "used", "closed"] * 2


async def test_a_failed_open_is_tried_again() -> None:
    """A backend that was down at first may come back."""
    attempts: list[int] = []

    async def flaky() -> str:
        attempts.append(1)
        if len(attempts) == 1:
            raise RuntimeError("down")
        return "open"

    agent = agent_of(flaky)
    async with agent.running():
        with pytest.raises(RuntimeError, match="down"):
            await agent.call("search")
        assert (await agent.call("search")).value == "open"


async def test_resources_are_opened_and_closed_in_one_task() -> None:
    """A resource may contain a task group, whichever call opened it."""

    async def grouped() -> AsyncIterator[str]:
        async with asyncio.TaskGroup(), asyncio.timeout(TIMEOUT):
            yield "open"
        EVENTS.append("closed")

    agent = agent_of(grouped)
    async with agent.running():
        assert (await asyncio.create_task(agent.call("search"))).value == "open"
    assert EVENTS == ["used", "closed"]


async def test_a_cancelled_call_does_not_cancel_the_opening() -> None:
    """Other calls that wait for the same resource get it."""
    opening, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> str:
        opening.set()
        await go_on.wait()
        return "open"

    agent = agent_of(slow)
    async with asyncio.timeout(TIMEOUT), agent.running(), asyncio.TaskGroup() as tasks:
        impatient = tasks.create_task(agent.call("search"))
        await opening.wait()
        patient = tasks.create_task(agent.call("search"))
        impatient.cancel()
        go_on.set()
    assert patient.result().value == "open"
    assert impatient.cancelled()


async def test_a_failed_close_does_not_stop_the_shutdown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is logged, and the agent ends."""

    async def stubborn() -> AsyncIterator[str]:
        yield "open"
        raise RuntimeError("does not close")

    agent = agent_of(stubborn)
    async with agent.running():
        await agent.call("search")
    assert "could not be closed" in caplog.text


async def test_an_agent_runs_once_at_a_time() -> None:
    """Two servers of one object would close each other's resources."""
    agent = agent_of(plain)
    async with agent.running():
        with pytest.raises(RuntimeError, match="running already"):
            async with agent.running():
                pass


async def test_a_renewal_waits_for_running_calls() -> None:
    """Running calls keep their resources; later calls get new ones."""
    resources, closed = Resources({str: "old"}), asyncio.Event()

    async def opened(generation: Generation) -> object:
        async def open_one(stack: AsyncExitStack, _: KeptResource) -> object:
            stack.callback(closed.set)
            stack.callback(EVENTS.append, f"closed {generation.values[str]}")
            return f"of {generation.values[str]}"

        return await generation.resource("client", open_one, name="client")

    async with asyncio.timeout(TIMEOUT), resources.running():
        async with resources.used() as old:
            assert await opened(old) == "of old"
            await resources.renew(resources.prepared({str: "new"}))
            async with resources.used() as new:
                assert await opened(new) == "of new"
            assert await opened(old) == "of old"
            assert EVENTS == []
        await closed.wait()
    assert EVENTS == ["closed old", "closed new"]


async def test_values_of_the_agent_are_injected_by_type() -> None:
    """The value comes from the generation that the call uses."""

    async def search(limit: Limit) -> int:
        """Search."""
        return limit.rows

    declared = ActionFunction(function=search, options={})
    catalog = read_catalog(AgentFunctions(actions=[declared]), [Limit])
    resources = Resources({Limit: Limit(5)})
    runner = ActionRunner(catalog.actions["search"], resources, Workers(), changes=False)
    request = make_execute_request({}, action="search")
    async with resources.running():
        assert (await runner.run(request)).output == {"result": "5"}
        await resources.renew(resources.prepared({Limit: Limit(6)}))
        assert (await runner.run(request)).output == {"result": "6"}


async def test_a_health_check_can_use_shared_resources() -> None:
    """It gets the same client as executions."""
    agent = agent_of(async_generator)

    @agent.health
    async def check(client: Annotated[object, Depends(async_generator, lifetime="agent")]) -> None:
        EVENTS.append("checked")

    async with agent.running():
        await agent.call("search")
        outcome = agent.health_check()
        assert outcome is not None
        await outcome
    assert EVENTS == ["made", "used", "checked", "closed"]


def test_a_health_check_cannot_use_a_request() -> None:
    """Nor can its dependencies."""
    agent = agent_of(plain)

    def needing(ctx: Context) -> str:
        return ctx.execution_id

    @agent.health
    async def check(name: Annotated[str, Depends(needing)], window: TimeRange | None) -> None:
        """Check."""

    with pytest.raises(InvalidPluginError) as caught:
        agent.schema()
    assert [error.partition(": ")[2] for error in caught.value.violations] == [
        '"name" belongs to an execution, and a health check is none',
        '"window" belongs to an execution, and a health check is none',
    ]


async def test_a_health_check_fails_by_raising() -> None:
    """Synchronous functions work too; without one the agent is healthy."""
    agent = new_agent()
    healthy = agent.health_check()
    assert healthy is not None
    await healthy

    @agent.health
    def check() -> None:
        raise RuntimeError("backend returned HTTP 503")

    unhealthy = agent.health_check()
    assert unhealthy is not None
    with pytest.raises(RuntimeError, match="HTTP 503"):
        await unhealthy
