"""Tools that run in worker processes."""

import os
import sys
from pathlib import Path

from mcp import Client, StdioServerParameters

from tests.cli.dev.dev_process import is_running, until
from tests.cli.mcp_server.clients import MODES, client_of, text_of
from tests.e2e.agent_process import AGENTS


def computing() -> StdioServerParameters:
    """The command `mirastack-agent mcp` for an agent that computes in worker processes."""
    return StdioServerParameters(
        command=str(Path(sys.executable).with_name("mirastack-agent")),
        args=["mcp", str(AGENTS / "computing.py")],
    )


async def process_id(client: Client) -> int:
    """The process in which the tool has printed a line, which is not the protocol's."""
    match (await client.call_tool("process_id")).structured_content:
        case {"result": int(pid)}:
            return pid
        case other:
            raise AssertionError(other)


async def test_a_session_with_a_worker() -> None:
    """What a worker prints and raises does not disturb the session, at whose end it ends."""
    async with client_of(computing(), MODES[0]) as client:
        worker = await process_id(client)
        assert worker != os.getpid()
        failed = await client.call_tool("fail", {"text": "no such number"})
        assert failed.is_error
        assert text_of(failed) == "no such number"
        assert await process_id(client) == worker
    await until(lambda: not is_running(worker))
