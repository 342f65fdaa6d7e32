"""An agent in its own process, its outputs, and signals to it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

AGENTS = Path(__file__).parent / "agents"
# Only for a process that a test has failed to end.
_TIMEOUT = 60.0


class AgentProcess:
    """One running agent; `stdout` and `log` hold the lines so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.stdout: list[str] = []
        self.log: list[str] = []
        self._changed = asyncio.Condition()
        self._readers = [
            asyncio.create_task(self._read(process.stdout, self.stdout)),
            asyncio.create_task(self._read(process.stderr, self.log)),
        ]

    async def _read(self, stream: asyncio.StreamReader | None, lines: list[str]) -> None:
        assert stream is not None
        async for line in stream:
            async with self._changed:
                lines.append(line.decode().rstrip("\n"))
                self._changed.notify_all()

    async def logged(self, text: str, timeout: float = 30.0) -> str:
        """Wait for a log line that holds `text`, and return it."""

        def found() -> str | None:
            return next((line for line in self.log if text in line), None)

        try:
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: found() is not None)
        except TimeoutError:
            raise AssertionError(
                f"never logged: {text!r}; the log:\n" + "\n".join(self.log)
            ) from None
        line = found()
        assert line is not None
        return line

    async def port(self) -> int:
        """Wait for the port line and return the port."""
        async with asyncio.timeout(_TIMEOUT), self._changed:
            await self._changed.wait_for(lambda: len(self.stdout) > 0)
        name, _, port = self.stdout[0].partition("=")
        assert name == "MIRASTACK_PLUGIN_PORT"
        return int(port)

    @property
    def memory(self) -> int:
        """The memory that the process has resident, in bytes; only Linux tells."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) * 1024

    def signal(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send a signal, unless the process has ended.

        Not with `send_signal`, which itself waits for a process that has just ended: asyncio does
        not get its status then.
        """
        if self.process.returncode is None:
            os.kill(self.process.pid, number)

    async def ended(self, timeout: float = _TIMEOUT) -> int:
        """Wait for the end and return the exit status."""
        async with asyncio.timeout(timeout):
            status = await self.process.wait()
            await asyncio.gather(*self._readers)
        return status


@asynccontextmanager
async def agent_process(
    program: str | Path, *, engine: str = "", **environ: str
) -> AsyncIterator[AgentProcess]:
    """Start an agent program; on exit, its process is killed if it is still there."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(AGENTS / program),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={
            **{name: value for name, value in os.environ.items() if "MIRASTACK" not in name},
            "MIRASTACK_ENGINE_ADDR": engine,
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
            **environ,
        },
    )
    agent = AgentProcess(process)
    try:
        yield agent
    finally:
        if process.returncode is None:
            process.kill()
        await agent.ended()
