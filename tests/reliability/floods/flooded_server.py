"""Three servers in a separate process, which reports its memory and open resources."""

import asyncio
import gc
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from mirastack_sdk._wire.server.client_watch import ClientTimeouts
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk._wire.server.server_state import Capacity
from tests.reliability.probed_process import ProbedProcess, probed_process
from tests.wire.notes import Note, Notes, note_codecs

# How long the server with short timeouts waits, and how many connections the small one takes.
SHORT = 0.2
FEW = 20


@dataclass(frozen=True, slots=True)
class Leftovers:
    """The open resources of the servers; `handlers` are tasks, too."""

    connections: int
    streams: int
    calls: int
    handlers: int
    tasks: int


class FloodedServer:
    """The process of three servers: a normal one, one with short timeouts, and a small one."""

    def __init__(self, process: ProbedProcess) -> None:
        self.process = process
        ports = [int(port) for port in process.first_line.split()]
        self.normal_port, self.hasty_port, self.small_port = ports

    def leftovers(self) -> Leftovers:
        """Return what the servers hold now."""
        return Leftovers(**self.process.ask())


@contextmanager
def flooded_server() -> Iterator[FloodedServer]:
    """Start the process; gives it once it serves."""
    with probed_process("tests.reliability.floods.flooded_server") as process:
        yield FloodedServer(process)


async def _reply(note: Note) -> Note:
    """Never respond to "wait"; respond to a number with so many characters, and echo the rest."""
    if note.text == "wait":
        await asyncio.Event().wait()
    return Note("x" * int(note.text)) if note.text.isdecimal() else note


def _leftovers(servers: list[Server]) -> Leftovers:
    gc.collect()
    connections = [one for server in servers for one in server._connections]  # noqa: SLF001 - what no client can see
    return Leftovers(
        connections=len(connections),
        streams=sum(one._http2.open_streams for one in connections),  # noqa: SLF001 - as above
        calls=sum(len(one._calls) for one in connections),  # noqa: SLF001 - as above
        handlers=sum(len(server._state.running) for server in servers),  # noqa: SLF001 - as above
        tasks=len(asyncio.all_tasks()),
    )


async def _serve() -> None:
    short = ClientTimeouts(**dict.fromkeys(ClientTimeouts._fields, SHORT))
    servers = [
        Server([Notes(_reply)], note_codecs(), max_message_bytes=2**20),
        Server([Notes(_reply)], note_codecs(), timeouts=short),
        Server([Notes(_reply)], note_codecs(), capacity=Capacity(connections=FEW)),
    ]
    for server in servers:
        await server.start()
    print(*(server.port for server in servers), flush=True)  # noqa: T201 - the process speaks to its test
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(asdict(_leftovers(servers))), flush=True)  # noqa: T201 - as above
    for server in servers:
        await server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
