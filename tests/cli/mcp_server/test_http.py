"""The command as a real process that speaks MCP over HTTP."""

import asyncio
import signal
import socket
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import pytest

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.mcp_server.http_transport import (
    bound_socket,
    is_loopback,
    security_of,
    url_of,
)
from tests.cli.mcp_server.clients import (
    MODES,
    Heard,
    Mode,
    Person,
    client_of,
    command,
    text_of,
    until,
)


@asynccontextmanager
async def served(*arguments: str) -> AsyncIterator[tuple[Process, str]]:
    """The process, and its URL."""
    given = command("--http", "--port", "0", *arguments)
    started = await asyncio.create_subprocess_exec(
        given.command, *given.args, stdout=PIPE, stderr=PIPE
    )
    assert started.stdout is not None
    try:
        url = ""
        while not url.startswith("http"):
            line = await started.stdout.readline()
            assert line, "the process ended"
            url = line.decode().rpartition(": ")[2].strip()
        yield started, url
    finally:
        if started.returncode is None:
            started.kill()
        await started.communicate()


async def test_clients_list_and_call_the_actions() -> None:
    """Clients of both eras at once, each with its own calls and questions."""

    async def use(url: str, mode: Mode, number: int) -> None:
        person, heard = Person(), Heard()
        async with client_of(url, mode, person=person) as client:
            assert len((await client.list_tools()).tools) == 13
            counted = await client.call_tool(
                "count", {"to": number}, progress_callback=heard.on_progress
            )
            assert counted.structured_content == {"result": list(range(number))}
            assert len(heard.progress) == number
            restocked = await client.call_tool("restock", {"item": f"wine {number}"})
            assert text_of(restocked) == f'{{"result":"restocked wine {number}"}}'
            assert [f"wine {number}" in text for text in person.asked] == [True]
            assert (await client.call_tool("fail")).is_error
            assert text_of(await client.call_tool("report")) == '{"result":"reported"}'
            waiting = Heard()
            call = asyncio.create_task(
                client.call_tool("wait", progress_callback=waiting.on_progress)
            )
            await until(lambda: waiting.progress)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)

    async with served() as (process, url):
        await asyncio.gather(*(use(url, mode, n) for n, mode in enumerate(MODES, start=2)))
        assert process.stdout is not None
        for _ in MODES:
            while await process.stdout.readline() != b"stopped waiting\n":
                assert not process.stdout.at_eof()
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
        assert process.stderr is not None
        errors = await process.stderr.read()
        assert b"ASGI" not in errors
        assert b"graceful shutdown" not in errors


async def test_other_hosts_and_origins_are_refused() -> None:
    """Web pages cannot call the tools by a name of their own; 406 is what comes after the check."""
    cases: list[tuple[Mapping[str, str], int]] = [
        ({"host": "attacker.example"}, 421),
        ({"host": "attacker.example:80"}, 421),
        ({"origin": "http://attacker.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:3000"}, 406),
        ({"host": "mcp.example:8000"}, 406),
    ]
    given = {"content-type": "application/json", "accept": "text/plain"}
    async with served("--allow-host", "mcp.example") as (_, url), httpx.AsyncClient() as client:
        for headers, status in cases:
            response = await client.post(url, headers={**given, **headers}, content=b"{}")
            assert (headers, response.status_code) == (headers, status)


def test_loopback_is_always_accepted() -> None:
    """With any port, and beside the address that was given."""
    found = security_of("10.0.0.1", ["mcp.example"])
    assert {"127.0.0.1:*", "localhost:*", "[::1]:*", "10.0.0.1:*", "mcp.example"} <= set(
        found.allowed_hosts
    )
    assert "https://mcp.example" in found.allowed_origins
    assert found.enable_dns_rebinding_protection


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True),
     ("0.0.0.0", False),  # noqa: S104 - as a user may
     ("::", False), ("10.0.0.1", False), ("example.com", False)],
)  # fmt: skip
def test_what_loopback_is(host: str, expected: bool) -> None:
    """Everything else is reachable from elsewhere, and warned about."""
    assert is_loopback(host) is expected


def test_a_port_that_is_taken_is_refused() -> None:
    """The sentence says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError) as caught:
            bound_socket("127.0.0.1", port)
    assert str(caught.value) == (
        f"cannot listen on 127.0.0.1:{port}: address already in use; "
        "pass another --port, or --port 0 for any free one"
    )


def test_the_url_of_ipv6_has_brackets() -> None:
    """Clients can use it as it is."""
    with bound_socket("::1", 0) as listener:
        assert url_of("::1", listener) == f"http://[::1]:{listener.getsockname()[1]}/mcp"
