"""The pool of a channel's connections: when one is made, and which one a call uses."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context
from dataclasses import field
from math import inf
from typing import TYPE_CHECKING

from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._wire.client.call_errors import CallLostError, Loss, WrongServerError
from mirastack_sdk._wire.client.client_connection import ClientConnection
from mirastack_sdk._wire.client.connecting import Connector, OpenTransport
from mirastack_sdk._wire.client.keepalive import Keepalive
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.tls.tls_errors import TlsError

if TYPE_CHECKING:
    # Only agents with TLS load it.
    from mirastack_sdk._wire.tls.tls_client import ClientSecurity

# As in gRPC's connection backoff, except for the limit, which is 120 s there.
_FIRST_DELAY = 1.0
_GROWTH = 1.6
_MAX_DELAY = 30.0
# Jitter only shortens a delay: recovery never takes longer than documented.
_JITTER = 0.2

_CLOSED = "the channel was closed"


class ReconnectBackoff:
    """The delay between attempts: none before the second, then 1 s, growing by 1.6 up to 30 s.

    Attempts that nothing answers take long by themselves, and cost the server nothing: the delay
    after one is at most 1 s, so that a path that was silent is soon found to work again.

    `uniform(low, high)` returns a number between the two, as `random.uniform` does. Times are
    instants of any monotonic clock, in seconds.
    """

    def __init__(self, uniform: Callable[[float, float], float]) -> None:
        self._uniform = uniform
        self._delay = 0.0
        self._closed_until = float("-inf")

    def wait(self, now: float) -> float:
        """Return the seconds until the next attempt; 0 means now."""
        return max(0.0, self._closed_until - now)

    def failed(self, now: float, *, unheard: bool = False) -> None:
        """Lengthen the delay after an attempt without success; `unheard` if nothing answered it."""
        delay = min(self._delay, _FIRST_DELAY) if unheard else self._delay
        self._closed_until = now + self._uniform(delay * (1 - _JITTER), delay)
        if not self._delay:
            self._delay = _FIRST_DELAY
        elif not unheard:
            self._delay = min(self._delay * _GROWTH, _MAX_DELAY)

    def succeeded(self) -> None:
        """Reset the delay: the connection has served a call."""
        self._delay = 0.0
        self._closed_until = float("-inf")

    def allow(self) -> None:
        """Allow an attempt now; if it fails, the delay keeps growing."""
        self._closed_until = float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionOptions:
    """How connections are made and kept.

    `connect_timeout` is how long a server may take to accept a connection, and again to send its
    settings, in seconds. Without a `backoff` every call that finds no connection tries to make one.
    `tries` is how often a call is sent at most while servers report that they did not process it.
    `address_source` names the setting that the address comes from, for error messages.
    `open_transport`, if given, connects to a server of this process instead of dialling.
    """

    limits: Limits = field(default_factory=Limits)
    keepalive: Keepalive = field(default_factory=Keepalive)
    backoff: ReconnectBackoff | None = None
    connect_timeout: float = 5.0
    tries: int = 4
    address_source: str = "the address"
    open_transport: OpenTransport | None = None


class ConnectionPool:
    """The connections to `host:port`: one for new calls, and retired ones that finish theirs.

    `current` takes new calls, if it has capacity; `waiters` are calls that wait for some.
    `connected` wakes its waiters when a connection is made, `retired` when the server takes no
    more calls on one, `pinged` when one is pinged; `retirements` counts the retired ones.
    """

    def __init__(
        self,
        host: str,
        port: int,
        max_message_bytes: int,
        options: ConnectionOptions,
        tls: "ClientSecurity | None" = None,
    ) -> None:
        self._connector = Connector(
            host,
            port,
            timeout=options.connect_timeout,
            source=options.address_source,
            tls=tls,
            open_transport=options.open_transport,
        )
        self.address = self._connector.address
        self.connected = asyncio.Event()
        self.retired = asyncio.Event()
        self.pinged = asyncio.Event()
        self.retirements = 0
        self._loop = asyncio.get_running_loop()
        self._max_message_bytes = max_message_bytes
        self._options = options
        self._last_failure = "no connection has been tried"
        self.current: ClientConnection | None = None
        self._all: set[ClientConnection] = set()
        self._connecting: asyncio.Task[ClientConnection] | None = None
        self.waiters: deque[asyncio.Future[None]] = deque()

    async def acquire(self, deadline: float) -> ClientConnection:
        """Return a connection with capacity for a call, as soon as there is one.

        That is `current` if it has capacity, for which there is no need to come here.

        Raises `CallLostError` where none can be made, `WrongServerError` where the server does not
        speak HTTP/2, `TimeoutError` at the deadline, an instant of the loop's clock.
        """
        try:
            async with asyncio.timeout_at(None if deadline == inf else deadline):
                return await self._wait_for_connection()
        except TimeoutError as error:
            connecting = self.current is None or self.current.is_retiring
            doing = "connecting to" if connecting else "waiting for a free stream of"
            raise TimeoutError(f"the deadline passed while {doing} {self.address}") from error

    def allow_attempt(self) -> None:
        """Allow a connection attempt now, whatever the backoff says."""
        if self._options.backoff is not None:
            self._options.backoff.allow()

    def close(self) -> None:
        """End every connection; calls that still run or wait are lost."""
        connecting, self._connecting = self._connecting, None
        if connecting is not None:
            connecting.cancel()
        while self.waiters:
            waiter = self.waiters.popleft()
            if not waiter.done():
                waiter.set_exception(CallLostError(_CLOSED, Loss.ABANDONED))
        for connection in list(self._all):
            connection.close(_CLOSED)
        self._all.clear()
        self.current = None

    async def _wait_for_connection(self) -> ClientConnection:
        while True:
            connection = self.current
            if connection is None or connection.is_retiring:
                connection = await self._new_connection()
            if connection.has_capacity:
                return connection
            await self._wait_for_capacity()

    async def _new_connection(self) -> ClientConnection:
        """Return a new connection; concurrent callers share the attempt."""
        connecting = self._connecting
        if connecting is None:
            self._check_backoff()
            connecting = self._connecting = self._loop.create_task(
                # In an empty context: the connection outlives the call that needs it first.
                self._connect(),
                context=Context(),
            )
            connecting.add_done_callback(_retrieve_error)
        # `wait`, because a caller that is cancelled must not cancel the attempt of the others.
        await asyncio.wait((connecting,))
        if connecting.cancelled():
            raise CallLostError(_CLOSED, Loss.ABANDONED)
        connection = connecting.result()
        if connection.is_retiring:
            raise CallLostError("the server sent GOAWAY at once", Loss.REFUSED, wait=self._wait())
        return connection

    def _wait(self) -> float:
        backoff = self._options.backoff
        return 0.0 if backoff is None else backoff.wait(self._loop.time())

    def _check_backoff(self) -> None:
        wait = self._wait()
        if wait:
            text = f"{self._last_failure}; the next attempt is in {wait:.1f} s"
            raise CallLostError(text, Loss.NEVER_SENT, wait=wait)

    async def _connect(self) -> ClientConnection:
        task = asyncio.current_task()
        try:
            connection = await self._connector.connect(self._new)
        except (CallLostError, WrongServerError) as error:
            # The text of a TlsError is the same for every server.
            where = f"{self.address}: " if isinstance(error, TlsError) else ""
            lost = error if isinstance(error, CallLostError) else None
            unheard = lost is not None and lost.loss is Loss.UNHEARD
            self._record_failure(f"{where}{error}", unheard=unheard)
            if lost is not None:
                lost.wait = self._wait()
            raise
        else:
            self._all.add(connection)
            self.current = connection
            if connection.is_retiring:
                self.on_retired(connection)
            self.connected.set()
            self.connected.clear()
            return connection
        finally:
            # Cleared inside the task: nobody may find a task here that has ended.
            if self._connecting is task:
                self._connecting = None

    def _record_failure(self, text: str, *, unheard: bool = False) -> None:
        self._last_failure = text
        if self._options.backoff is not None:
            self._options.backoff.failed(self._loop.time(), unheard=unheard)

    async def _wait_for_capacity(self) -> None:
        waiter: asyncio.Future[None] = self._loop.create_future()
        self.waiters.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                # This call was woken and does not use the stream: wake the next one.
                self.on_capacity()
            raise

    def _new(self) -> ClientConnection:
        options = self._options
        return ClientConnection(options.limits, self._max_message_bytes, options.keepalive, self)

    def on_capacity(self) -> None:
        """Wake as many calls as there is capacity for; all, if they need another connection."""
        self._all -= {one for one in self._all if one.is_closed}
        waiters, current = self.waiters, self.current
        if not waiters:
            return
        needs_another = current is None or current.is_retiring
        count = len(waiters) if needs_another or current is None else current.capacity
        while waiters and count > 0:
            waiter = waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                count -= 1

    def on_served(self) -> None:
        """Reset the backoff: the server answers."""
        if self._options.backoff is not None:
            self._options.backoff.succeeded()

    def on_ping(self) -> None:
        """Wake those who can make a call that serves as well as a ping."""
        self.pinged.set()
        self.pinged.clear()

    def on_retired(self, connection: ClientConnection) -> None:
        """Count a retired connection; one that served no call counts as a failed attempt.

        The calls that wait for one of its streams need another connection, at once.
        """
        if connection not in self._all:
            return
        if not connection.has_served:
            self._record_failure(
                f"{self.address}: the server closed the connection before it answered a call"
            )
        self.retirements += 1
        self.retired.set()
        self.retired.clear()
        self.on_capacity()


def _retrieve_error(task: asyncio.Task[ClientConnection]) -> None:
    """Retrieve an error that no caller waits for any more, so that asyncio does not report it."""
    if not task.cancelled():
        task.exception()
