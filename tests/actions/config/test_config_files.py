"""`NAME_FILE` names a file with the value of `Env("NAME")`, which is read again when it changes."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest

from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._runtime.checked_plugin import checked_plugin
from mirastack_sdk._runtime.lifecycle import run_agent
from mirastack_sdk.agent import Agent, Env, Secret
from mirastack_sdk.errors import ConfigurationError
from mirastack_sdk.testing import AgentClient, LocalEngine, ManualClock, agent_client
from tests.actions.agents import TIMEOUT
from tests.actions.config.config_classes import agent_with

FIRST, SECOND, REFUSED = "hunter2-of-the-shelf", "hunter3-of-the-shelf", "unknown-to-the-shelf"
EVENTS: list[str] = []


@dataclass(frozen=True)
class ShelfConfig:
    """Where the shelf is."""

    url: Annotated[str, "Where it listens.", Env("SHELF_URL")] = "http://shelf"
    token: Annotated[Secret[str], "Who the agent is.", Env("SHELF_TOKEN")] = Secret("")
    rows: Annotated[int, "At most.", Env("SHELF_ROWS")] = 10


@dataclass(frozen=True)
class BothConfig:
    """A class of which one field has the name of another field's file."""

    key: Annotated[str, "A key.", Env("SHELF_KEY")] = "none"
    key_file: Annotated[str, "Where a key is.", Env("SHELF_KEY_FILE")] = "none"


class Shelf:
    """A client that keeps the token."""

    def __init__(self, token: str) -> None:
        self.token = token


async def shelf(config: ShelfConfig) -> AsyncIterator[Shelf]:
    """Open a client."""
    token = config.token.reveal()
    if token == REFUSED:
        raise OSError(f"it does not know {token}")
    EVENTS.append(f"open {token}")
    yield Shelf(token)
    EVENTS.append(f"close {token}")


@pytest.fixture(autouse=True)
def no_events() -> None:
    """Each test begins without any."""
    EVENTS.clear()


def shelf_agent() -> Agent:
    """An agent whose client has the token of its config."""
    agent = agent_with(ShelfConfig)
    agent.lifespan(shelf)

    @agent.action
    async def tokens(config: ShelfConfig, shelf: Shelf) -> str:
        """Say which tokens are in use, by their digits, and how many rows."""
        return f"{config.token.reveal()[6:7]} {shelf.token[6:7]} {config.rows}"

    @agent.action
    async def leak(config: ShelfConfig) -> str:
        """Fail with the token in the error."""
        raise RuntimeError(f"{config.token.reveal()} is wrong, it was {FIRST}")

    return agent


class Served:
    """An agent beside an engine, with a clock that stands still."""

    def __init__(self, engine: LocalEngine, client: AgentClient, clock: ManualClock) -> None:
        self.engine = engine
        self.client = client
        self.clock = clock

    async def tokens(self) -> str:
        """What the action says."""
        return (await self.client.execute("tokens")).output["result"].strip('"')

    async def until(self, holds: Callable[[], bool], seconds: float = 5) -> None:
        """Let time pass until `holds`."""
        async with asyncio.timeout(TIMEOUT):
            while not holds():
                self.clock.advance(seconds)
                await self.client.info()


@asynccontextmanager
async def served(
    environ: Mapping[str, str], config: Mapping[str, str] | None = None
) -> AsyncIterator[Served]:
    """The agent with an environment, and an engine that keeps a config for it."""
    stop, clock = asyncio.Event(), ManualClock()
    async with LocalEngine() as engine, asyncio.TaskGroup() as tasks:
        engine.config.update(config or {})
        variables = {
            "MIRASTACK_ENGINE_ADDR": engine.address,
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
            **environ,
        }
        serving = run_agent(
            checked_plugin(shelf_agent()),
            Settings.from_mapping(variables),
            environ=variables,
            stop=stop,
            on_listening=lambda _: None,
            clock=clock,
        )
        tasks.create_task(serving)
        async with asyncio.timeout(TIMEOUT):
            client = await engine.wait_registered("logs")
        try:
            yield Served(engine, client, clock)
        finally:
            stop.set()


def replace_with(file: Path, text: str) -> None:
    """Change a file as operators' tools do: a new one takes its place."""
    new = file.with_suffix(".new")
    new.write_text(text)
    new.replace(file)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with the first token."""
    path = tmp_path / "token"
    path.write_text(f"{FIRST}\n")
    return path


async def test_a_value_is_read_from_a_file(file: Path) -> None:
    """Without the line break at its end, and converted as the variable's value is."""
    rows = file.with_name("rows")
    rows.write_text("25\n")
    environ = {"SHELF_TOKEN_FILE": str(file), "SHELF_ROWS_FILE": str(rows)}
    async with served(environ) as agent:
        assert await agent.tokens() == "2 2 25"
    assert EVENTS[0] == f"open {FIRST}"


async def test_the_engines_value_takes_precedence(file: Path) -> None:
    """A file counts as much as its variable; its changes do nothing then."""
    async with served({"SHELF_TOKEN_FILE": str(file)}, {"token": SECOND}) as agent:
        assert await agent.tokens() == "3 3 10"
        replace_with(file, REFUSED)
        agent.clock.advance(5)
        assert (await agent.client.health()).healthy
        assert await agent.tokens() == "3 3 10"


