"""A client's calls of one server, in an encoding that may change between calls."""

import asyncio
import math
from typing import TYPE_CHECKING, Self

from grpclib.const import Cardinality

from mirastack_sdk._wire.client.call_response import CallLostError, Loss, Response, message_in
from mirastack_sdk._wire.client.pool import ConnectionOptions, ConnectionPool
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.message_codec import ChannelCodec, Codecs, channel_codecs
from mirastack_sdk._wire.grpc.message_reader import message_frame
from mirastack_sdk._wire.grpc.metadata import Metadata, encode_metadata
from mirastack_sdk._wire.grpc.request_check import BearerToken
from mirastack_sdk._wire.http2.events import Body, Headers
from mirastack_sdk._wire.server.grpc_server import DEFAULT_MAX_MESSAGE_BYTES
from mirastack_sdk._wire.tls.tls_client import ClientSecurity
from mirastack_sdk.errors import DecodeError

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
    connection, and what it has not looked at is sent again, as often as the options say.
    """

    def __init__(
        self,
        host: str,
        port: int,
        codecs: Codecs,
        *,
        encoding: Encoding,
        max_message_bytes: int = DEFAULT_MAX_MESSAGE_BYTES,
        tls: ClientSecurity | None = None,
        bearer: BearerToken | None = None,
        options: ConnectionOptions | None = None,
    ) -> None:
        self.encoding = encoding
        options = options or ConnectionOptions()
        self.pool = ConnectionPool(host, port, max_message_bytes, options, tls)
        self._loop = asyncio.get_running_loop()
        self._authority = self.pool.address
        if tls is not None and tls.server_name:
            self._authority = tls.server_name
        self._scheme = "http" if tls is None else "https"
        self._bearer = bearer
        self._channel_codecs = channel_codecs(codecs, max_message_bytes)
        self._tries = options.tries

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

    async def exchange(self, headers: Headers, body: Body, timeout: float | None) -> Response:
        """Send one request and return its answer within `timeout` seconds.

        Raises what `ClientConnection.exchange` and `ConnectionPool.acquire` do.
        """
        deadline = None if timeout is None else self._loop.time() + timeout
        for tries_left in reversed(range(self._tries)):
            try:
                connection = await self.pool.acquire(deadline)
                return await connection.exchange(
                    (*headers, *self._timeout_header(deadline)), body, deadline
                )
            except CallLostError as error:
                if error.loss is not Loss.REFUSED or not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """End every connection; calls that still run or wait are lost."""
        self.pool.close()

    def _timeout_header(self, deadline: float | None) -> Headers:
        if deadline is None:
            return ()
        return (("grpc-timeout", encode_timeout(deadline - self._loop.time())),)


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
        """Make the call and return its reply, which is never `None`."""
        answer = await self._carrier.exchange(self._headers, self._body, self._timeout)
        message = message_in(answer, self._message_codec.encoding)
        if message is None:
            raise DecodeError("the server says OK, and has sent no message")
        return self._message_codec.decode(message, self._reply_type)


def encode_timeout(seconds: float) -> str:
    """Return a `grpc-timeout` of at least `seconds`, rounded up to two or three digits.

    The caller keeps its own exact time. Few different values mean few different header blocks.
    """
    if seconds >= 10:
        return f"{min(math.ceil(seconds), 99_999_999)}S"
    if seconds >= 0.1:
        return f"{math.ceil(seconds * 10) * 100}m"
    return f"{max(math.ceil(seconds * 1000), 1)}m"
