"""The sockets a server listens on, and the connections that they accept.

Not `loop.create_server`: when the process has no descriptors left, asyncio retries as often as the
backlog is long, with a log line and a timer each time.
"""

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from mirastack_sdk._log import Log, RateLimitedLog
from mirastack_sdk._wire.socket.forking import close_in_children
from mirastack_sdk._wire.socket.handshake_filter import drop_handshakes

_LOG = Log("server")

_BACKLOG = 1024
# How many connections one iteration of the loop accepts: those that are closed for them are closed
# in the next one, and until then need a descriptor, too.
_ACCEPTS_PER_TURN = 16
# How long handshakes that have begun may take before a socket is closed.
_HANDSHAKE_SECONDS = 0.01
# How long nothing is accepted when the system has no resources for another connection.
_PAUSE_SECONDS = 0.5
# Addresses of a family or interface that this host does not have.
_ABSENT = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})
# Errors of a connection that was about to be accepted, which Linux reports in its place. They say
# nothing about the next one.
_LOST_BEFORE = frozenset(
    getattr(errno, name)
    for name in (
        "ECONNABORTED",
        "ECONNRESET",
        "EHOSTDOWN",
        "EHOSTUNREACH",
        "ENETDOWN",
        "ENETUNREACH",
        "ENONET",
        "ENOPROTOOPT",
        "EOPNOTSUPP",
        "EPROTO",
        "ETIMEDOUT",
    )
    if hasattr(errno, name)
)
# How often a free port is looked for that is free on all addresses.
_PORT_ATTEMPTS = 20

# An IPv6 address also has a flow label and a scope.
type _Address = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]


def listen(host: str, port: int) -> list[socket.socket]:
    """Listen on `port` (a free one if 0) at each address of `host`.

    An empty host means every interface, and so does `::` where one socket can serve both IPv4 and
    IPv6. Addresses that this host does not have are left out, unless there is no other. Raises
    `OSError` when an address cannot be bound.
    """
    for attempt in range(_PORT_ATTEMPTS):
        try:
            return _bind_all(host, port)
        except OSError as error:
            # A port that is free on the first address may be taken on the next one.
            if port or error.errno != errno.EADDRINUSE or attempt == _PORT_ATTEMPTS - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def _bind_all(host: str, port: int) -> list[socket.socket]:
    if host in ("", "::") and socket.has_dualstack_ipv6():
        try:
            return [_bind((socket.AF_INET6, ("", port)), both=True)]
        except OSError as error:
            if host or error.errno not in _ABSENT:
                raise
    if not host:
        return [_bind((socket.AF_INET, ("", port)))]
    with ExitStack() as opened:
        listeners = _bind_each(_addresses(host, port), opened)
        opened.pop_all()
        return listeners


def _bind_each(addresses: Sequence[_Address], opened: ExitStack) -> list[socket.socket]:
    """Bind the addresses that this host has, all at the port of the first one."""
    listeners: list[socket.socket] = []
    absent = OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
    for family, address in addresses:
        chosen: int = listeners[0].getsockname()[1] if listeners else address[1]
        at = (
            (family, (address[0], chosen))
            if len(address) == 2
            else (family, (address[0], chosen, address[2], address[3]))
        )
        try:
            listeners.append(opened.enter_context(_bind(at)))
        except OSError as error:
            if error.errno not in _ABSENT:
                raise
            absent = error
    if not listeners:
        raise absent
    return listeners


def _addresses(host: str, port: int) -> list[_Address]:
    # Python loads its tables of international names to look up any name that is a `str`.
    name = host.encode("ascii") if host.isascii() else host
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))  # type: ignore[misc] # only Python without IPv6 has the third form


def _bind(at: _Address, *, both: bool = False) -> socket.socket:
    family, address = at
    listener = socket.create_server(address, family=family, backlog=_BACKLOG, dualstack_ipv6=both)
    listener.setblocking(False)
    close_in_children(listener)
    # Connections inherit it. asyncio sets it only on sockets that were made with an explicit
    # protocol number; without it a response can wait 40 ms for the client's delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


class Listener:
    """Accepts connections on `sockets`, and gives each a protocol of `factory`.

    Where `factory` returns `None`, the connection is closed.
    """

    def __init__(
        self, sockets: Sequence[socket.socket], factory: Callable[[], asyncio.Protocol | None]
    ) -> None:
        self._sockets = sockets
        self._factory = factory
        self._loop = asyncio.get_running_loop()
        self._starting: set[asyncio.Task[None]] = set()
        self._resume: asyncio.TimerHandle | None = None
        self._log = RateLimitedLog(_LOG)
        self._listen()

    @property
    def port(self) -> int:
        """The port of all sockets."""
        port: int = self._sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Accept no more, and wait until the connections that were accepted have begun.

        Those that wait in the backlog are accepted first: the system would reset them, and with
        them requests that clients have sent already.
        """
        self._ignore()
        try:
            if drop_handshakes(self._sockets):
                await asyncio.wait((self._loop.create_future(),), timeout=_HANDSHAKE_SECONDS)
            for listener in self._sockets:
                await self._accept_backlog(listener)
        finally:
            self._ignore()
            for listener in self._sockets:
                listener.close()
        if self._starting:
            await asyncio.wait(self._starting)

    def _listen(self) -> None:
        for listener in self._sockets:
            self._loop.add_reader(listener.fileno(), self._accept, listener)

    def _ignore(self) -> None:
        for listener in self._sockets:
            self._loop.remove_reader(listener.fileno())
        if self._resume is not None:
            self._resume.cancel()

    async def _accept_backlog(self, listener: socket.socket) -> None:
        # New ones may come all the time, so this ends after as many as the backlog can hold.
        for _ in range(_BACKLOG // _ACCEPTS_PER_TURN):
            if not self._accept(listener):
                return
            await asyncio.sleep(0)

    def _accept(self, listener: socket.socket) -> bool:
        """Accept some connections; returns whether more may be waiting."""
        for _ in range(_ACCEPTS_PER_TURN):
            try:
                connection, _ = listener.accept()
            except (BlockingIOError, InterruptedError):
                return False
            except OSError as error:
                if error.errno in _LOST_BEFORE:
                    continue
                self._pause(error)
                return False
            self._begin(connection)
        return True

    def _begin(self, connection: socket.socket) -> None:
        protocol = self._factory()
        if protocol is None:
            connection.close()
            return
        connection.setblocking(False)
        close_in_children(connection)
        task = self._loop.create_task(self._start(protocol, connection))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _start(self, protocol: asyncio.Protocol, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: protocol, connection)
        except OSError as error:
            connection.close()
            _LOG.debug("a connection was lost while it was accepted: %s", error)

    def _pause(self, error: OSError) -> None:
        """Stop accepting for a moment: connections wait in the backlog, and calls go on."""
        self._log.write(
            "accept",
            "no connection can be accepted, and the next attempts are %g s apart: %s",
            _PAUSE_SECONDS,
            error.strerror or error,
        )
        self._ignore()
        self._resume = self._loop.call_later(_PAUSE_SECONDS, self._listen)
