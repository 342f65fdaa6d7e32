"""A changed config is checked, applied, and used from the next call on."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

import pytest

from mirastack_sdk._core.model.plugin_base import ServeContext
from mirastack_sdk.agent import Agent, Depends
from mirastack_sdk.errors import ConfigurationError
from mirastack_sdk.testing import MockEngineClient
from tests.actions.agents import TIMEOUT
from tests.actions.config.config_classes import (
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
    """Each test begins without events."""
    EVENTS.clear()


async def lasting() -> AsyncIterator[list[str]]:
    """A dependency that does not use the config."""
    EVENTS.append("open lasting")
    yield []
    EVENTS.append("close lasting")


def configured() -> Agent:
    """An agent with a config and a dependency that uses it."""
    agent = agent_with(LogsConfig)

    @agent.action
    async def where(client: Shared, config: LogsConfig) -> str:
        """Say where logs are, twice."""
        return f"{client.url} {config.url}"

    @agent.action
    async def count(seen: Annotated[list[str], Depends(lasting, lifetime="agent")]) -> int:
        """Use no config."""
        return len(seen)

    return agent


async def push(agent: Agent, **config: str) -> None:
    """Push a config as an engine does."""
    await agent.config_updated(config)


async def test_the_config_is_injected_and_hidden() -> None:
    """Actions and factories receive it by its type; language models do not see it."""
    agent = configured()
    assert agent.schema().actions[0].input_params == {}
    async with agent.running(config=LogsConfig("a")):
        assert (await agent.call("where")).value == "a a"


async def test_defaults_need_no_engine() -> None:
    """A unit test need not set fields that have defaults."""
    agent = agent_with(AllDefaults)

    @agent.action
    def rows(config: AllDefaults) -> int:
        """Rows."""
        return config.rows

    assert (await agent.call("rows")).value == 5
    async with agent.running():
        assert (await agent.call("rows")).value == 5


async def test_missing_values_are_reported() -> None:
    """An action that needs the config reports what must be set; other actions run."""
    agent = configured()
    assert (await agent.call("where")).logs == [NOT_CONFIGURED]
    assert (await agent.call("count")).value == 0
    assert EVENTS == ["open lasting", "close lasting"]


async def test_missing_values_make_the_agent_unhealthy() -> None:
    """The health check fails with the same sentence until they are set."""
    agent = configured()
    async with agent.running():
        with pytest.raises(ConfigurationError, match=NOT_CONFIGURED):
            await agent.health_check()
        await push(agent, url="a")
        await agent.health_check()


async def test_the_next_call_sees_a_change() -> None:
    """It also gets a new client that uses the config; the old one is closed."""
    agent = configured()
    async with agent.running(config=LogsConfig("a")):
        await agent.call("where")
        await push(agent, url="b")
        assert (await agent.call("where")).value == "b b"
    assert sorted(EVENTS) == ["close a", "close b", "open a", "open b"]


async def test_a_running_call_keeps_its_config() -> None:
    """It continues with the old client, which stays open."""
    agent = configured()
    begun, go_on = asyncio.Event(), asyncio.Event()

    @agent.action
    async def slow(client: Shared, config: LogsConfig) -> str:
        """Take a while."""
        begun.set()
        await go_on.wait()
        return f"{client.url} {config.url} {client.open}"

    async with asyncio.timeout(TIMEOUT), agent.running(config=LogsConfig("a")):
        running = asyncio.create_task(agent.call("slow"))
        await begun.wait()
        await push(agent, url="b")
        assert (await agent.call("where")).value == "b b"
        assert EVENTS == ["open a", "open b"]
        go_on.set()
        assert (await running).value == "a a True"
    assert EVENTS == ["open a", "open b", "close a", "close b"]


@pytest.mark.parametrize("config", [{"url": "a"}, {"url": "a", "limit": "100", "other": "x"}])
async def test_an_unchanged_config_changes_nothing(config: dict[str, str]) -> None:
    """If all values are the same, nothing is opened or closed, and no hook is called."""
    agent = configured()
    agent.on_config(lambda: EVENTS.append("asked"))
    async with agent.running(config=LogsConfig("a")):
        await agent.call("where")
        await push(agent, **config)
        await agent.call("where")
        assert EVENTS == ["open a"]


async def test_configs_without_equality_are_compared_by_their_texts() -> None:
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


async def test_an_invalid_config_is_rejected_as_a_whole() -> None:
    """All errors are reported at once, and the old config stays."""
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


async def test_missing_values_are_those_of_the_last_push() -> None:
    """After a rejected push, calls report what that push lacked."""
    agent = configured()
    async with agent.running():
        with pytest.raises(ConfigurationError):
            await push(agent, limit="many", url="a")
        (answer,) = (await agent.call("where")).logs
    assert answer == ('the agent is not configured: limit: expected integer (>= 1), got "many"')


async def test_an_empty_push_replaces_a_tests_config() -> None:
    """A push is the whole config, so an empty one unsets everything."""
    agent = agent_with(AllDefaults)

    @agent.action
    def rows(config: AllDefaults) -> int:
        """Rows."""
        return config.rows

    async with agent.running(config=AllDefaults(rows=9)):
        await push(agent)
        assert (await agent.call("rows")).value == 5


async def test_values_missing_in_a_push_are_not_kept() -> None:
    """A push is the whole config: without a required value it is rejected."""
    agent = configured()
    async with agent.running(config=LogsConfig("a", limit=5)):
        with pytest.raises(ConfigurationError, match="url is required"):
            await push(agent, limit="7")
        await push(agent, url="a")
        assert (await agent.call("where")).value == "a a"


async def test_unknown_keys_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """Another version of the agent may have them."""
    agent = configured()
    async with agent.running(config=LogsConfig("a")):
        await push(agent, url="b", old="1")
        await push(agent, url="c", old="2")
    [record] = caplog.records
    assert record.message.endswith('that this agent\'s config does not have: "old"')


async def test_the_order_of_unknown_keys_does_not_matter(caplog: pytest.LogCaptureFixture) -> None:
    """Go sends the entries of a map in another order each time."""
    agent = configured()
    async with agent.running(config=LogsConfig("a")):
        for first in range(20):
            keys = [f"key-{(first + number) % 20:02}" for number in range(20)]
            await push(agent, url=f"a{first}", **dict.fromkeys(keys, "1"))
    [record] = caplog.records
    assert '"key-00", "key-01"' in record.message


async def test_many_unknown_keys_are_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """With the first five; the next line comes when the keys change, and not their values."""
    agent = configured()
    async with agent.running(config=LogsConfig("a")):
        for value in ("1", "2"):
            await push(agent, url=value, **{f"key-{number}": value for number in range(1_000)})
        assert len(caplog.records) == 1
        assert len(caplog.text) < 300
        assert "and 995 more" in caplog.text
        await push(agent, url="3")
        await push(agent, url="4", **{"line\nbreak": "1"})
    assert len(caplog.records) == 2
    assert caplog.records[1].message.isprintable()


async def test_a_hook_can_reject_a_config() -> None:
    """It receives the new config and its dependencies, which are closed again."""
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


async def test_other_resources_stay_open() -> None:
    """Only dependencies that use the config are reopened."""
    agent = configured()
    async with agent.running(config=LogsConfig("a")):
        await agent.call("count")
        await push(agent, url="b")
        await agent.call("count")
        assert EVENTS == ["open lasting"]
    assert EVENTS == ["open lasting", "close lasting"]


async def test_running_restores_the_config() -> None:
    """The config of one test does not reach the next."""
    agent = configured()
    async with agent.running(config=LogsConfig("a")):
        await push(agent, url="b")
    assert (await agent.call("where")).logs == [NOT_CONFIGURED]


async def test_running_accepts_only_the_config_class() -> None:
    """An object of another class would never be injected."""
    agent = configured()
    with pytest.raises(TypeError, match="config must be of type LogsConfig, got AllDefaults"):
        async with agent.running(config=AllDefaults()):
            pass


async def test_a_push_works_without_a_running_agent() -> None:
    """A unit test may push a config too."""
    agent = configured()
    await push(agent, url="b")
    assert (await agent.call("where")).value == "b b"


@pytest.mark.parametrize("engine", [None, MockEngineClient()])
async def test_missing_values_are_logged_at_the_start_without_an_engine(
    engine: MockEngineClient | None, caplog: pytest.LogCaptureFixture
) -> None:
    """An engine may still send them."""
    async with configured().serving(ServeContext(engine=engine)):
        lines = [record.message for record in caplog.records]
    assert len(lines) == (engine is None)
    assert all("the agent is not configured: url is required" in line for line in lines)


async def test_a_rejected_config_that_is_pushed_again_takes_effect() -> None:
    """Once the cause is gone, the same values are no repetition of what is in use."""
    agent, down = configured(), [True]

    @agent.on_config
    async def check() -> None:
        if down:
            raise RuntimeError("cannot be reached")

    async with agent.running(config=LogsConfig("a")):
        for _ in range(2):
            with pytest.raises(RuntimeError, match="cannot be reached"):
                await push(agent, url="b")
            assert (await agent.call("where")).value == "a a"
        down.clear()
        await push(agent, url="b")
        assert (await agent.call("where")).value == "b b"
