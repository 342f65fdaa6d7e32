"""Engines in their own processes, killed, frozen and restarted on one port."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

PROGRAM = Path(__file__).parent / "engine_program.py"
_TIMEOUT = 60.0


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


class EngineProcess:
    """An engine at one address, in one process after another."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: asyncio.subprocess.Process | None = None
        self._successor: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        """Its address, `host:port`."""
        return f"127.0.0.1:{self.port}"

    async def prepare(self) -> None:
        """Prepare the next process, so that its start takes no time."""
        self._successor = await asyncio.create_subprocess_exec(
            sys.executable,
            str(PROGRAM),
            str(self.port),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        await _printed(self._successor, "ready")

    async def start(self) -> None:
        """Let the prepared process serve."""
        self._process, self._successor = self._successor, None
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        await self.printed("serving")

    async def printed(self, line: str) -> None:
        """Wait until the process prints a line."""
        assert self._process is not None
        await _printed(self._process, line)

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def kill(self) -> None:
        """End the process at once; its connections are reset."""
        process, self._process = self._process, None
        await _kill(process)

    async def end(self) -> None:
        """End all processes."""
        await self.kill()
        await _kill(self._successor)


async def _printed(process: asyncio.subprocess.Process, line: str) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(_TIMEOUT):
        while (said := await process.stdout.readline()).decode().strip() != line:
            assert said, f"the engine has ended, and never said {line!r}"


async def _kill(process: asyncio.subprocess.Process | None) -> None:
    if process is None:
        return
    process.kill()
    async with asyncio.timeout(_TIMEOUT):
        await process.communicate()


@asynccontextmanager
async def engine_process() -> AsyncIterator[EngineProcess]:
    """Run an engine; on exit, its process is killed if it is still there."""
    engine = EngineProcess()
    try:
        await engine.prepare()
        await engine.start()
        yield engine
    finally:
        await engine.end()
