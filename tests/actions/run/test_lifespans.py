"""What spans an agent's life begins before it serves and ends after its last call."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated

import pytest

from mirastack_sdk.agent import Agent, Depends
from mirastack_sdk.errors import InvalidPluginError, StartError
from mirastack_sdk.plugin import Context, Permission
from tests.actions.agents import new_agent
from tests.actions.config.settings_classes import EVENTS, Client, LogsConfig, agent_with


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


async def test_it_is_open_from_start_to_end() -> None:
    """Whether anybody uses it or not, once for all who do."""
    agent = using(new_agent())
    agent.lifespan(pool)
    assert agent.schema().actions[0].input_params == {}
    async with agent.running():
        assert EVENTS == ["open pool"]
        assert (await agent.call("use")).value == "Pool"
        await agent.call("use")
    assert EVENTS == ["open pool", "use", "use", "close pool"]


async def test_it_is_an_option_too() -> None:
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


async def test_of_any_kind() -> None:
    """Context managers of `contextlib`, and plain generators, which run in threads."""
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


async def test_a_later_one_may_use_an_earlier_one() -> None:
    """And is closed before it."""
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


async def test_dependencies_share_it() -> None:
    """A factory may have it by its type."""
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


async def test_one_that_fails_at_the_start_ends_it() -> None:
    """What had begun before is closed."""
    agent = new_agent()
    agent.lifespan(pool)

    @agent.lifespan
    async def failing() -> AsyncIterator[None]:
        refuse("no route to http://db.internal:5432")
        yield

    with pytest.raises(StartError) as caught:
        async with agent.running():
            EVENTS.append("ran")
    assert str(caught.value) == "failing has not begun: no route to [address]"
    assert caught.value.reason == "start_failed"
    assert EVENTS == ["open pool", "close pool"]


async def test_one_that_fails_at_the_end_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The agent has ended by then."""
    agent = new_agent()

    @agent.lifespan
    async def failing() -> AsyncIterator[None]:
        yield
        raise RuntimeError("does not close")

    async with agent.running():
        pass
    assert "could not be closed" in caplog.text


async def following(config: LogsConfig) -> AsyncIterator[Client]:
    EVENTS.append(f"open {config.url}")
    if config.url == "bad":
        raise RuntimeError("cannot be reached")
    yield Client(config.url)
    EVENTS.append(f"close {config.url}")


def followed() -> Agent:
    """An agent with a lifespan that has its configuration, and another one."""
    agent = agent_with(LogsConfig)
    agent.lifespan(pool)
    agent.lifespan(following)

    @agent.action
    async def where(client: Client) -> str:
        """Say where."""
        return client.url

    return agent


async def test_one_with_the_configuration_follows_it() -> None:
    """It begins anew whether somebody uses it or not; the other one stays."""
    agent = followed()
    async with agent.running(config=LogsConfig("a")):
        assert EVENTS == ["open pool", "open a"]
        await agent.config_updated({"url": "b"})
        assert (await agent.call("where")).value == "b"
    assert EVENTS == ["open pool", "open a", "open b", "close a", "close b", "close pool"]


async def test_one_with_the_configuration_waits_for_it() -> None:
    """Nothing can begin with what is not set."""
    agent = followed()
    async with agent.running():
        assert EVENTS == ["open pool"]
        assert (await agent.call("where")).logs[0].startswith("the agent is not configured")
        await agent.config_updated({"url": "b"})
        assert EVENTS == ["open pool", "open b"]


async def test_a_configuration_that_it_cannot_begin_with_is_refused() -> None:
    """Everything stays as it was."""
    agent = followed()
    async with agent.running(config=LogsConfig("a")):
        with pytest.raises(StartError, match="following has not begun: cannot be reached"):
            await agent.config_updated({"url": "bad"})
        assert (await agent.call("where")).value == "a"
    assert EVENTS == ["open pool", "open a", "open bad", "close a", "close pool"]


async def test_without_a_running_agent_a_call_has_its_own() -> None:
    """As with any dependency."""
    agent = using(new_agent())
    agent.lifespan(pool)
    await agent.call("use")
    assert EVENTS == ["open pool", "use", "close pool"]


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
def test_is_refused_with_its_place(case: str) -> None:
    """What cannot span an agent's life is said at the start, with file and line."""
    function, sentence = REFUSED[case]
    agent = followed()
    agent.lifespan(function)  # type: ignore[type-var] # some are wrong on purpose
    with pytest.raises(InvalidPluginError) as caught:
        agent.schema()
    (fault,) = caught.value.violations
    place, _, found = fault.partition(": ")
    assert place.startswith(__file__)
    assert found.startswith(sentence)
