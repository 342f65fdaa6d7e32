"""A channel's connections: when one is made, which one a call uses, and who waits for a stream."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from mirastack_sdk._wire.client.call_response import CallLostError, Loss, WrongServerError
from mirastack_sdk._wire.client.client_connection import ClientConnection
from mirastack_sdk._wire.client.connecting import Connector
from mirastack_sdk._wire.client.keepalive import Keepalive
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.tls.tls_client import ClientSecurity

_FIRST_DELAY = 1.0
_GROWTH = 1.6
_LONGEST_DELAY = 30.0
# Only less: recovery must not wait longer than the delay says.
_JITTER = 0.2


class ReconnectBackoff:
    """The time between attempts: the second comes at once, then 1 s, growing by 1.6 to 30 s.

    `uniform(low, high)` picks a number between the two, as `random.uniform` does. Times are
    instants of any steady clock, in seconds.
    """

    def __init__(self, uniform: Callable[[float, float], float]) -> None:
        self._uniform = uniform
        self._delay = 0.0
        self._closed_until = float("-inf")

    def wait(self, now: float) -> float:
        """Seconds until an attempt may be made; 0 means now."""
        return max(0.0, self._closed_until - now)

    def failed(self, now: float) -> None:
        """Take note of an attempt that led to nothing."""
        self._closed_until = now + self._uniform(self._delay * (1 - _JITTER), self._delay)
        grown = self._delay * _GROWTH if self._delay else _FIRST_DELAY
        self._delay = min(grown, _LONGEST_DELAY)

    def succeeded(self) -> None:
        """Take note of a connection that has served: the next failure is the first."""
        self._delay = 0.0
        self._closed_until = float("-inf")

    def allow(self) -> None:
        """Let the next attempt be made now; should it fail, the delay goes on growing."""
        self._closed_until = float("-inf")


_CLOSED = "the channel was closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionOptions:
    """How connections are made and kept.

    `connect_timeout` is how long a server may take to accept a connection and to say how many calls
    it takes, in seconds. Without a `backoff` every call that finds no connection tries to make one.
    `tries` is how often in all a call is sent that servers have not looked at. `address_source` is
    where the address comes from, for errors that say what to check.
    """

    limits: Limits = field(default_factory=Limits)
    keepalive: Keepalive = field(default_factory=Keepalive)
    backoff: ReconnectBackoff | None = None
    connect_timeout: float = 5.0
    tries: int = 4
    address_source: str = "the address"


class ConnectionPool:
    """ConnectionPool to `host:port`, one for new calls and those that are leaving.

    `connected` and `left` wake whoever waits for them when a connection has come, and when the
    server has left one; `retirements` counts the latter.
    """

    def __init__(
        self,
        host: str,
        port: int,
        max_message_bytes: int,
        options: ConnectionOptions,
        tls: ClientSecurity | None = None,
    ) -> None:
        self._connector = Connector(
            host,
            port,
            timeout=options.connect_timeout,
            source=options.address_source,
            tls=tls,
        )
        self.address = self._connector.address
        self.connected = asyncio.Event()
        self.left = asyncio.Event()
        self.retirements = 0
        self._loop = asyncio.get_running_loop()
        self._max_message_bytes = max_message_bytes
        self._options = options
        self._last_failure = "no connection has been tried"
        self._current: ClientConnection | None = None
        self._all: set[ClientConnection] = set()
        self._connecting: asyncio.Task[ClientConnection] | None = None
        self._waiting_for_room: deque[asyncio.Future[None]] = deque()

    async def acquire(self, deadline: float | None) -> ClientConnection:
        """Return a connection that takes a call now; at once where there is one.

        Raises `CallLostError` where none can be had, `WrongServerError` where something else
        answers, `TimeoutError` at the deadline, an instant of the loop's clock.
        """
        connection = self._current
        if connection is not None and connection.room:
            return connection
        try:
            async with asyncio.timeout_at(deadline):
                return await self._awaited_room()
        except TimeoutError as error:
            connecting = self._current is None or self._current.is_retiring
            doing = "connecting to" if connecting else "waiting until more calls are taken by"
            raise TimeoutError(f"it passed while {doing} {self.address}") from error

    def allow_attempt(self) -> None:
        """Let the next connection be tried now, whatever the backoff says."""
        if self._options.backoff is not None:
            self._options.backoff.allow()

    def close(self) -> None:
        """End every connection; calls that still run or wait are lost."""
        connecting, self._connecting = self._connecting, None
        if connecting is not None:
            connecting.cancel()
        waiting, self._waiting_for_room = self._waiting_for_room, deque()
        for room in waiting:
            if not room.done():
                room.set_exception(CallLostError(_CLOSED, Loss.ABANDONED))
        for connection in list(self._all):
            connection.close(_CLOSED)
        self._all.clear()
        self._current = None

    async def _awaited_room(self) -> ClientConnection:
        while True:
            connection = self._current
            if connection is None or connection.is_retiring:
                connection = await self._fresh()
            if connection.room:
                return connection
            await self._until_room()

    async def _fresh(self) -> ClientConnection:
        """Return a new connection; callers at the same time share one."""
        connecting = self._connecting
        if connecting is None:
            self._require_turn()
            connecting = self._connecting = self._loop.create_task(self._connect())
            connecting.add_done_callback(_take_notice)
        # Whoever gives up leaves the others their connection.
        await asyncio.wait((connecting,))
        if connecting.cancelled():
            raise CallLostError(_CLOSED, Loss.ABANDONED)
        connection = connecting.result()
        if connection.is_retiring:
            raise CallLostError("the server left at once", Loss.REFUSED, wait=self._wait())
        return connection

    def _wait(self) -> float:
        backoff = self._options.backoff
        return 0.0 if backoff is None else backoff.wait(self._loop.time())

    def _require_turn(self) -> None:
        wait = self._wait()
        if wait:
            text = f"{self._last_failure}; the next attempt may be made in {wait:.1f} s"
            raise CallLostError(text, Loss.NEVER_SENT, wait=wait)

    async def _connect(self) -> ClientConnection:
        task = asyncio.current_task()
        try:
            connection = await self._connector.connect(self._new)
        except (CallLostError, WrongServerError) as error:
            self._take_failure(str(error))
            if isinstance(error, CallLostError):
                error.wait = self._wait()
            raise
        else:
            self._all.add(connection)
            self._current = connection
            if connection.is_retiring:
                self.on_retired(connection)
            self.connected.set()
            self.connected.clear()
            return connection
        finally:
            # Within the task: nobody may find it done and still take it for the one that connects.
            if self._connecting is task:
                self._connecting = None

    def _take_failure(self, text: str) -> None:
        self._last_failure = text
        if self._options.backoff is not None:
            self._options.backoff.failed(self._loop.time())

    async def _until_room(self) -> None:
        room: asyncio.Future[None] = self._loop.create_future()
        self._waiting_for_room.append(room)
        try:
            await room
        except asyncio.CancelledError:
            if room.done() and not room.cancelled():
                # The room that was handed to this call is for the next one.
                self.on_capacity()
            raise

    def _new(self) -> ClientConnection:
        options = self._options
        return ClientConnection(options.limits, self._max_message_bytes, options.keepalive, self)

    def on_capacity(self) -> None:
        """Let as many calls look again as there is room for; all of them, where none will come."""
        self._all -= {one for one in self._all if one.is_closed}
        waiting, current = self._waiting_for_room, self._current
        everyone = current is None or current.is_retiring
        room = len(waiting) if everyone or current is None else current.room
        while waiting and room > 0:
            waiter = waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                room -= 1

    def on_served(self) -> None:
        """Take note of a server that answers."""
        if self._options.backoff is not None:
            self._options.backoff.succeeded()

    def on_retired(self, connection: ClientConnection) -> None:
        """Take note of a server that has left; one that answered nothing might as well not be."""
        if connection not in self._all:
            return
        if not connection.has_served:
            self._take_failure(f"{self.address}: the server left without an answer")
        self.retirements += 1
        self.left.set()
        self.left.clear()


def _take_notice(task: asyncio.Task[ClientConnection]) -> None:
    """Hear of a failure that every caller has given up on, so that asyncio does not report it."""
    if not task.cancelled():
        task.exception()
