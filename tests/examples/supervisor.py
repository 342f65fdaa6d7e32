"""A supervisor of real processes, with a command that is called like systemctl."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

TIMEOUT = 20.0

COMMAND = """#!{python} -IS
import socket, sys
with socket.create_connection(("127.0.0.1", {port})) as supervisor:
    supervisor.sendall("\\0".join(sys.argv[1:]).encode() + b"\\n")
    status, _, text = supervisor.makefile().read().partition("\\n")
print(text)
sys.exit(int(status))
"""

FAILS = (sys.executable, "-ISc", "raise SystemExit(1)")
RUNS = (sys.executable, "-ISc", "import signal; signal.pause()")


class Supervisor:
    """Services by name, each a process; `asked` holds each command's arguments.

    `programs` are started from the next restart on. The next so many states of each service in
    `starting` are reported as "activating". While `holds` is set, commands get no response: `held`
    is set when one has come.
    """

    def __init__(self) -> None:
        self.command = ""
        self.asked: list[list[str]] = []
        self.programs: dict[str, tuple[str, ...]] = {}
        self.starting: dict[str, int] = {}
        self.refusal = ""
        self.holds = False
        self.held, self._quiet = asyncio.Event(), asyncio.Event()
        self._quiet.set()
        self._commands = 0
        self._processes: dict[str, Process] = {}

    def pid(self, service: str) -> int:
        """The service's process."""
        return self._processes[service].pid

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Do what one command asks for."""
        self._commands += 1
        self._quiet.clear()
        try:
            arguments = (await reader.readline()).decode().rstrip("\n").split("\0")
            self.asked.append(arguments)
            if self.holds:
                self.held.set()
                await reader.read()
                return
            status, text = await self._done(*arguments)
            writer.write(f"{status}\n{text}".encode())
            await writer.drain()
        finally:
            writer.close()
            self._commands -= 1
            if not self._commands:
                self._quiet.set()

    async def quiet(self) -> None:
        """Wait until no command that has reached the supervisor is running."""
        await asyncio.wait_for(self._quiet.wait(), TIMEOUT)

    async def _done(self, verb: str, service: str) -> tuple[int, str]:
        if service not in self.programs:
            return 4, "inactive"
        if verb == "restart":
            if self.refusal:
                return 1, self.refusal
            await self.restart(service)
            return 0, ""
        state = self._state(service)
        return (0 if state == "active" else 3), state

    def _state(self, service: str) -> str:
        left = self.starting.get(service, 0)
        if left:
            self.starting[service] = left - 1
            return "activating"
        return "active" if self._processes[service].returncode is None else "failed"

    async def restart(self, service: str) -> None:
        """Replace the service's process; one that fails has done so when this returns."""
        await self._end(service)
        program = self.programs[service]
        process = await asyncio.create_subprocess_exec(*program, stdout=DEVNULL, stderr=DEVNULL)
        self._processes[service] = process
        if program == FAILS:
            await asyncio.wait_for(process.wait(), TIMEOUT)

    async def _end(self, service: str) -> None:
        process = self._processes.pop(service, None)
        if process is not None:
            if process.returncode is None:
                process.kill()
            await asyncio.wait_for(process.wait(), TIMEOUT)

    async def end(self) -> None:
        """End every service."""
        for service in list(self._processes):
            await self._end(service)


@asynccontextmanager
async def supervising(folder: Path, *services: str) -> AsyncIterator[Supervisor]:
    """Run services that stay up, and a command for them in a folder, during the block."""
    supervisor = Supervisor()
    server = await asyncio.start_server(supervisor.answer, "127.0.0.1")
    try:
        port = server.sockets[0].getsockname()[1]
        command = folder / "servicectl"
        command.write_text(COMMAND.format(python=sys.executable, port=port), encoding="utf-8")
        command.chmod(0o700)
        supervisor.command = str(command)
        for service in services:
            supervisor.programs[service] = RUNS
            await supervisor.restart(service)
        yield supervisor
    finally:
        server.close()
        await supervisor.end()
        await asyncio.wait_for(server.wait_closed(), TIMEOUT)
