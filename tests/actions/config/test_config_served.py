"""A config beside an engine: declared, requested, pushed and rejected."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk import serve_async
from mirastack_sdk.agent import Agent
from mirastack_sdk.errors import ConfigurationError, StartError
from mirastack_sdk.testing import AgentClient, Encoding, LocalEngine
from tests.actions.agents import TIMEOUT
from tests.actions.config.config_classes import EVENTS, Client, LogsConfig, agent_with, client

TOKEN = "hunter2-of-the-backend"


@pytest.fixture(autouse=True)
def no_events() -> None:
    """Each test begins without any."""
    EVENTS.clear()


def logs_agent() -> Agent:
    """An agent whose client uses its config."""
    agent = agent_with(LogsConfig)
    agent.lifespan(client)

    @agent.action
    async def where(client: Client, config: LogsConfig) -> str:
        """Say where logs are."""
        return f"{client.url} {config.limit}"

    @agent.action
    async def leak(config: LogsConfig) -> str:
        """Return everything that must stay secret."""
        raise RuntimeError(f"the backend does not like {config.token.reveal()}")

    return agent


@asynccontextmanager
async def served(
    environ: Mapping[str, str], config: Mapping[str, str]
) -> AsyncIterator[tuple[LocalEngine, AgentClient]]:
    """The agent with an environment, and an engine that keeps a config for it."""
    stop = asyncio.Event()
    async with LocalEngine() as engine, asyncio.TaskGroup() as tasks:
        engine.config.update(config)
        settings = {
            "MIRASTACK_ENGINE_ADDR": engine.address,
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
            **environ,
        }
        tasks.create_task(serve_async(logs_agent(), environ=settings, stop=stop))
        async with asyncio.timeout(TIMEOUT):
            yield engine, await engine.wait_registered("logs")
        stop.set()
    assert engine.violations == []


async def test_the_engine_receives_the_config_parameters() -> None:
    """They have types and defaults, and secrets are marked."""
    async with served({}, {}) as (_, agent):
        params = {param.key: param for param in (await agent.info()).config_params}
    assert list(params) == ["url", "token", "limit", "level", "retention", "indexes"]
    assert params["token"].secret
    assert params["limit"].default == "100"


@pytest.mark.contract("Configuration at the start: an agent is given the stored configuration")
@pytest.mark.parametrize(
    ("config", "answer"),
    [
        pytest.param({}, '"env 100"', id="environment"),
        pytest.param({"url": "engine", "limit": "5"}, '"engine 5"', id="engine"),
        pytest.param({"limit": "5"}, '"env 5"', id="both"),
    ],
)
async def test_the_first_execution_has_the_engines_config(
    config: dict[str, str], answer: str
) -> None:
    """The agent requests its config when it starts."""
    async with served({"VLOGS_URL": "env"}, config) as (_, agent):
        assert (await agent.execute("where")).output == {"result": answer}


async def test_missing_values_can_be_set_later() -> None:
    """The agent serves, reports what must be set, and works as soon as it is set."""
    sentence = (
        "the agent is not configured: url is required: expected string; set it in the engine, "
        "or set VLOGS_URL in the agent's environment"
    )
    async with served({}, {}) as (_, agent):
        assert (await agent.execute("where")).logs == [sentence]
        health = await agent.health()
        assert (health.healthy, health.message) == (False, sentence)
        assert (await agent.push_config({"url": "b"})).acknowledged
        assert (await agent.execute("where")).output == {"result": '"b 100"'}
        assert (await agent.health()).healthy


@pytest.mark.parametrize("encoding", list(Encoding))
async def test_a_push_is_applied(encoding: Encoding) -> None:
    """The next execution uses it, and the old client is closed."""
    async with served({"VLOGS_URL": "a"}, {}) as (_, agent):
        answer = await agent.push_config({"url": "b", "limit": "7"}, encoding=encoding)
        assert answer.acknowledged
        assert (await agent.execute("where")).output == {"result": '"b 7"'}
    assert EVENTS == ["open a", "open b", "close a", "close b"]


async def test_an_invalid_push_is_rejected(caplog: pytest.LogCaptureFixture) -> None:
    """All errors are reported; the agent stays as healthy as before."""
    async with served({"VLOGS_URL": "a"}, {}) as (_, agent):
        await agent.execute("where")  # when it has asked for what the engine keeps
        answer = await agent.push_config({"url": "b", "limit": "0", "level": "loud"})
        assert not answer.acknowledged
        assert answer.error == (
            'limit: expected integer (>= 1), got 0; level: expected "debug" | "error", got "loud"'
        )
        assert (await agent.execute("where")).output == {"result": '"a 100"'}
        assert (await agent.health()).healthy
    assert "the config is refused: limit" in caplog.text
    assert "Traceback" not in caplog.text


async def test_the_engines_config_may_be_invalid() -> None:
    """The agent works as before, and is unhealthy until the config is fixed."""
    async with served({"VLOGS_URL": "a"}, {"limit": "many"}) as (_, agent):
        assert (await agent.execute("where")).output == {"result": '"a 100"'}
        health = await agent.health()
        assert not health.healthy
        assert 'limit: expected integer (>= 1), got "many"' in health.message
        assert (await agent.push_config({"limit": "9"})).acknowledged
        assert (await agent.health()).healthy


@pytest.mark.contract("Configuration at the start: GetConfig is asked after each registration")
async def test_the_config_is_requested_again_after_a_restart_of_the_engine() -> None:
    """Changes in between were not pushed."""
    async with served({"VLOGS_URL": "a"}, {"url": "b"}) as (engine, agent):
        assert (await agent.execute("where")).output == {"result": '"b 100"'}
        engine.config["url"] = "c"
        await engine.restart()
        again = await engine.wait_registered("logs")
        async with asyncio.timeout(TIMEOUT):
            while (await again.execute("where")).output != {"result": '"c 100"'}:
                pass


@pytest.mark.parametrize(
    ("environ", "config"),
    [({"VLOGS_TOKEN": TOKEN}, {}), ({}, {"token": TOKEN})],
    ids=["environment", "engine"],
)
async def test_secrets_are_not_shown(
    environ: dict[str, str], config: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """They are in no response and in no log."""
    async with served({"VLOGS_URL": "a", **environ}, config) as (_, agent):
        found = await agent.execute("leak")
    assert found.error == "the backend does not like [secret]"
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("encoding", list(Encoding))
async def test_a_rejected_secret_is_not_shown(
    encoding: Encoding, caplog: pytest.LogCaptureFixture
) -> None:
    """The error does not contain its value."""
    async with served({"VLOGS_URL": "a"}, {}) as (_, agent):
        answer = await agent.push_config({"token": TOKEN, "limit": TOKEN}, encoding=encoding)
    assert not answer.acknowledged
    assert TOKEN not in answer.error
    assert TOKEN not in caplog.text


async def test_an_invalid_environment_stops_the_start() -> None:
    """Each variable has one line, and no line has the value of a secret."""
    environ = {"MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0", "VLOGS_LIMIT": "0", "VLOGS_URL": "a"}
    with pytest.raises(ConfigurationError) as caught:
        await serve_async(logs_agent(), environ=environ)
    assert str(caught.value) == "VLOGS_LIMIT (limit): expected integer (>= 1), got 0"
    assert EVENTS == []


async def test_a_lifespan_that_fails_stops_the_start() -> None:
    """The agent does not even listen."""
    agent = logs_agent()

    @agent.lifespan
    async def failing() -> AsyncIterator[None]:
        refuse()
        yield

    listening: list[int] = []
    environ = {"MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0", "VLOGS_URL": "a"}
    with pytest.raises(StartError, match="failing has not started: no"):
        await serve_async(agent, environ=environ, on_listening=listening.append)
    assert listening == []
    assert EVENTS == ["open a", "close a"]


def refuse() -> None:
    raise RuntimeError("no")
