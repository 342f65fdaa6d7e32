"""A changed configuration is checked, taken over, and seen by the next calls."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

import pytest

from mirastack_sdk.agent import Agent, Depends
from mirastack_sdk.errors import ConfigurationError
from tests.actions.agents import PATIENCE
from tests.actions.config.settings_classes import (
    EVENTS,
    AllDefaults,
    Client,
    LogsConfig,
    agent_with,
    client,
)

NOT_CONFIGURED = (
    "the agent is not configured: url is required: expected string; "
    "set it in the engine, or set VLOGS_URL in the agent's environment"
)
Shared = Annotated[Client, Depends(client, lifetime="agent")]


@pytest.fixture(autouse=True)
def no_events() -> None:
    """Each test begins without any."""
    EVENTS.clear()


async def lasting() -> AsyncIterator[list[str]]:
    """What depends on no configuration."""
    EVENTS.append("open lasting")
    yield []
    EVENTS.append("close lasting")


def configured() -> Agent:
    """An agent that has a configuration, and something made of it."""
    agent = agent_with(LogsConfig)

    @agent.action
    async def where(client: Shared, config: LogsConfig) -> str:
        """Say where logs are, twice."""
        return f"{client.url} {config.url}"

    @agent.action
    async def count(seen: Annotated[list[str], Depends(lasting, lifetime="agent")]) -> int:
        """Need no configuration."""
        return len(seen)

    return agent


async def push(agent: Agent, **config: str) -> None:
    """Hand over a configuration as an engine does."""
    await agent.config_updated(config)


async def test_it_is_injected_and_hidden() -> None:
    """Actions and factories have it by its type; language models do not see it."""
    agent = configured()
    assert agent.schema().actions[0].input_params == {}
    async with agent.running(config=LogsConfig("a")):
        assert (await agent.call("where")).value == "a a"


async def test_defaults_do_without_anything_else() -> None:
    """A unit test need not set what its class sets by itself."""
    agent = agent_with(AllDefaults)

    @agent.action
    def rows(config: AllDefaults) -> int:
        """Rows."""
        return config.rows

    assert (await agent.call("rows")).value == 5
    async with agent.running():
        assert (await agent.call("rows")).value == 5


async def test_what_is_missing_is_answered() -> None:
    """An action that needs it says what is to be set; another one runs."""
    agent = configured()
    assert (await agent.call("where")).logs == [NOT_CONFIGURED]
    assert (await agent.call("count")).value == 0
    assert EVENTS == ["open lasting", "close lasting"]


async def test_what_is_missing_makes_it_unhealthy() -> None:
    """With the same sentence, until it is there."""
    agent = configured()
    async with agent.running():
        with pytest.raises(ConfigurationError, match=NOT_CONFIGURED):
            agent.health_check()
        await push(agent, url="a")
        outcome = agent.health_check()
        assert outcome is not None
        await outcome


async def test_the_next_call_sees_a_change() -> None:
    """And a client made of it; the old one is closed."""
    agent = configured()
    async with agent.running(config=LogsConfig("a")):
        await agent.call("where")
        await push(agent, url="b")
        assert (await agent.call("where")).value == "b b"
    assert sorted(EVENTS) == ["close a", "close b", "open a", "open b"]


async def test_a_call_keeps_what_it_has() -> None:
    """One that runs while the configuration changes goes on with the old client, open."""
    agent = configured()
    begun, go_on = asyncio.Event(), asyncio.Event()

    @agent.action
    async def slow(client: Shared, config: LogsConfig) -> str:
        """Take a while."""
        begun.set()
        await go_on.wait()
        return f"{client.url} {config.url} {client.open}"

    async with asyncio.timeout(PATIENCE), agent.running(config=LogsConfig("a")):
        running = asyncio.create_task(agent.call("slow"))
        await begun.wait()
        await push(agent, url="b")
        assert (await agent.call("where")).value == "b b"
        assert EVENTS == ["open a", "open b"]
        go_on.set()
        assert (await running).value == "a a True"
    assert EVENTS == ["open a", "open b", "close a", "close b"]


@pytest.mark.parametrize("config", [{"url": "a"}, {"url": "a", "limit": "100", "other": "x"}])
async def test_an_unchanged_one_changes_nothing(config: dict[str, str]) -> None:
    """Nothing is opened, closed or asked where all values are what they were."""
    agent = configured()
    agent.on_config(lambda: EVENTS.append("asked"))
    async with agent.running(config=LogsConfig("a")):
        await agent.call("where")
        await push(agent, **config)
        await agent.call("where")
        assert EVENTS == ["open a"]


async def test_a_class_that_cannot_be_compared_is_compared_by_what_was_set() -> None:
    """The same push twice is one change."""

    @dataclass(eq=False)
    class Plain:
        url: Annotated[str, "It."] = ""

    agent = agent_with(Plain)
    agent.on_config(lambda: EVENTS.append("asked"))
    async with agent.running():
        await push(agent, url="a")
        await push(agent, url="a")
    assert EVENTS == ["asked"]


async def test_an_invalid_one_is_refused_whole() -> None:
    """All that is wrong is said at once, and everything stays as it was."""
    agent = configured()
    async with agent.running(config=LogsConfig("a")):
        await agent.call("where")
        with pytest.raises(ConfigurationError) as caught:
            await push(agent, url="b", limit="0", level="loud", token="hunter2\n")
        assert (await agent.call("where")).value == "a a"
    assert str(caught.value) == (
        'limit: expected integer (>= 1), got 0; level: expected "debug" | "error", got "loud"'
    )
    assert EVENTS == ["open a", "close a"]


async def test_what_is_missing_is_said_as_it_is_now() -> None:
    """After a push that was refused, the answer names what that one lacked."""
    agent = configured()
    async with agent.running():
        with pytest.raises(ConfigurationError):
            await push(agent, limit="many", url="a")
        (answer,) = (await agent.call("where")).logs
    assert answer == ('the agent is not configured: limit: expected integer (>= 1), got "many"')


async def test_an_empty_push_takes_a_tests_configuration_back() -> None:
    """It is the whole of it, and says that nothing is set."""
    agent = agent_with(AllDefaults)

    @agent.action
    def rows(config: AllDefaults) -> int:
        """Rows."""
        return config.rows

    async with agent.running(config=AllDefaults(rows=9)):
        await push(agent)
        assert (await agent.call("rows")).value == 5


async def test_what_a_push_leaves_out_is_not_kept() -> None:
    """A push is the whole of it: a required value that is gone refuses it."""
    agent = configured()
    async with agent.running(config=LogsConfig("a", limit=5)):
        with pytest.raises(ConfigurationError, match="url is required"):
            await push(agent, limit="7")
        await push(agent, url="a")
        assert (await agent.call("where")).value == "a a"


async def test_unknown_keys_are_remarked_once(caplog: pytest.LogCaptureFixture) -> None:
    """Another version of the agent may have had them."""
    agent = configured()
    async with agent.running(config=LogsConfig("a")):
        await push(agent, url="b", old="1")
        await push(agent, url="c", old="2")
    assert caplog.text.count("which is not a key of this agent's config") == 1


async def test_a_hook_may_refuse() -> None:
    """It sees the new configuration and what is made of it; what it opened is closed again."""
    agent = configured()

    @agent.on_config
    async def check(client: Shared, config: LogsConfig) -> None:
        EVENTS.append(f"ask {config.url}")
        if client.url == "bad":
            raise RuntimeError("cannot be reached")

    async with agent.running(config=LogsConfig("a")):
        await agent.call("where")
        with pytest.raises(RuntimeError, match="cannot be reached"):
            await push(agent, url="bad")
        assert (await agent.call("where")).value == "a a"
        await push(agent, url="b")
        assert (await agent.call("where")).value == "b b"
    assert sorted(EVENTS) == sorted(
        ["open a", "open bad", "ask bad", "close bad", "open b", "ask b", "close a", "close b"]
    )
    assert EVENTS.index("ask b") < EVENTS.index("close a")


async def test_what_needs_no_configuration_stays_open() -> None:
    """Only what is made of it is made anew."""
    agent = configured()
    async with agent.running(config=LogsConfig("a")):
        await agent.call("count")
        await push(agent, url="b")
        await agent.call("count")
        assert EVENTS == ["open lasting"]
    assert EVENTS == ["open lasting", "close lasting"]


async def test_a_resource_that_does_not_open_is_tried_anew() -> None:
    """The call gets what is wrong, and the next one tries again."""
    agent = configured()
    tries: list[str] = []

    async def flaky(config: LogsConfig) -> str:
        tries.append(config.url)
        if len(tries) == 1:
            raise RuntimeError("refused")
        return config.url

    @agent.action
    async def use(made: Annotated[str, Depends(flaky, lifetime="agent")]) -> str:
        """Use it."""
        return made

    async with agent.running(config=LogsConfig("a")):
        with pytest.raises(RuntimeError, match="refused"):
            await agent.call("use")
        assert (await agent.call("use")).value == "a"


async def test_running_ends_as_it_began() -> None:
    """One test's configuration is not the next one's."""
    agent = configured()
    async with agent.running(config=LogsConfig("a")):
        await push(agent, url="b")
    assert (await agent.call("where")).logs == [NOT_CONFIGURED]


async def test_running_takes_its_own_class_only() -> None:
    """Another one would be injected nowhere."""
    agent = configured()
    with pytest.raises(TypeError, match="config must be of type LogsConfig, got AllDefaults"):
        async with agent.running(config=AllDefaults()):
            pass


async def test_a_push_without_a_running_agent_counts_for_later_calls() -> None:
    """A unit test may push, too."""
    agent = configured()
    await push(agent, url="b")
    assert (await agent.call("where")).value == "b b"
