"""MCP clients: the official SDK's, with what they were told and asked."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mcp import Client, StdioServerParameters, types
from mcp.client import ClientRequestContext

from mirastack_sdk._cli.loading.targets import Target, load_target
from mirastack_sdk._cli.mcp_server.agent_server import AgentServer
from mirastack_sdk._cli.mcp_server.served_agent import ServerOptions, agent_server
from mirastack_sdk._cli.shared_options import ApprovalPolicy

type Mode = Literal["legacy", "auto"]

SHOP = Path(__file__).parent / "agents" / "shop_agent.py"
MODES: tuple[Mode, ...] = ("legacy", "auto")
"""The handshake protocol until 2025, and the one of 2026 in which servers ask nothing by itself."""
ACCEPT = types.ElicitResult(action="accept", content={"comment": "go on"})
DECLINE = types.ElicitResult(action="decline")
CANCEL = types.ElicitResult(action="cancel")


@dataclass(slots=True, kw_only=True)
class Person:
    """The person at a client, who answers questions."""

    answer: Callable[[str], types.ElicitResult | types.ErrorData] = lambda _: ACCEPT
    asked: list[str] = field(default_factory=list)
    hesitates: bool = False
    decides: asyncio.Event = field(default_factory=asyncio.Event)
    was_interrupted: bool = False

    async def __call__(
        self, context: ClientRequestContext, params: types.ElicitRequestParams
    ) -> types.ElicitResult | types.ErrorData:
        self.asked.append(params.message)
        if self.hesitates:
            try:
                await self.decides.wait()
            except asyncio.CancelledError:
                self.was_interrupted = True
                raise
        return self.answer(params.message)


@dataclass(slots=True, kw_only=True)
class Heard:
    """What a client was told beside results."""

    progress: list[tuple[float, float | None, str | None]] = field(default_factory=list)
    logs: list[types.LoggingMessageNotificationParams] = field(default_factory=list)

    async def on_progress(self, progress: float, total: float | None, message: str | None) -> None:
        self.progress.append((progress, total, message))

    async def on_log(self, params: types.LoggingMessageNotificationParams) -> None:
        self.logs.append(params)


def client_of(
    server: AgentServer | StdioServerParameters | str,
    mode: Mode,
    *,
    person: Person | None = None,
    heard: Heard | None = None,
) -> Client:
    """A client of a server in this process, of a command, or at a URL."""
    return Client(
        server.server if isinstance(server, AgentServer) else server,
        mode=mode,
        elicitation_callback=person,
        logging_callback=None if heard is None else heard.on_log,
        log_level="info",
    )


def text_of(result: types.CallToolResult) -> str:
    """The text of a result."""
    (content,) = result.content
    assert isinstance(content, types.TextContent)
    return content.text


async def until[Found](condition: Callable[[], Found]) -> Found:
    """Wait until a condition is true, and return what it found."""
    async with asyncio.timeout(60):
        while not (found := condition()):
            await asyncio.to_thread(lambda: None)
    return found


def tool_tasks() -> list[asyncio.Task[object]]:
    """The tasks of the calls that run on this loop."""
    return [task for task in asyncio.all_tasks() if task.get_name().startswith("tool-")]


def shop() -> Target:
    """A new shop."""
    return load_target(str(SHOP))


@asynccontextmanager
async def shop_server(
    *, policy: ApprovalPolicy = "ask", timeout: float = 60.0, is_shared: bool = False
) -> AsyncIterator[AgentServer]:
    """The MCP server of a new shop, in this process."""
    options = ServerOptions(policy=policy, timeout=timeout, config={"greeting": "hi"})
    async with agent_server(shop(), options, is_shared=is_shared) as server:
        yield server


def command(*arguments: str) -> StdioServerParameters:
    """The command `mirastack-agent mcp` for the shop."""
    return StdioServerParameters(
        command=str(Path(sys.executable).with_name("mirastack-agent")),
        args=["mcp", str(SHOP), *arguments],
    )
