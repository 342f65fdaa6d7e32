"""A lifespan starts before the agent serves and ends after its last call."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated

import pytest

from mirastack_sdk.agent import Agent, Depends
from mirastack_sdk.errors import InvalidPluginError, StartError
from mirastack_sdk.plugin import Context, Permission
from tests.actions.agents import new_agent
from tests.actions.config.config_classes import EVENTS, Client, LogsConfig, agent_with


@pytest.fixture(autouse=True)
def no_events() -> None:
    """Each test begins without any."""
    EVENTS.clear()


class Pool:
    """What is opened once."""


def refuse(reason: str) -> None:
    raise OSError(reason)


async def pool() -> AsyncIterator[Pool]:
    EVENTS.append("open pool")
    try:
        yield Pool()
    finally:
        EVENTS.append("close pool")


def using(agent: Agent) -> Agent:
    """The agent, with an action that is given the pool by its type."""

    @agent.action
    async def use(pool: Pool) -> str:
        """Use it."""
        EVENTS.append("use")
        return type(pool).__name__

    return agent


async def test_a_lifespan_is_open_from_start_to_end() -> None:
    """It is opened once for everything that uses it, even for nothing."""
    agent = using(new_agent())
    agent.lifespan(pool)
    assert agent.schema().actions[0].input_params == {}
    async with agent.running():
        assert EVENTS == ["open pool"]
        assert (await agent.call("use")).value == "Pool"
        await agent.call("use")
    assert EVENTS == ["open pool", "use", "use", "close pool"]


async def test_a_lifespan_can_be_an_option() -> None:
    """`Agent(lifespan=pool)`."""
    agent = using(
        Agent(
            name="logs",
            version="1.0.0",
            description="Searches logs.",
            permission=Permission.READ,
            devops_stages=["observe"],
            lifespan=pool,
        )
    )
    async with agent.running():
        pass
    assert EVENTS == ["open pool", "close pool"]


async def test_every_kind_of_lifespan_works() -> None:
    """Context managers of `contextlib`, and synchronous generators, which run in threads."""
    agent = new_agent()

    @agent.lifespan
    @asynccontextmanager
    async def managed() -> AsyncIterator[Pool]:
        yield Pool()

    agent.lifespan(plain_span)  # type: ignore[type-var] # plain ones work, and are not advertised
    using(agent)
    async with agent.running():
        await agent.call("use")
    assert EVENTS == ["open plain", "use", "close plain"]


def plain_span() -> Iterator[None]:
    """A plain one, which yields nothing to be injected."""
    EVENTS.append("open plain")
    yield
    EVENTS.append("close plain")


async def test_a_lifespan_can_use_an_earlier_one() -> None:
    """It is closed first."""
    agent = new_agent()
    agent.lifespan(pool)

    @agent.lifespan
    async def second(pool: Pool) -> AsyncIterator[None]:
        EVENTS.append(f"open second with {type(pool).__name__}")
        yield
        EVENTS.append("close second")

    async with agent.running():
        pass
    assert EVENTS == ["open pool", "open second with Pool", "close second", "close pool"]


async def test_dependencies_can_use_a_lifespan() -> None:
    """A factory receives its value by type."""
    agent = new_agent()
    agent.lifespan(pool)

    def named(pool: Pool) -> str:
        return type(pool).__name__

    @agent.action
    async def use(name: Annotated[str, Depends(named)]) -> str:
        """Use it."""
        return name

    async with agent.running():
        assert (await agent.call("use")).value == "Pool"
    assert EVENTS == ["open pool", "close pool"]


async def test_a_failed_start_closes_earlier_lifespans() -> None:
    """The agent does not start."""
    agent = new_agent()
    agent.lifespan(pool)

    @agent.lifespan
    async def failing() -> AsyncIterator[None]:
        refuse("no route to http://db.internal:5432")
        yield

    with pytest.raises(StartError) as caught:
        async with agent.running():
            EVENTS.append("ran")
    assert str(caught.value) == "failing has not started: no route to [address]"
    assert caught.value.reason == "start_failed"
    assert EVENTS == ["open pool", "close pool"]


async def following(config: LogsConfig) -> AsyncIterator[Client]:
    EVENTS.append(f"open {config.url}")
    if config.url == "bad":
        raise RuntimeError("cannot be reached")
    yield Client(config.url)
    EVENTS.append(f"close {config.url}")


def followed() -> Agent:
    """An agent with a lifespan that uses its config, and another one."""
    agent = agent_with(LogsConfig)
    agent.lifespan(pool)
    agent.lifespan(following)

    @agent.action
    async def where(client: Client) -> str:
        """Say where."""
        return client.url

    return agent


async def test_a_change_of_the_config_restarts_lifespans_that_use_it() -> None:
    """They restart even if nothing uses them; the others stay open."""
    agent = followed()
    async with agent.running(config=LogsConfig("a")):
        assert EVENTS == ["open pool", "open a"]
        await agent.config_updated({"url": "b"})
        assert (await agent.call("where")).value == "b"
    assert EVENTS == ["open pool", "open a", "open b", "close a", "close b", "close pool"]


async def test_a_lifespan_waits_for_its_config() -> None:
    """It cannot start while required values are missing."""
    agent = followed()
    async with agent.running():
        assert EVENTS == ["open pool"]
        assert (await agent.call("where")).logs[0].startswith("the agent is not configured")
        await agent.config_updated({"url": "b"})
        assert EVENTS == ["open pool", "open b"]


async def test_a_config_is_rejected_if_a_lifespan_fails_with_it() -> None:
    """Everything stays as it was."""
    agent = followed()
    async with agent.running(config=LogsConfig("a")):
        with pytest.raises(StartError, match="following has not started: cannot be reached"):
            await agent.config_updated({"url": "bad"})
        assert (await agent.call("where")).value == "a"
    assert EVENTS == ["open pool", "open a", "open bad", "close a", "close pool"]


def not_yielding() -> Pool:
    return Pool()


def returning() -> AbstractAsyncContextManager[Pool]:
    return asynccontextmanager(pool)()


async def yielding_text() -> AsyncIterator[str]:
    yield "a"


async def yielding_config() -> AsyncIterator[LogsConfig]:
    yield LogsConfig("a")


async def needing(ctx: Context) -> AsyncIterator[None]:
    yield


async def second_pool() -> AsyncIterator[Pool]:
    yield Pool()


REFUSED = {
    "not-yielding": (not_yielding, "a lifespan is a function that yields once"),
    "returning": (returning, "a lifespan is a function that yields once"),
    "text": (yielding_text, "it yields str, which parameters are too"),
    "config": (yielding_config, "there is another LogsConfig that actions are given"),
    "execution": (needing, '"ctx" belongs to one execution'),
    "twice": (second_pool, "there is another Pool that actions are given"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_is_refused_with_its_location(case: str) -> None:
    """The start fails with a sentence that names file and line."""
    function, sentence = REFUSED[case]
    agent = followed()
    agent.lifespan(function)  # type: ignore[type-var] # some are wrong on purpose
    with pytest.raises(InvalidPluginError) as caught:
        agent.schema()
    (error,) = caught.value.violations
    place, _, found = error.partition(": ")
    assert place.startswith(__file__)
    assert found.startswith(sentence)
