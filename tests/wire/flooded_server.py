"""A server in a process of its own, whose memory and leftovers a flood's test asks for."""

import asyncio
import gc
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from mirastack_sdk._wire.server import Server
from tests.wire.notes import Note, Notes, note_codecs

_REPOSITORY = Path(__file__).parents[2]
_KILOBYTE = 1024


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What a server holds; `handlers` are tasks too."""

    connections: int
    streams: int
    calls: int
    handlers: int
    tasks: int


class FloodedServer:
    """The process, seen from its test."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.port = port
        self._process = process
        self._memory = Path(f"/proc/{process.pid}")

    async def leftovers(self) -> Leftovers:
        """Ask what the server holds now."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(b"\n")
        return Leftovers(**json.loads(await stdout.readline()))

    async def settled(self, expected: Leftovers) -> Leftovers:
        """Ask until the server holds what is expected, for five seconds at most."""
        end = asyncio.get_running_loop().time() + 5
        while True:
            found = await self.leftovers()
            if found == expected or asyncio.get_running_loop().time() > end:
                return found

    def forget_peak(self) -> None:
        """Let `peak` count from now on."""
        (self._memory / "clear_refs").write_text("5")

    @property
    def peak(self) -> int:
        """The most memory that the process had resident since `forget_peak`, in bytes."""
        return self._status("VmHWM")

    def _status(self, name: str) -> int:
        for line in (self._memory / "status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * _KILOBYTE
        raise AssertionError(f"the system does not tell {name}")


@asynccontextmanager
async def flooded_server() -> AsyncIterator[FloodedServer]:
    """Start the process; gives it once it serves."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.wire.flooded_server",
        cwd=_REPOSITORY,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        async with asyncio.timeout(30):
            port = int(await process.stdout.readline())
        yield FloodedServer(process, port)
    finally:
        process.stdin.close()
        await process.wait()


async def _reply(note: Note) -> Note:
    """Answer "wait" never, a number with so many characters, and anything else with itself."""
    if note.text == "wait":
        await asyncio.Event().wait()
    return Note("x" * int(note.text)) if note.text.isdecimal() else note


def _leftovers(server: Server) -> Leftovers:
    gc.collect()
    connections = server._connections  # noqa: SLF001 - what no client can see
    return Leftovers(
        connections=len(connections),
        streams=sum(one._http2.open_streams for one in connections),  # noqa: SLF001 - as above
        calls=sum(len(one._calls) for one in connections),  # noqa: SLF001 - as above
        handlers=len(server._state.running),  # noqa: SLF001 - as above
        tasks=len(asyncio.all_tasks()),
    )


async def _serve() -> None:
    server = Server([Notes(_reply)], note_codecs(), max_message_bytes=2**20)
    await server.start()
    print(server.port, flush=True)  # noqa: T201 - the process speaks to its test
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(asdict(_leftovers(server))), flush=True)  # noqa: T201 - as above
    await server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
