"""Standard output and standard error that nobody reads, or that are closed."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from mirastack_sdk.testing import LocalEngine
from tests.e2e.agent_process import AGENTS

_TIMEOUT = 10.0
WRITER = Path(__file__).parent / "agents" / "writer.py"

type Pipe = Callable[[], AbstractContextManager[int]]


@contextmanager
def _full_pipe() -> Iterator[int]:
    """A pipe that takes nothing more, and that nobody reads."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    for size in (65_536, 1):
        try:
            while True:
                os.write(writing, b"." * size)
        except BlockingIOError:
            pass
    os.set_blocking(writing, True)
    yield writing
    os.close(reading)
    os.close(writing)


@contextmanager
def _unread_pipe() -> Iterator[int]:
    """An empty pipe that nobody reads."""
    reading, writing = os.pipe()
    yield writing
    os.close(reading)
    os.close(writing)


@contextmanager
def _closed_pipe() -> Iterator[int]:
    """A pipe whose reader has gone."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@contextmanager
def _nowhere() -> Iterator[int]:
    yield asyncio.subprocess.DEVNULL


@asynccontextmanager
async def _worker(
    engine: LocalEngine,
    stdout: int,
    stderr: int,
    closed: str = "",
    program: Path = AGENTS / "worker.py",
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        "sh",
        "-c",
        f'exec "$0" "$1" {closed}',
        sys.executable,
        str(program),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env={
            **os.environ,
            "MIRASTACK_ENGINE_ADDR": engine.address,
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
        },
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize("stdout", [_full_pipe, _closed_pipe, _nowhere])
@pytest.mark.parametrize("stderr", [_full_pipe, _unread_pipe, _closed_pipe])
async def test_it_neither_delays_a_call_nor_changes_the_status(stdout: Pipe, stderr: Pipe) -> None:
    """Also if the agent logs more than the pipe takes; the agent ends in time, with status 0."""
    async with LocalEngine() as engine:
        with stdout() as out, stderr() as err:
            await _serves_and_stops(engine, out, err)
    assert len(engine.deregistrations) == 1


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
async def test_an_agent_may_start_without_standard_streams(closed: str) -> None:
    """As under supervisors that close them: Python then has no stream at all."""
    async with LocalEngine() as engine:
        with _nowhere() as nowhere:
            await _serves_and_stops(engine, nowhere, nowhere, closed)
    assert len(engine.deregistrations) == 1


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
async def test_no_socket_is_a_standard_stream(closed: str) -> None:
    """The null device replaces closed streams, for C libraries and for child processes as well."""
    nowhere = asyncio.subprocess.DEVNULL
    async with (
        LocalEngine() as engine,
        _worker(engine, nowhere, nowhere, closed, WRITER) as process,
    ):
        agent = await engine.wait_registered("writer", timeout=30)
        result = json.loads((await agent.execute("write")).output["result"])
        assert result == {"not_a_device": [], "written": 2, "child": 0}
        assert (await agent.health()).healthy
        process.terminate()
        async with asyncio.timeout(_TIMEOUT):
            assert await process.wait() == 0


async def _serves_and_stops(
    engine: LocalEngine, stdout: int, stderr: int, closed: str = ""
) -> None:
    async with _worker(engine, stdout, stderr, closed) as process:
        agent = await engine.wait_registered("worker", timeout=30)
        async with asyncio.timeout(_TIMEOUT):
            for _ in range(5):
                text = {"text": "x" * 500}
                await asyncio.gather(*(agent.execute("fail", text) for _ in range(20)))
            assert (await agent.execute("answer")).success
            assert (await agent.health()).healthy
        process.terminate()
        async with asyncio.timeout(_TIMEOUT):
            assert await process.wait() == 0
