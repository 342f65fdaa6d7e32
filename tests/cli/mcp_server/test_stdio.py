"""The command as a real process that speaks MCP on standard input and output."""

import asyncio
import json
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mirastack_sdk._cli.mcp_server.stdio_transport import ProtocolFiles, stdio_streams
from tests.cli.mcp_server.clients import (
    ACCEPT,
    MODES,
    Heard,
    Mode,
    Person,
    client_of,
    command,
    shop_server,
    text_of,
)

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[Process]:
    """The process itself, without a client."""
    given = command(*arguments)
    started = await asyncio.create_subprocess_exec(
        given.command, *given.args, stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=2**24
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.communicate()


async def ask(server: Process, *messages: object) -> dict[str, object]:
    """Send messages, and return the next one that the server sends."""
    assert server.stdin is not None
    assert server.stdout is not None
    for message in messages:
        text = message if isinstance(message, str) else json.dumps(message)
        server.stdin.write(f"{text}\n".encode())
    answer: dict[str, object] = json.loads(await server.stdout.readline())
    return answer


def called(tool: str, number: int, **arguments: object) -> dict[str, object]:
    """A call of a tool as a message."""
    params = {"name": tool, "arguments": arguments, "_meta": {"progressToken": number}}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


@pytest.mark.parametrize("mode", MODES)
async def test_a_client_lists_and_calls_the_actions(mode: Mode) -> None:
    """What the author prints, also past Python, does not disturb the protocol."""
    person, heard = Person(answer=lambda _: ACCEPT), Heard()
    async with client_of(command("--config", "greeting=hej"), mode, person=person) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        assert names[:3] == ["list_items", "greet", "count"]
        items = await client.call_tool("list_items")
        assert items.structured_content == {
            "result": [{"name": "Käse 🧀", "price": 2.5}, {"name": "wine", "price": 10.0}]
        }
        assert text_of(await client.call_tool("greet", {"name": "du"})) == '{"result":"hej du"}'
        await client.call_tool("count", {"to": 2}, progress_callback=heard.on_progress)
        assert [message for _, _, message in heard.progress] == ["0", "1"]
        assert not (await client.call_tool("restock", {"item": "wine"})).is_error
        assert len(person.asked) == 1
        assert (await client.call_tool("fail")).is_error
        big = await client.call_tool("bulk", {"size": 2**20})
        assert big.structured_content == {"result": "ß" * 2**20}


async def test_the_process_ends_when_its_input_ends() -> None:
    """Running calls are cancelled, and the agent stops in an orderly way; prints are in stderr."""
    async with process() as server:
        first = await ask(server, INITIALIZE)
        assert first["id"] == 1
        progress = await ask(server, INITIALIZED, called("wait", 2))
        assert progress["method"] == "notifications/progress"
        output, errors = await server.communicate()
    assert server.returncode == 0
    assert [json.loads(line)["id"] for line in output.splitlines()] == [2]
    printed = errors.decode().splitlines()
    assert printed[:2] == ["imported", "written past Python"]
    assert "stopped waiting" in printed
    assert "Traceback" not in errors.decode()


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"]
)
async def test_signals_end_the_process(number: signal.Signals, status: int) -> None:
    """The client need not close its end first."""
    async with process() as server:
        await ask(server, INITIALIZE)
        server.send_signal(number)
        assert await server.wait() == status


async def test_an_agent_that_cannot_be_found_ends_the_process() -> None:
    """The sentence is on standard error, and nothing on standard output."""
    given = command()
    server = await asyncio.create_subprocess_exec(
        given.command, "mcp", "missing.py", stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    output, errors = await server.communicate()
    assert (server.returncode, output) == (2, b"")
    assert errors.decode().startswith("mirastack-agent: ")


async def talk(messages: bytes, folder: Path) -> list[dict[str, object]]:
    """Serve a file of messages to its end, and return what was written into another file."""
    (folder / "incoming").write_bytes(messages)
    (folder / "outgoing").touch()
    files = ProtocolFiles(
        incoming=os.open(folder / "incoming", os.O_RDONLY),
        outgoing=os.open(folder / "outgoing", os.O_WRONLY),
    )
    try:
        async with shop_server() as agent, stdio_streams(files) as (incoming, outgoing):
            options = agent.server.create_initialization_options()
            await agent.server.run(incoming, outgoing, options)
    finally:
        os.close(files.incoming)
        os.close(files.outgoing)
    written = (folder / "outgoing").read_text(encoding="utf-8")
    return [json.loads(line) for line in written.splitlines()]


def lines(*messages: object) -> bytes:
    """Messages as they are sent."""
    return "".join(f"{json.dumps(message)}\n" for message in messages).encode()


async def test_messages_may_come_from_a_file(tmp_path: Path) -> None:
    """Standard input and output need not be pipes, and what was answered is written."""
    (answer,) = await talk(lines(INITIALIZE, INITIALIZED), tmp_path)
    assert answer["id"] == 1


@pytest.mark.parametrize(
    "junk", [b"{\n", b"\n \n", b"[]\n", b'"text"\n', b"\xff\xfe\n", b"{}\r\n"], ids=repr
)
async def test_junk_is_skipped(junk: bytes, tmp_path: Path) -> None:
    """A line that is no message gets no answer, and the next one does."""
    (answer,) = await talk(junk + lines(INITIALIZE, INITIALIZED), tmp_path)
    assert answer["id"] == 1


async def test_the_last_line_needs_no_end(tmp_path: Path) -> None:
    """The end of the file ends it."""
    (answer,) = await talk(lines(INITIALIZE).rstrip(), tmp_path)
    assert answer["id"] == 1


async def test_lines_of_any_length_arrive(tmp_path: Path) -> None:
    """Also those that need several reads, and those after them."""
    first = {**INITIALIZE, "id": "x" * 300_000}
    # Each is answered before the next line is read.
    others = [{**INITIALIZE, "id": number} for number in (2, 3)]
    answers = await talk(lines(first, *others), tmp_path)
    assert [answer["id"] for answer in answers] == [first["id"], 2, 3]
