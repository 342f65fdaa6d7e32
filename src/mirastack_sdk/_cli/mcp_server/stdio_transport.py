"""MCP over standard input and output: one JSON message in each line.

The author's code has the same standard streams. It must not write into the protocol or read from
it, so the process's own streams are moved aside before that code is loaded.
"""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from io import TextIOWrapper

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp.types import jsonrpc_message_adapter

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._threads import SerialThread

_CHUNK = 65_536
_FLUSH_SECONDS = 1.0
"""How long the last messages may take to be written."""
_STDIN, _STDOUT, _STDERR = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolFiles:
    """The file descriptors on which the client speaks."""

    incoming: int
    outgoing: int


type Incoming = MemoryObjectReceiveStream[SessionMessage | Exception]
type Outgoing = MemoryObjectSendStream[SessionMessage]


@contextmanager
def reserved_streams() -> Iterator[ProtocolFiles]:
    """Reserve standard input and output for the protocol until the process ends.

    What the process prints from now on goes to standard error, also from child processes and from
    libraries in C, and standard input is empty. Raises `CommandError` if one of them is closed.
    """
    _flush()
    try:
        files = ProtocolFiles(incoming=os.dup(_STDIN), outgoing=os.dup(_STDOUT))
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, _STDIN)
        os.dup2(_STDERR, _STDOUT)
    except OSError as error:
        raise CommandError(
            "MCP needs standard input, output and error, and one of them is closed"
        ) from error
    os.close(nothing)
    if isinstance(sys.stdout, TextIOWrapper):
        # As on a terminal, so that what the author prints appears while it is news.
        sys.stdout.reconfigure(line_buffering=True)
    try:
        yield files
    finally:
        # Nothing is restored: what is still buffered would end the protocol badly. Nothing is
        # closed: a thread may still read, and must not read what gets the same number next.
        _flush()


@asynccontextmanager
async def stdio_streams(files: ProtocolFiles) -> AsyncIterator[tuple[Incoming, Outgoing]]:
    """Give the streams of messages for a server; the incoming one ends when the client closes it.

    Reading and writing take threads, since the descriptors may be pipes, files or terminals. Both
    are daemons, so a client that neither writes nor reads does not keep the process from ending.
    """
    received, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    outgoing, sent = anyio.create_memory_object_stream[SessionMessage](0)
    all_written = anyio.Event()
    reader, writer = SerialThread(name="mcp-input"), SerialThread(name="mcp-output")

    async def read() -> None:
        lines = _Lines(files.incoming)
        async with received:
            while line := await reader.submit(lines.next):
                if line.strip():
                    await received.send(_message(line))

    async def write() -> None:
        async with sent:
            async for message in sent:
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                line = f"{text}\n".encode()
                with suppress(OSError):  # the client has closed its end; reading ends, too
                    await writer.submit(partial(_write, files.outgoing, line))
        all_written.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(read)
        tasks.start_soon(write)
        try:
            yield incoming, outgoing
            await outgoing.aclose()
            with anyio.move_on_after(_FLUSH_SECONDS):
                await all_written.wait()
        finally:
            tasks.cancel_scope.cancel()
            reader.end()
            writer.end()


class _Lines:
    """The lines of a file descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = bytearray()
        self._searched = 0

    def next(self) -> bytes:
        """Return the next line with its end, or nothing at the end of the file."""
        while (end := self._rest.find(b"\n", self._searched)) < 0:
            self._searched = len(self._rest)
            chunk = self._read()
            if not chunk:
                line = bytes(self._rest)
                self._rest.clear()
                return line
            self._rest += chunk
        line = bytes(self._rest[: end + 1])
        del self._rest[: end + 1]
        self._searched = 0
        return line

    def _read(self) -> bytes:
        try:
            return os.read(self._descriptor, _CHUNK)
        except OSError:  # as good as the end: a terminal or a socket that is gone
            return b""


def _message(line: bytes) -> SessionMessage | Exception:
    text = line.decode(errors="replace")
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(text, by_name=False))
    except ValueError as error:
        return error


def _write(descriptor: int, line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
