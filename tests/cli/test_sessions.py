"""Sessions with an agent that a command serves, or one that runs already."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypedDict, Unpack

import pytest

from mirastack_sdk import serve_async
from mirastack_sdk._cli import sessions
from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.loading.target_text import parse_address
from mirastack_sdk._cli.loading.targets import load_target
from mirastack_sdk._cli.sessions import connected, serving
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk.plugin import MirastackPlugin
from mirastack_sdk.security import Security
from mirastack_sdk.testing import AgentCallError, Encoding, LocalEngine
from tests.cli import programs
from tests.e2e.in_process import served
from tests.reliability.tls.certificates import LOOPBACK, Authority

GRACE = "MIRASTACK_PLUGIN_SHUTDOWN_GRACE"


class ServeArguments(TypedDict):
    """Arguments of `serve_async` that the session passes on."""

    stop: asyncio.Event
    on_listening: Callable[[int], None]


def agent(folder: Path, source: str) -> MirastackPlugin:
    """The agent in a source text."""
    (folder / "session_agent.py").write_text(source, encoding="utf-8")
    return load_target("session_agent.py").plugin


@pytest.mark.parametrize(
    ("source", "action", "value"),
    [
        (programs.TYPED, "add", {"result": "3"}),
        (programs.PLUGIN, "hello", {"result": "hello"}),
        (programs.PUBLISHED, "ping", {"pong": True}),
    ],
    ids=["typed", "plugin", "published"],
)
async def test_an_agent_is_served_for_the_length_of_the_block(
    folder: Path, source: str, action: str, value: object
) -> None:
    """It registers, runs actions, and deregisters at the end."""
    async with LocalEngine() as engine:
        async with serving(agent(folder, source), engine) as client:
            result = await client.execute(action, {"a": 2})
            assert (result.success, result.value) == (True, value)
            assert engine.agents == [client.name]
        assert engine.agents == []
        assert engine.violations == []


async def test_an_agent_is_called_at_its_address(folder: Path) -> None:
    """A client of a running agent needs no engine."""
    async with LocalEngine() as engine, serving(agent(folder, programs.TYPED), engine) as served:
        address = parse_address(served.address)
        assert address is not None
        async with connected(address, encoding=Encoding.JSON) as client:
            assert (await client.info()).name == "typed_agent"


async def test_the_process_environment_does_not_lead_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variables of a deployment, such as its engine and its TLS, do not affect a session."""
    monkeypatch.setenv("MIRASTACK_ENGINE_ADDR", "engine.invalid:9090")
    monkeypatch.setenv("MIRASTACK_PLUGIN_ADDR", "192.0.2.1:9000")
    monkeypatch.setenv("MIRASTACK_PLUGIN_TLS_CERT", "/nowhere/cert.pem")
    monkeypatch.setenv("MIRASTACK_REQUIRE_AUTH", "true")
    monkeypatch.setenv("MIRASTACK_PLUGIN_TENANT_ID", "acme-1")
    async with LocalEngine() as engine, serving(agent(folder, programs.TYPED), engine) as served:
        assert served.tenant_id == "acme-1"
        assert (await served.health()).healthy


NEVER_STARTS = """
import asyncio
from collections.abc import AsyncIterator

@agent.lifespan
async def model() -> AsyncIterator[None]:
    await asyncio.Event().wait()
    yield
"""


