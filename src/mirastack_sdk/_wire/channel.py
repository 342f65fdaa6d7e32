"""A client's calls of one server, in an encoding that may change between calls."""

import asyncio
import math
from collections import deque
from typing import TYPE_CHECKING, Self

from grpclib.const import Cardinality

from mirastack_sdk._wire.answers import Answer, CallLostError, message_in
from mirastack_sdk._wire.bearer import BearerToken
from mirastack_sdk._wire.channel_codec import ChannelCodec, Codecs, channel_codecs
from mirastack_sdk._wire.client_connection import ClientConnection
from mirastack_sdk._wire.encoding import Encoding
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.message_reader import Body, message_frame
from mirastack_sdk._wire.metadata import Metadata, encode_metadata
from mirastack_sdk._wire.server import DEFAULT_MAX_MESSAGE_BYTES
from mirastack_sdk._wire.tls_client import ClientSecurity, explained

# How long a server may take to accept a connection and say how many calls it takes.
_CONNECT_SECONDS = 20.0
# How often a call is sent that servers have not looked at. Servers count a stream a little longer
# than we do, and where all they allow are used some calls are refused a few times in a row.
_TRIES = 8
_CLOSED = "the channel was closed"


if TYPE_CHECKING:
    from grpclib.client import Channel as GrpclibChannel
    from grpclib.client import Stream
    from grpclib.metadata import Deadline
else:
    # Generated stubs are typed by grpclib's classes and use of them what is defined below. To load
    # them would load grpclib's own HTTP/2 connection, at a quarter of an agent's start.
    class GrpclibChannel:
        """What a channel is to type checkers."""

    class Stream[Request, Reply]:
        """What a call is to type checkers."""


class Channel(GrpclibChannel):
    """Carries calls to `host:port`; connects at the first one, and again when it was lost.

    With `tls` it speaks TLS; every call carries the token of `bearer` if there is one.
    `encoding` is that of the calls that follow. `close()` ends it; calls after that connect anew.
    A server that leaves in order (GOAWAY) answers what it has accepted while new calls go to a new
    connection, and what it has not looked at is sent again.
    """

    def __init__(
        self,
        host: str,
        port: int,
        codecs: Codecs,
        *,
        encoding: Encoding,
        max_message_bytes: int = DEFAULT_MAX_MESSAGE_BYTES,
        limits: Limits | None = None,
        tls: ClientSecurity | None = None,
        bearer: BearerToken | None = None,
    ) -> None:
        self.encoding = encoding
        self._loop = asyncio.get_running_loop()
        self._address = (host, port)
        self._authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if tls is not None and tls.server_name:
            self._authority = tls.server_name
        self._scheme = "http" if tls is None else "https"
        self._tls = tls
        self._bearer = bearer
        self._channel_codecs = channel_codecs(codecs, max_message_bytes)
        self._max_message_bytes = max_message_bytes
        self._limits = limits or Limits()
        self._current: ClientConnection | None = None
        self._connections: set[ClientConnection] = set()
        self._connecting: asyncio.Task[ClientConnection] | None = None
        self._waiting_for_room: deque[asyncio.Future[None]] = deque()

    def request[Request, Reply](
        self,
        name: str,
        cardinality: Cardinality,  # noqa: ARG002 - the contract has unary methods only
        request_type: type[Request],
        reply_type: type[Reply],
        *,
        timeout: float | None = None,
        deadline: "Deadline | None" = None,
        metadata: Metadata | None = None,
    ) -> Stream[Request, Reply]:
        """Prepare one call; it is sent when its reply is awaited. `timeout` is in seconds."""
        if deadline is not None:
            remaining = deadline.time_remaining()
            timeout = remaining if timeout is None else min(timeout, remaining)
        codec = self._channel_codecs[self.encoding]
        headers: Headers = (
            (":method", "POST"),
            (":scheme", self._scheme),
            (":path", name),
            (":authority", self._authority),
            ("te", "trailers"),
            ("content-type", f"application/grpc+{codec.encoding.value}"),
            *(encode_metadata(metadata) if metadata else ()),
            *(() if self._bearer is None else (self._bearer.header(),)),
        )
        return _Call(self, headers, request_type, reply_type, codec, timeout)

    async def exchange(self, headers: Headers, body: Body, timeout: float | None) -> Answer:
        """Send one request and return its answer; raises what `ClientConnection.exchange` does.

        A request that no server has looked at is sent again, a few times.
        """
        deadline = None if timeout is None else self._loop.time() + timeout
        for tries_left in reversed(range(_TRIES)):
            try:
                return await self._try(headers, body, deadline)
            except CallLostError as error:
                if not (error.unprocessed and tries_left):
                    raise
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """End every connection; calls that still run or wait are lost."""
        connecting, self._connecting = self._connecting, None
        if connecting is not None:
            connecting.cancel()
        waiting, self._waiting_for_room = self._waiting_for_room, deque()
        for room in waiting:
            if not room.done():
                room.set_exception(CallLostError(_CLOSED))
        for connection in list(self._connections):
            connection.close(_CLOSED)
        self._connections.clear()
        self._current = None

    async def _try(self, headers: Headers, body: Body, deadline: float | None) -> Answer:
        connection = self._current
        if connection is None or not connection.room:
            async with asyncio.timeout_at(deadline):
                connection = await self._with_room()
        return await connection.exchange(
            (*headers, *self._timeout_header(deadline)), body, deadline
        )

    def _timeout_header(self, deadline: float | None) -> Headers:
        if deadline is None:
            return ()
        return (("grpc-timeout", encode_timeout(deadline - self._loop.time())),)

    async def _with_room(self) -> ClientConnection:
        while True:
            connection = self._current
            if connection is None or connection.is_leaving:
                connection = await self._fresh()
            if connection.room:
                return connection
            await self._until_room()

    async def _fresh(self) -> ClientConnection:
        """Return a new connection; callers at the same time share one.

        Raises `CallLostError` where the server leaves as soon as it has come.
        """
        connecting = self._connecting
        if connecting is None:
            connecting = self._connecting = self._loop.create_task(self._connect())
            connecting.add_done_callback(_take_notice)
        # Whoever gives up leaves the others their connection.
        await asyncio.wait((connecting,))
        if connecting.cancelled():
            raise CallLostError(_CLOSED)
        connection = connecting.result()
        if connection.is_leaving:
            raise CallLostError("the server left at once", unprocessed=True)
        return connection

    async def _connect(self) -> ClientConnection:
        host, port = self._address
        task = asyncio.current_task()
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                connection = self._new()
                protocol: asyncio.Protocol = connection
                if self._tls is not None:
                    protocol = self._tls.around(connection, host)
                transport, _ = await self._loop.create_connection(lambda: protocol, host, port)
                try:
                    await connection.ready
                except CallLostError as error:
                    transport.abort()
                    raise await explained(error, self._tls, host, port) from error
                except BaseException:
                    transport.abort()
                    raise
            self._connections.add(connection)
            self._current = connection
            return connection
        finally:
            # Within the task: nobody may find it done and still take it for the one that connects.
            if self._connecting is task:
                self._connecting = None

    async def _until_room(self) -> None:
        room: asyncio.Future[None] = self._loop.create_future()
        self._waiting_for_room.append(room)
        try:
            await room
        except asyncio.CancelledError:
            if room.done() and not room.cancelled():
                # The room that was handed to this call is for the next one.
                self._on_room()
            raise

    def _new(self) -> ClientConnection:
        return ClientConnection(self._limits, self._max_message_bytes, self._on_room)

    def _on_room(self) -> None:
        """Let as many calls look again as there is room for; all of them, where none will come."""
        self._connections -= {one for one in self._connections if one.is_closed}
        waiting, current = self._waiting_for_room, self._current
        everyone = current is None or current.is_leaving
        room = len(waiting) if everyone or current is None else current.room
        while waiting and room > 0:
            waiter = waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                room -= 1


