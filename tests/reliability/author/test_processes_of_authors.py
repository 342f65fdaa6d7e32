"""What an agent's process says and holds when its author, or strangers, are wrong."""

import asyncio
import socket
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.agent_process import agent_process

AGENTS = Path(__file__).parent / "agents"
REPOSITORY = Path(__file__).parents[3]
HOARDER = AGENTS.parents[1] / "descriptors" / "agents" / "hoarder.py"
LARGEST_LOG = 4_000
LARGEST_GROWTH = 40_000_000
STRANGERS = 500


async def test_serve_in_a_running_loop_ends_the_process() -> None:
    """One sentence says what to use, the process ends at once, and its log is short."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.reliability.author.agents.in_a_loop",
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(60):
            printed, logged = await process.communicate()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    assert process.returncode == 1
    assert printed == b""
    assert logged.count(b"use `await serve_async(plugin)` instead") == 1
    assert len(logged) < LARGEST_LOG


async def stranger(host: str, port: int, words: bytes) -> None:
    """Say something that is no HTTP/2, and wait until the agent closes."""
    reader, writer = await asyncio.open_connection(host, port)
    with suppress(ConnectionError):
        writer.write(words)
        await reader.read()
    writer.close()


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this host has no IPv6")
@pytest.mark.parametrize(
    "words", [b"GET / HTTP/1.1\r\nHost: agent\r\n\r\n", b"junk\n" * 20, b"\x16\x03\x01\x02\x00\x01"]
)
async def test_strangers_cost_neither_lines_nor_memory(words: bytes) -> None:
    """Hundreds of them are a few lines; on `[::]` they come over IPv4 as well as IPv6."""
    async with agent_process(HOARDER, DESCRIPTORS="4096", MIRASTACK_PLUGIN_ADDR="[::]:0") as agent:
        port = await agent.port()
        await stranger("127.0.0.1", port, words)
        before = agent.memory
        for host in ("127.0.0.1", "::1"):
            async with asyncio.timeout(60):
                await asyncio.gather(*(stranger(host, port, words) for _ in range(STRANGERS // 2)))
        assert agent.memory - before < LARGEST_GROWTH
        agent.signal()
        assert await agent.ended() == 0
    assert sum(map(len, agent.log)) < LARGEST_LOG
