"""Name lookup and dialing: connect to the first address of a host that answers (RFC 8305).

Not asyncio's own happy eyeballs: it looks names up in the loop's threads, which are joined at exit
however long the resolver hangs, and it does not notice a connection to itself.
"""

import asyncio
import errno
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import zip_longest

from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._threads import start_in_thread
from mirastack_sdk._wire.socket.forking import close_in_children

# The Connection Attempt Delay (RFC 8305 §5).
_ATTEMPT_DELAY = 0.25
# For how long a lookup is shared, and how many may go on.
_SHARED_SECONDS = 5.0
_MOST_LOOKUPS = 4
# How TCP repeats what a dead path swallowed, in ms. By default, the delays double up to 2 minutes,
# so a path that works again may stay silent for as long as the fault took. A longest delay makes
# Linux give up after fewer seconds, so the default of 15 minutes is set as well; keepalive notices
# dead connections sooner. `TCP_RTO_MAX_MS` is in Linux 6.15 and later; Python does not name it.
_TCP_RTO_MAX_MS = 44
_LONGEST_REPEAT_MS = 2_000
_UNACKNOWLEDGED_MS = 900_000


class Endpoint(NamedTuple):
    """One address to connect to, as the `socket` module takes it."""

    family: int
    kind: int
    protocol: int
    address: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]


class Resolver:
    """The addresses of one host and port.

    Lookups run in daemon threads, because the system's resolver cannot be interrupted and the
    process must not wait for it at exit. Concurrent callers share a lookup. One that has taken 5 s
    is not shared any more, since the system's resolver may go on asking a server that is back for
    most of a minute; at most four go on at once.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        # The lookups that go on, the newest last, and when it started.
        self._running: list[asyncio.Future[list[Endpoint]]] = []
        self._started = 0.0

    async def endpoints(self) -> list[Endpoint]:
        """Look the addresses up, in the system's order; raises `OSError`."""
        try:
            return _lookup(self._host, self._port, socket.AI_NUMERICHOST)
        except socket.gaierror:
            # It is a name, not an address.
            pass
        now = asyncio.get_running_loop().time()
        is_old = now - self._started >= _SHARED_SECONDS and len(self._running) < _MOST_LOOKUPS
        running = self._start() if not self._running or is_old else self._running[-1]
        await asyncio.wait((running,))
        return running.result()

    def _start(self) -> asyncio.Future[list[Endpoint]]:
        lookup = partial(_lookup, self._host, self._port)
        running = start_in_thread(lookup, name="mirastack-resolver")
        self._running.append(running)
        self._started = asyncio.get_running_loop().time()
        running.add_done_callback(self._on_done)
        return running

    def _on_done(self, running: asyncio.Future[list[Endpoint]]) -> None:
        self._running.remove(running)
        if not running.cancelled():
            # Retrieved here, so that asyncio does not report an error when nobody waits for it.
            running.exception()


def _lookup(host: str, port: int, flags: int = 0) -> list[Endpoint]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    except UnicodeError as error:
        # IDNA encoding fails before the resolver is called.
        raise socket.gaierror(socket.EAI_NONAME, "not a name that can be looked up") from error
    return [
        Endpoint(family=family, kind=kind, protocol=protocol, address=address)
        for family, kind, protocol, _, address in found
    ]


async def dial(endpoints: Sequence[Endpoint], *, delay: float = _ATTEMPT_DELAY) -> socket.socket:
    """Return a socket connected to one of `endpoints`; raises `OSError` when none accepts.

    The next attempt starts after `delay` seconds, or as soon as one fails. Cancellation ends every
    attempt.
    """
    attempts: set[asyncio.Task[socket.socket]] = set()
    failures: list[str] = []
    waiting = list(_interleaved(endpoints))
    try:
        while waiting or attempts:
            if waiting:
                attempts.add(asyncio.create_task(_connected(waiting.pop(0))))
            done, attempts = await asyncio.wait(
                attempts,
                timeout=delay if waiting else None,
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
    """Return the reason in words, without the address that asyncio adds."""
    if isinstance(error, socket.gaierror) or error.errno is None:
        return error.strerror or str(error) or type(error).__name__
    return os.strerror(error.errno)


def _interleaved(endpoints: Sequence[Endpoint]) -> Iterator[Endpoint]:
    """Alternate between the address families, starting with the resolver's first (RFC 8305 §4)."""
    families: dict[int, list[Endpoint]] = {}
    for endpoint in endpoints:
        families.setdefault(endpoint.family, []).append(endpoint)
    for turn in zip_longest(*families.values()):
        yield from (endpoint for endpoint in turn if endpoint is not None)


async def _connected(endpoint: Endpoint) -> socket.socket:
    sock = socket.socket(endpoint.family, endpoint.kind, endpoint.protocol)
    close_in_children(sock)
    try:
        sock.setblocking(False)
        _repeat_often(sock)
        await asyncio.get_running_loop().sock_connect(sock, endpoint.address)
        if sock.getsockname() == sock.getpeername():
            # TCP's simultaneous open: nobody listens, and our ephemeral port is the one we dial.
            raise ConnectionRefusedError(errno.ECONNREFUSED, "connected to itself")  # noqa: TRY301 - the socket is closed below
    except BaseException:
        sock.close()
        raise
    return sock


def _repeat_often(sock: socket.socket) -> None:
    """Let the system repeat lost packets every two seconds, where it can do that."""
    if sys.platform != "linux" or sock.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    with suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, _TCP_RTO_MAX_MS, _LONGEST_REPEAT_MS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED_MS)


def _winner(done: set[asyncio.Task[socket.socket]], failures: list[str]) -> socket.socket | None:
    """Return the first socket that connected, close the others, and note why the rest failed."""
    connected: list[socket.socket] = []
    fault: BaseException | None = None
    for attempt in done:
        error = attempt.exception()
        if error is None:
            connected.append(attempt.result())
        elif isinstance(error, OSError):
            failures.append(reason_of(error))
        else:
            fault = error
    for unused in connected[1:] if fault is None else connected:
        unused.close()
    if fault is not None:
        raise fault
    return connected[0] if connected else None


def _discard(attempt: asyncio.Task[socket.socket]) -> None:
    """Close the socket of an attempt that succeeded although it was cancelled."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()