async def test_an_agent_that_does_not_start_in_time_is_stopped(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """People are told that it takes long, and in the end that it is given up."""
    monkeypatch.setattr(sessions, "_PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(sessions, "_START_SECONDS", 0.2)
    async with LocalEngine() as engine:
        with pytest.raises(
            CommandError, match=r"^the agent did not start within 0\.2 s$"
        ) as raised:
            async with serving(agent(folder, programs.TYPED + NEVER_STARTS), engine):
                pass
    assert raised.value.status is ExitStatus.NO_AGENT
    assert capsys.readouterr().err == "the agent is still starting\n"


@pytest.mark.parametrize(("given", "grace"), [({}, "2.0"), ({GRACE: "7"}, "7")])
async def test_a_session_does_not_wait_long_for_an_agent_that_does_not_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch, given: Mapping[str, str], grace: str
) -> None:
    """A plain function cannot be stopped, and a deployment's ten seconds are long at a desk."""
    graces = []

    async def noted(
        plugin: MirastackPlugin, *, environ: Mapping[str, str], **others: Unpack[ServeArguments]
    ) -> None:
        graces.append(environ[GRACE])
        await serve_async(plugin, environ=environ, **others)

    monkeypatch.setattr(sessions, "serve_async", noted)
    async with LocalEngine() as engine, serving(agent(folder, programs.TYPED), engine, given):
        assert graces == [grace]


WITH_LIFESPAN = """
from collections.abc import AsyncIterator

@agent.lifespan
async def database() -> AsyncIterator[None]:
    raise OSError("no database")
    yield
"""
INVALID = programs.PLUGIN.replace('"Says hello"', '""')


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (programs.TYPED + WITH_LIFESPAN, "no database"),
        (INVALID, "description"),
    ],
    ids=["lifespan", "declarations"],
)
async def test_an_agent_that_does_not_start_is_reported(
    folder: Path, source: str, sentence: str
) -> None:
    """The command ends with a sentence and the status for it, without waiting."""
    async with LocalEngine() as engine:
        with pytest.raises(CommandError, match=sentence) as raised:
            async with serving(agent(folder, source), engine):
                pytest.fail("it started")
    assert raised.value.status == ExitStatus.NO_AGENT


async def test_an_agent_that_the_engine_refuses_is_reported(folder: Path) -> None:
    """The engine's reason is the sentence; the command does not wait for another attempt."""
    async with LocalEngine() as engine:
        engine.refuse_registration("the license has no room for another agent")
        with pytest.raises(CommandError, match="no room for another agent") as raised:
            async with serving(agent(folder, programs.TYPED), engine):
                pytest.fail("it was registered")
    assert raised.value.status == ExitStatus.NO_AGENT


async def name_at(port: int, environ: Mapping[str, str]) -> str:
    """The name of the agent at a port of this machine."""
    address = Address("127.0.0.1", port)
    async with connected(address, encoding=Encoding.JSON, environ=environ) as client:
        return (await client.info()).name


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """The CA that the agent and the command trust."""
    return Authority(tmp_path)


async def test_a_protected_agent_is_called_with_the_variables(
    folder: Path, authority: Authority
) -> None:
    """TLS and the token come from the variables with which agents call their engine."""
    identity = authority.issue(*LOOPBACK)
    environ = {"MIRASTACK_ENGINE_TLS_CA": str(authority.ca), "MIRASTACK_AUTH_TOKEN": "t0ken"}
    security = Security(server=identity.server(), token="t0ken")
    async with served(agent(folder, programs.TYPED), security) as port:
        assert await name_at(port, environ) == "typed_agent"
        for missing in environ:
            less = {name: value for name, value in environ.items() if name != missing}
            with pytest.raises(AgentCallError):
                await name_at(port, less)


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"MIRASTACK_ENGINE_TLS": "maybe"}, "MIRASTACK_ENGINE_TLS must be true or false"),
        ({"MIRASTACK_ENGINE_TLS_CA": "/nowhere/ca.pem"}, "MIRASTACK_ENGINE_TLS_CA"),
    ],
)
async def test_variables_that_are_not_valid_are_a_sentence(
    environ: Mapping[str, str], sentence: str
) -> None:
    """Before anything is called."""
    with pytest.raises(CommandError, match=sentence):
        async with connected(Address("127.0.0.1", 1), encoding=Encoding.JSON, environ=environ):
            pytest.fail("it connected")