def _take_notice(task: asyncio.Task[ClientConnection]) -> None:
    """Hear of a failure that every caller has given up on, so that asyncio does not report it."""
    if not task.cancelled():
        task.exception()


class _Call[Request, Reply](Stream[Request, Reply]):
    """One unary call, as generated stubs make it: a message is sent, a reply awaited."""

    def __init__(
        self,
        channel: Channel,
        headers: Headers,
        request_type: type[Request],
        reply_type: type[Reply],
        codec: ChannelCodec,
        timeout: float | None,
    ) -> None:
        self._carrier = channel
        self._headers = headers
        self._request_type = request_type
        self._reply_type = reply_type
        self._message_codec = codec
        self._timeout = timeout
        self._body: Body = ()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def send_message(self, message: Request, *, end: bool = False) -> None:  # noqa: ARG002 - a unary call has one message
        """Keep the request until the reply is awaited."""
        self._body = message_frame(self._message_codec.encode(message, self._request_type))

    async def recv_message(self) -> Reply | None:
        """Make the call and return its reply, or `None` when the server sent none."""
        answer = await self._carrier.exchange(self._headers, self._body, self._timeout)
        message = message_in(answer, self._message_codec.encoding)
        return None if message is None else self._message_codec.decode(message, self._reply_type)


def encode_timeout(seconds: float) -> str:
    """Return a `grpc-timeout` of at least `seconds`, rounded up to two or three digits.

    The caller keeps its own exact time. Few different values mean few different header blocks.
    """
    if seconds >= 10:
        return f"{min(math.ceil(seconds), 99_999_999)}S"
    if seconds >= 0.1:
        return f"{math.ceil(seconds * 10) * 100}m"
    return f"{max(math.ceil(seconds * 1000), 1)}m"
