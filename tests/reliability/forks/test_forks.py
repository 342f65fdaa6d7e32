"""Processes that an author's code forks keep nothing of the agent."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceStub
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk.testing import Encoding, LocalEngine
from tests.e2e.agent_process import AgentProcess, agent_process

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="only Linux lists the sockets of a process"
)

AGENT = Path(__file__).parent / "agents" / "forking.py"
LARGEST_LOG = 8_000
LOOPS = [
    "asyncio",
    pytest.param(
        "uvloop",
        marks=pytest.mark.skipif(find_spec("uvloop") is None, reason="uvloop does not run here"),
    ),
]
WAYS = ["multiprocessing", "pool", "fork", "subprocess"]


class Parent:
    """The agent, and a connection to it."""

    def __init__(self, agent: AgentProcess, port: int, stub: PluginServiceStub) -> None:
        self.agent = agent
        self.port = port
        self._stub = stub
        self.children: list[int] = []

    async def execute(self, action: str, **params: str) -> dict[str, str]:
        """Run an action; returns its output."""
        request = wire.ExecuteRequest(action_id=action, params_json=json.dumps(params).encode())
        response = await self._stub.execute(request)
        assert response.success, response.error
        output: dict[str, str] = json.loads(response.result_json)
        return output

    async def start(self, way: str) -> int:
        """Make the agent start a process; returns which."""
        child = int((await self.execute("start", way=way))["pid"])
        # Zero would be the child's own answer, and would mean this process group.
        assert child > 0
        self.children.append(child)
        return child

    async def is_well(self) -> bool:
        """Whether the agent answers a health check."""
        return (await self._stub.health_check(wire.HealthCheckRequest())).healthy


@asynccontextmanager
async def parent(engine: str = "", loop: str = "asyncio") -> AsyncIterator[Parent]:
    """Run the agent; ends it and the processes that it has started."""
    async with agent_process(AGENT, engine=engine, LOOP=loop) as agent:
        port = await agent.port()
        channel = Channel("127.0.0.1", port, CODECS, encoding=Encoding.JSON)
        running = Parent(agent, port, PluginServiceStub(channel, timeout=20.0))
        try:
            yield running
        finally:
            channel.close()
            if agent.process.returncode is None:
                agent.process.kill()
            for child in running.children:
                kill(child)


def kill(pid: int) -> None:
    """End a process, if it has not ended yet."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def tcp_sockets(pid: int) -> list[str]:
    """Return the TCP sockets of a process."""
    tables = "".join(Path(f"/proc/{pid}/net/{name}").read_text() for name in ("tcp", "tcp6"))
    inodes = {line.split()[9] for line in tables.splitlines() if ":" in line.split()[0]}
    links = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            links.append(str(descriptor.readlink()))
    return [link for link in links if link.startswith("socket:") and link[8:-1] in inodes]


def has_no_socket(pid: int) -> bool:
    """Whether a process has no TCP socket, perhaps because it has ended."""
    try:
        return not tcp_sockets(pid)
    except FileNotFoundError:
        return True


def has_ended(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


async def until(condition: Callable[[], bool]) -> bool:
    """Wait until a condition holds; return whether it does in the end."""
    loop = asyncio.get_running_loop()
    end = loop.time() + 10
    while not condition() and loop.time() < end:
        await asyncio.wait([loop.create_future()], timeout=0.02)
    return condition()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("loop", LOOPS)
async def test_a_child_has_no_socket_of_the_agent(way: str, loop: str) -> None:
    """Neither the port nor a connection, of clients or to the engine; the agent keeps them."""
    async with LocalEngine() as engine, parent(engine.address, loop) as running:
        await engine.wait_registered("forking", timeout=30)
        child = await running.start(way)
        assert tcp_sockets(running.agent.process.pid)
        assert await until(lambda: has_no_socket(child))
        assert await running.is_well()


@pytest.mark.parametrize(
    ("number", "way"),
    # Which signal it is matters only to a child that keeps the agent's handlers.
    [*((signal.SIGTERM, way) for way in WAYS), (signal.SIGINT, "fork")],
)
async def test_a_signal_to_a_child_is_the_childs(way: str, number: signal.Signals) -> None:
    """It ends the child, and not the agent."""
    async with parent() as running:
        child = await running.start(way)
        os.kill(child, number)
        assert await until(lambda: has_ended(child))
        assert await running.is_well()
        running.agent.signal()
        await running.agent.logged("stopping")


@pytest.mark.parametrize(
    ("way", "status", "words"),
    [
        ("return", "1", "returned to the agent's event loop"),
        ("raise", "1", "the child has failed"),
        ("exit", "3", ""),
        ("exit with words", "1", "no such file"),
    ],
)
@pytest.mark.parametrize("loop", LOOPS)
async def test_a_child_that_returns_to_the_agent_ends(
    way: str, status: str, words: str, loop: str
) -> None:
    """It becomes no second agent that nobody can reach or stop; `sys.exit` ends it as it says."""
    async with LocalEngine() as engine, parent(engine.address, loop) as running:
        await engine.wait_registered("forking", timeout=30)
        child = await running.start(way)
        assert await until(lambda: has_ended(child))
        assert await running.execute("wait", pid=str(child)) == {"status": status}
        await running.agent.logged(words)
        assert await running.is_well()
        running.agent.signal()
        assert await running.agent.ended() == 0
    assert len(engine.registrations) == 1
    assert sum(map(len, running.agent.log)) < LARGEST_LOG


async def test_terminate_works() -> None:
    """`Process.terminate()` has its effect at once."""
    async with parent() as running:
        await running.start("multiprocessing")
        assert await running.execute("end") == {"status": "-15"}
        assert await running.is_well()


@pytest.mark.parametrize("way", WAYS)
async def test_the_port_is_free_after_the_end_of_the_agent(way: str) -> None:
    """Also if a child lives on; clients see the end of their connections at once."""
    async with parent() as running:
        child = await running.start(way)
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        await reader.readexactly(9)
        running.agent.process.kill()
        async with asyncio.timeout(10):
            with suppress(ConnectionError):
                await reader.read()
            assert await until(lambda: has_ended(running.agent.process.pid))
        writer.close()
        # A child may still be in the middle of its start.
        assert await until(lambda: has_no_socket(child))
        socket.create_server(("127.0.0.1", running.port)).close()


async def test_an_agent_with_a_child_ends_in_order() -> None:
    """It deregisters and ends with status 0."""
    async with LocalEngine() as engine, parent(engine.address) as running:
        await engine.wait_registered("forking", timeout=30)
        child = await running.start("fork")
        running.agent.signal()
        await running.agent.logged("stopped")
        os.kill(child, signal.SIGKILL)
        assert await running.agent.ended() == 0
    assert [record.known for record in engine.deregistrations] == [True]
