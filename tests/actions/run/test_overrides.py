"""A test replaces the factories of dependencies, and lifespans, while the agent runs."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated

import pytest

from mirastack_sdk.agent import Agent, Depends
from mirastack_sdk.errors import InvalidPluginError
from mirastack_sdk.plugin import Context
from tests.actions.agents import new_agent


class Client:
    """A client of a backend."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_open = True


class Database:
    """What the lifespan yields."""

    def __init__(self, name: str) -> None:
        self.name = name


def open_client() -> Client:
    """Open the real client."""
    return Client("real")


def open_cache(client: Annotated[Client, Depends(open_client)]) -> str:
    """Open a cache on the client."""
    return f"cache of {client.name}"


async def real_database() -> AsyncIterator[Database]:
    """Open the real database."""
    yield Database("real")


FAKES: list[Client] = []


async def fake_client() -> AsyncIterator[Client]:
    """Open a fake, and close it."""
    client = Client("fake")
    FAKES.append(client)
    yield client
    client.is_open = False


def plain_fake() -> Iterator[Client]:
    """Open a fake in a thread."""
    yield Client("plain fake")


async def fake_with_dependency(ctx: Context) -> Client:
    """Open a fake for an execution."""
    return Client(ctx.execution_id)


async def fake_database() -> AsyncIterator[Database]:
    """Open a fake database."""
    yield Database("fake")


@pytest.fixture
def agent() -> Agent:
    """An agent with a dependency for a call, one for the agent, and a lifespan."""
    agent = new_agent()
    agent.lifespan(real_database)

    @agent.action
    async def name(client: Annotated[Client, Depends(open_client)]) -> str:
        """Name the client."""
        return client.name

    @agent.action
    async def cache(cache: Annotated[str, Depends(open_cache)], database: Database) -> str:
        """Name the cache."""
        return f"{cache}, {database.name}"

    @agent.action
    async def shared(client: Annotated[Client, Depends(open_client, lifetime="agent")]) -> str:
        """Name the shared client."""
        return client.name

    return agent


async def values(agent: Agent) -> list[object]:
    """The results of all actions."""
    return [(await agent.call(name)).value for name in ("name", "cache", "shared")]


async def test_a_factory_is_replaced_wherever_it_is_used(agent: Agent) -> None:
    """In actions, in other factories and for the whole agent; afterwards it is back."""
    FAKES.clear()
    async with agent.running(overrides={open_client: fake_client}):
        assert await values(agent) == ["fake", "cache of fake, real", "fake"]
        assert [client.is_open for client in FAKES] == [False, False, True]
    assert [client.is_open for client in FAKES] == [False, False, False]
    async with agent.running():
        assert await values(agent) == ["real", "cache of real, real", "real"]


async def test_a_factory_of_another_kind_may_replace_it(agent: Agent) -> None:
    """A generator that runs in a thread, a class, a function without parameters."""
    async with agent.running(overrides={open_client: plain_fake}):
        assert await values(agent) == ["plain fake", "cache of plain fake, real", "plain fake"]
    async with agent.running(overrides={open_cache: lambda: "none", real_database: fake_database}):
        assert await values(agent) == ["real", "none, fake", "real"]


async def test_calls_before_the_overrides_do_not_keep_them_out(agent: Agent) -> None:
    """What was read before is read anew, also after an error."""
    assert (await agent.call("name")).value == "real"

    async def failing_test() -> None:
        async with agent.running(overrides={open_client: fake_client}):
            assert (await agent.call("name")).value == "fake"
            raise RuntimeError("in the test")

    with pytest.raises(RuntimeError, match="in the test"):
        await failing_test()
    assert (await agent.call("name")).value == "real"


async def test_a_factory_that_nothing_uses_is_refused(agent: Agent) -> None:
    """A fake that is never called would leave the real client in the test."""
    with pytest.raises(LookupError, match=r"^nothing depends on .*plain_fake$"):
        async with agent.running(overrides={plain_fake: fake_client}):
            raise AssertionError
    assert (await agent.call("name")).value == "real"


@pytest.mark.parametrize("wrong", [[open_client], {open_client}, open_client, None])
async def test_what_is_no_mapping_is_refused(agent: Agent, wrong: object) -> None:
    """A list of fakes would not say whose place they take."""
    with pytest.raises(TypeError, match=r"^overrides must be a mapping of factories .*, got "):
        async with agent.running(overrides=wrong):  # type: ignore[arg-type]  # what it refuses
            raise AssertionError
    assert (await agent.call("name")).value == "real"


async def test_a_replacement_is_checked_like_any_factory(agent: Agent) -> None:
    """A shared one cannot have dependencies of one execution."""
    async with agent.running(overrides={open_client: fake_with_dependency}):
        with pytest.raises(InvalidPluginError, match='"ctx" belongs to one execution'):
            await agent.call("name")
