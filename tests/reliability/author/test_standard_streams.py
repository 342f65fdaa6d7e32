"""Standard output and standard error that nobody reads, or that are closed."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager

import pytest

from mirastack_sdk.testing import LocalEngine
from tests.e2e.agent_process import AGENTS

_TIMEOUT = 10.0

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
    engine: LocalEngine, stdout: int, stderr: int, closed: str = ""
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        "sh",
        "-c",
        f'exec "$0" "$1" {closed}',
        sys.executable,
        str(AGENTS / "worker.py"),
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


async def _serves_and_stops(
    engine: LocalEngine, stdout: int, stderr: int, closed: str = ""
) -> None:
    async with _worker(engine, stdout, stderr, closed) as process:
        agent = await engine.wait_registered("worker", timeout=30)
        for _ in range(5):
            await asyncio.gather(*(agent.execute("fail", {"text": "x" * 500}) for _ in range(20)))
        began = time.monotonic()
        assert (await agent.execute("answer")).success
        assert (await agent.health()).healthy
        assert time.monotonic() - began < 1
        process.terminate()
        async with asyncio.timeout(_TIMEOUT):
            assert await process.wait() == 0
