"""Name lookup and dialing: the first address of a host that answers (RFC 8305)."""

import asyncio
import errno
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

type _Result = list["Endpoint"] | OSError


class Endpoint(NamedTuple):
    """One address to connect to, as `socket` takes it."""

    family: int
    kind: int
    protocol: int
    address: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]


class Resolver:
    """The addresses of one host and port.

    Each lookup runs in a daemon thread: the system's resolver cannot be interrupted, and the
    loop's own threads are waited for when it ends. Whoever asks while one runs waits for that one,
    so that a resolver which hangs holds one thread.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._running: asyncio.Future[list[Endpoint]] | None = None

    async def endpoints(self) -> list[Endpoint]:
        """Return the addresses in the system's order, looked up anew; raises `OSError`."""
        try:
            return _lookup(self._host, self._port, socket.AI_NUMERICHOST)
        except socket.gaierror:
            # A name, not an address.
            pass
        running = self._running
        if running is None:
            running = self._running = self._start()
        await asyncio.wait((running,))
        return running.result()

    def _start(self) -> asyncio.Future[list[Endpoint]]:
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[list[Endpoint]] = loop.create_future()

        def deliver(result: _Result) -> None:
            self._running = None
            if isinstance(result, OSError):
                outcome.set_exception(result)
                # Whoever asked may have given up meanwhile.
                outcome.exception()
            else:
                outcome.set_result(result)

        thread = threading.Thread(
            target=_work, args=(self._host, self._port, loop, deliver), daemon=True
        )
        thread.name = "mirastack-resolver"
        thread.start()
        return outcome


def _work(
    host: str, port: int, loop: asyncio.AbstractEventLoop, deliver: Callable[[_Result], None]
) -> None:
    result: _Result
    try:
        result = _lookup(host, port)
    except OSError as error:
        result = error
    try:
        loop.call_soon_threadsafe(deliver, result)
    except RuntimeError:
        # The loop has closed meanwhile: nobody waits for this any more.
        return


def _lookup(host: str, port: int, flags: int = 0) -> list[Endpoint]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    except UnicodeError as error:
        # What cannot be a name does not get as far as the resolver.
        raise socket.gaierror(socket.EAI_NONAME, "not a name that can be looked up") from error
    return [
        Endpoint(family=family, kind=kind, protocol=protocol, address=address)
        for family, kind, protocol, _, address in found
    ]


# How long an address is tried alone before the next one joins in.
_HEAD_START = 0.25


async def dial(endpoints: Sequence[Endpoint], *, head_start: float = _HEAD_START) -> socket.socket:
    """Return a connected socket to one of `endpoints`; raises `OSError` where none takes us.

    An address that fails makes room for the next at once. Cancelling ends every attempt.
    """
    attempts: set[asyncio.Task[socket.socket]] = set()
    failures: list[str] = []
    waiting = list(_by_turns(endpoints))
    try:
        while waiting or attempts:
            if waiting:
                attempts.add(asyncio.create_task(_connected(waiting.pop(0))))
            done, attempts = await asyncio.wait(
                attempts,
                timeout=head_start if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            winner = _winner(done, failures)
            if winner is not None:
                return winner
    finally:
        for attempt in attempts:
            attempt.cancel()
            attempt.add_done_callback(_discard)
    raise OSError("; ".join(dict.fromkeys(failures)) or "the host has no addresses")


def reason_of(error: OSError) -> str:
    """Say why, without the address that asyncio and sockets add to it."""
    if isinstance(error, socket.gaierror) or error.errno is None:
        return error.strerror or str(error) or type(error).__name__
    return os.strerror(error.errno)


def _by_turns(endpoints: Sequence[Endpoint]) -> Iterator[Endpoint]:
    """Alternate between the address families, starting with the resolver's first (RFC 8305 §4)."""
    families: dict[int, list[Endpoint]] = {}
    for endpoint in endpoints:
        families.setdefault(endpoint.family, []).append(endpoint)
    for turn in zip_longest(*families.values()):
        yield from (endpoint for endpoint in turn if endpoint is not None)


async def _connected(endpoint: Endpoint) -> socket.socket:
    sock = socket.socket(endpoint.family, endpoint.kind, endpoint.protocol)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, endpoint.address)
        if sock.getsockname() == sock.getpeername():
            # Nobody listens, and the port we were given is the very one that we dial.
            raise ConnectionRefusedError(errno.ECONNREFUSED, "connected to itself")  # noqa: TRY301 - the socket is closed below
    except BaseException:
        sock.close()
        raise
    return sock


def _winner(done: set[asyncio.Task[socket.socket]], failures: list[str]) -> socket.socket | None:
    """Take the first that has connected, close any other, and keep why the rest has not."""
    winner: socket.socket | None = None
    for attempt in done:
        error = attempt.exception()
        if error is None:
            if winner is not None:
                winner.close()
            winner = attempt.result()
        elif isinstance(error, OSError):
            failures.append(reason_of(error))
        else:
            raise error
    return winner


def _discard(attempt: asyncio.Task[socket.socket]) -> None:
    """Close what a cancelled attempt may have connected all the same."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()