async def test_a_changed_file_swaps_what_depends_on_it(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Within five seconds: the config is reloaded, and lifespans start anew, as with a push."""
    caplog.set_level(logging.INFO)
    async with served({"SHELF_TOKEN_FILE": str(file)}) as agent:
        assert await agent.tokens() == "2 2 10"
        replace_with(file, f"{SECOND}\n")
        assert await agent.tokens() == "2 2 10"
        await agent.until(lambda: f"close {FIRST}" in EVENTS)
        assert await agent.tokens() == "3 3 10"
    # Each is tried out once in the beginning.
    assert EVENTS[-2:] == [f"close {FIRST}", f"close {SECOND}"]
    assert "the config is read again, because its files have changed" in caplog.text


async def test_a_push_after_the_change_keeps_the_new_value(file: Path) -> None:
    """What the engine sets later is combined with the files as they are then."""
    async with served({"SHELF_TOKEN_FILE": str(file)}, {"rows": "20"}) as agent:
        replace_with(file, f"{SECOND}\n")
        await agent.until(lambda: f"close {FIRST}" in EVENTS)
        assert await agent.tokens() == "3 3 20"
        assert (await agent.client.push_config({"rows": "30"})).acknowledged
        assert await agent.tokens() == "3 3 30"


async def test_the_old_and_the_new_value_are_hidden(file: Path) -> None:
    """Calls that began before the change may still show the old one."""
    async with served({"SHELF_TOKEN_FILE": str(file)}) as agent:
        replace_with(file, SECOND)
        await agent.until(lambda: f"close {FIRST}" in EVENTS)
        answer = await agent.client.execute("leak")
    assert answer.error == "[secret] is wrong, it was [secret]"


async def test_a_value_that_is_refused_leaves_everything_as_it_was(file: Path) -> None:
    """The agent is unhealthy until the file is accepted; a minute later it is tried again."""
    async with served({"SHELF_TOKEN_FILE": str(file)}) as agent:
        replace_with(file, REFUSED)
        while (health := await agent.client.health()).healthy:
            agent.clock.advance(5)
        assert health.message == (
            "the config's files are refused: shelf has not started: it does not know [secret]"
        )
        assert await agent.tokens() == "2 2 10"
        replace_with(file, SECOND)
        await agent.until(lambda: f"close {FIRST}" in EVENTS, seconds=60)
        assert (await agent.client.health()).healthy
        assert await agent.tokens() == "3 3 10"


async def test_a_file_that_is_gone_changes_nothing(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """There is one warning, the agent stays healthy, and pushes are accepted."""
    async with served({"SHELF_TOKEN_FILE": str(file)}) as agent:
        os.unlink(file)
        await agent.until(lambda: "the previous content stays in use" in caplog.text)
        agent.clock.advance(5)
        assert (await agent.client.health()).healthy
        assert (await agent.client.push_config({"rows": "30"})).acknowledged
        assert await agent.tokens() == "2 2 30"
    assert caplog.text.count("the previous content stays in use") == 1


@pytest.mark.parametrize(
    ("environ", "sentences"),
    [
        (
            {"SHELF_TOKEN": FIRST, "SHELF_TOKEN_FILE": "{file}"},
            ["SHELF_TOKEN and SHELF_TOKEN_FILE exclude each other: set one"],
        ),
        (
            {"SHELF_TOKEN_FILE": "{file}-nowhere", "SHELF_ROWS_FILE": "{file}"},
            [
                "SHELF_TOKEN_FILE: there is no file {file}-nowhere",
                f'SHELF_ROWS_FILE (rows): expected integer, got "{FIRST}"',
            ],
        ),
        ({"SHELF_URL_FILE": "/"}, ["SHELF_URL_FILE: / cannot be read: Is a directory"]),
    ],
    ids=["both", "missing and wrong", "folder"],
)
async def test_the_agent_does_not_start_without_its_files(
    environ: dict[str, str], sentences: list[str], file: Path
) -> None:
    """One sentence for each variable names it and its path."""
    given = {name: value.format(file=file) for name, value in environ.items()}
    with pytest.raises(ConfigurationError) as caught:
        await run_agent(
            checked_plugin(shelf_agent()),
            Settings.from_mapping({"MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0"}),
            environ=given,
            stop=asyncio.Event(),
            on_listening=lambda _: None,
            clock=ManualClock(),
        )
    expected = [sentence.format(file=file) for sentence in sentences]
    assert str(caught.value).splitlines() == expected


async def test_a_blank_variable_is_not_set(file: Path) -> None:
    """Neither beside its file, nor as the name of one."""
    async with served(
        {"SHELF_TOKEN": " ", "SHELF_TOKEN_FILE": str(file), "SHELF_URL_FILE": ""}
    ) as agent:
        assert await agent.tokens() == "2 2 10"


async def test_a_field_of_that_name_comes_first(file: Path) -> None:
    """If a field reads `NAME_FILE` itself, it is no file for the field that reads `NAME`."""
    agent = agent_with(BothConfig)
    both: list[BothConfig] = []

    @agent.action
    async def keep(config: BothConfig) -> str:
        """Keep the config."""
        both.append(config)
        return "kept"

    async with agent_client(
        agent, environ={"SHELF_KEY": "k", "SHELF_KEY_FILE": str(file)}
    ) as client:
        await client.execute("keep")
    assert both == [BothConfig("k", str(file))]
