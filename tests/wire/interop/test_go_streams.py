"""Streams between grpc-go and us, in both directions."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from grpclib.exceptions import GRPCError

from mirastack_sdk._wire.grpc.status import CallRefused, Status
from scripts.go_build import build_go
from tests.e2e.go_engine.building import require_go
from tests.e2e.in_process import served
from tests.runtime.standard_services.agents import Patient
from tests.wire.interop.peers import TIMEOUT
from tests.wire.streaming.four_kinds import (
    JOIN,
    SPLIT,
    TALK,
    Streams,
    calling,
    rest,
    serving,
    taken,
)
from tests.wire.streaming.probes import Probe, until_closed


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of grpc-go."""
    require_go()
    target = tmp_path_factory.getbasetemp() / "go_streams"
    build_go(Path(__file__).parent / "go_streams", target)
    return target


@asynccontextmanager
async def running(program: Path, *arguments: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        program, *arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    try:
        async with asyncio.timeout(90):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line_of(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


def tell(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")


class Splitting:
    """Sends without an end for "*", refuses "refuse", and sends the letters of other words."""

    def __init__(self) -> None:
        self.probes: list[Probe] = []

    async def split(self, word: bytes) -> AsyncIterator[bytes]:
        """Respond as the word says."""
        if word == b"refuse":
            raise CallRefused(Status.DATA_LOSS, "half of it is gone: ü")
        if word == b"*":
            self.probes.append(Probe())
            messages = self.probes[-1].messages()
            try:
                async for message in messages:
                    yield message
            finally:
                await messages.aclose()  # type: ignore[attr-defined] # it is a generator
            return
        for letter in word:
            yield bytes([letter])


@pytest.mark.parametrize("check", ["kinds", "cancels", "slow", "ends"])
async def test_grpc_go_calls_us(program: Path, check: str) -> None:
    """Each kind, cancelled at every point, with a slow reader, with a deadline and a status."""
    service = Splitting()
    async with (
        serving(Streams(split=service.split)) as server,
        running(program, check, f"127.0.0.1:{server.port}") as process,
    ):
        output, errors = await process.communicate()
        assert (output, errors) == (b"ok\n", b"")
        await until_closed(*service.probes)
        assert await server.drain(10) == 0


async def test_a_kubelet_finds_an_agent_serving(program: Path) -> None:
    """Its probe is a Check of grpc-go's own health client."""
    async with (
        served(Patient()) as port,
        running(program, "health", f"127.0.0.1:{port}") as process,
    ):
        assert await process.communicate() == (b"ok\n", b"")


async def test_a_stream_of_grpc_go_crosses_our_goaway(program: Path) -> None:
    """A server that drains serves the stream to its end."""
    async with (
        serving() as server,
        running(program, "goaway", f"127.0.0.1:{server.port}") as process,
    ):
        assert await line_of(process) == "open"
        draining = asyncio.ensure_future(server.drain(TIMEOUT))
        tell(process)
        assert await line_of(process) == "ok"
        assert await draining == 0


async def test_we_call_grpc_go(program: Path) -> None:
    """Each kind, with messages of many sizes, and a status."""
    messages = [b"a" * 200_000, b"", b"b", *[b"%d" % number for number in range(500)]]
    async with (
        running(program, "serve") as process,
        calling(int(await line_of(process))) as channel,
    ):
        assert await rest(channel.unary_stream(SPLIT, b"abc")) == [b"a", b"b", b"c"]
        together: bytes = await channel.stream_unary(JOIN, messages)
        assert together == b"".join(messages)
        assert await rest(channel.stream_stream(TALK, messages)) == messages
        with pytest.raises(GRPCError, match="half of it is gone: ü") as error:
            await rest(channel.unary_stream(SPLIT, b"refuse"))
    assert error.value.status is Status.DATA_LOSS


@pytest.mark.parametrize("point", [0, 1, 2, 30, 300])
async def test_calls_of_grpc_go_are_cancelled_at_any_point(program: Path, point: int) -> None:
    """The requests' generators are closed, and the connection serves the next call."""
    async with (
        running(program, "serve") as process,
        calling(int(await line_of(process))) as channel,
    ):
        requests = [Probe() for _ in range(10)]
        for probe in requests:
            responses = channel.stream_stream(TALK, probe.messages())
            await taken(responses, point)
            await responses.aclose()
        await until_closed(*(probe for probe in requests if probe.begun.is_set()))
        assert await rest(channel.unary_stream(SPLIT, b"abc")) == [b"a", b"b", b"c"]


async def test_our_stream_crosses_the_goaway_of_grpc_go(program: Path) -> None:
    """GracefulStop waits for the stream, which goes on in both directions."""
    asked: asyncio.Queue[bytes] = asyncio.Queue()

    async def questions() -> AsyncIterator[bytes]:
        while question := await asked.get():
            yield question

    async with (
        running(program, "serve") as process,
        calling(int(await line_of(process))) as channel,
    ):
        answers = channel.stream_stream(TALK, questions())
        asked.put_nowait(b"before")
        assert await anext(answers) == b"before"
        retired = asyncio.ensure_future(channel.pool.retired.wait())
        tell(process)
        await retired
        for number in range(100):
            asked.put_nowait(b"%d" % number)
            assert await anext(answers) == b"%d" % number
        asked.put_nowait(b"")
        assert await rest(answers) == []
        assert await line_of(process) == "ok"
