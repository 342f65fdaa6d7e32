"""Agents of every kind behind an MCP server."""

from dataclasses import replace
from pathlib import Path

import pytest

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.loading.targets import load_target
from mirastack_sdk._cli.mcp_server.served_agent import ServerOptions, agent_server
from tests.cli import programs
from tests.cli.mcp_server.clients import client_of

OPTIONS = ServerOptions(policy="ask", timeout=60.0, config={})
CONFIG = """
from dataclasses import dataclass
from typing import Annotated

@dataclass
class Config:
    url: Annotated[str, "The backend's URL."] = ""
    limit: Annotated[int, "At most this many rows."] = 10

"""


@pytest.mark.parametrize(
    ("source", "tool", "content"),
    [
        (programs.TYPED, "add", {"result": 3}),
        (programs.PLUGIN, "hello", {"result": "hello"}),
        (programs.PUBLISHED, "ping", {"pong": True}),
    ],
    ids=["typed", "plugin", "published"],
)
async def test_every_kind_of_agent_is_served(
    folder: Path, source: str, tool: str, content: object
) -> None:
    """Agents in each style have tools, whose results are structured."""
    (folder / "some_agent.py").write_text(source, encoding="utf-8")
    target = load_target("some_agent.py")
    async with (
        agent_server(target, OPTIONS, is_shared=False) as server,
        client_of(server, "auto") as client,
    ):
        assert [found.name for found in (await client.list_tools()).tools] == [tool]
        result = await client.call_tool(tool, {"a": 2} if tool == "add" else {})
    assert (result.is_error, result.structured_content) == (False, content)


async def test_an_agent_that_does_not_start_is_an_error(folder: Path) -> None:
    """The error has the sentence of the quality gates, and the status for it."""
    source = programs.PLUGIN.replace("Says hello", "")
    (folder / "some_agent.py").write_text(source, encoding="utf-8")
    with pytest.raises(CommandError, match="description") as caught:
        async with agent_server(load_target("some_agent.py"), OPTIONS, is_shared=False):
            pass
    assert caught.value.status == ExitStatus.NO_AGENT


async def test_a_misspelt_config_value_is_an_error(folder: Path) -> None:
    """A key that the agent does not declare would have no effect."""
    source = programs.TYPED.replace("Agent(", "Agent(config=Config, ")
    (folder / "some_agent.py").write_text(CONFIG + source, encoding="utf-8")
    options = replace(OPTIONS, config={"ulr": "x"})
    with pytest.raises(
        CommandError, match="typed_agent has no config parameter ulr; it has url, limit"
    ):
        async with agent_server(load_target("some_agent.py"), options, is_shared=False):
            pass


async def test_a_config_that_the_agent_refuses_is_an_error(folder: Path) -> None:
    """Without it, the agent would run with another config than the one that was given."""
    source = programs.TYPED.replace("Agent(", "Agent(config=Config, ")
    (folder / "some_agent.py").write_text(CONFIG + source, encoding="utf-8")
    options = replace(OPTIONS, config={"limit": "many"})
    with pytest.raises(CommandError, match="typed_agent refuses the config: limit: expected int"):
        async with agent_server(load_target("some_agent.py"), options, is_shared=False):
            pass


async def test_the_engine_does_not_keep_what_nobody_reads(folder: Path) -> None:
    """A server that runs for weeks does not grow with each call."""
    source = programs.TYPED.replace(
        "async def add(a: int, b: int = 1) -> int:",
        "async def add(a: int, engine: EngineClient, ctx: Context, b: int = 1) -> int:",
    ).replace("return a + b", "await engine.cache_get(ctx, 'typed_agent:x')\n    return a + b")
    imports = "from mirastack_sdk.plugin import Context, EngineClient\n"
    (folder / "some_agent.py").write_text(imports + source, encoding="utf-8")
    async with agent_server(load_target("some_agent.py"), OPTIONS, is_shared=False) as server:
        async with client_of(server, "auto") as client:
            for number in range(150):
                await client.call_tool("add", {"a": number})
        assert len(server.calls.engine.calls) == 100
