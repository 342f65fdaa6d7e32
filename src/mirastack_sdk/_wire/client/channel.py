"""The channel to one server: the object that generated stubs make their calls with."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from math import ceil, inf
from typing import TYPE_CHECKING, Final

from mirastack_sdk._wire.client.call_errors import CallLostError, Loss
from mirastack_sdk._wire.client.call_response import PendingCall, ResponseCheck
from mirastack_sdk._wire.client.client_connection import ClientConnection
from mirastack_sdk._wire.client.pool import ConnectionOptions, ConnectionPool
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.message_codec import Codecs, MethodCodec, channel_codecs
from mirastack_sdk._wire.codec.methods import AnyMethod, Method, ResponseStream, StreamCaller
from mirastack_sdk._wire.grpc.message_reader import message_frame
from mirastack_sdk._wire.grpc.metadata import Metadata, encode_metadata
from mirastack_sdk._wire.grpc.request_check import BearerToken
from mirastack_sdk._wire.http2.events import Body, Headers
from mirastack_sdk._wire.http2.frames import HeaderEncoder
from mirastack_sdk._wire.server.grpc_server import DEFAULT_MAX_MESSAGE_BYTES
from mirastack_sdk.errors import DecodeError, MessageTooLargeError

if TYPE_CHECKING:
    # Only agents with TLS load it.
    from mirastack_sdk._wire.tls.tls_client import ClientSecurity

# Blocks of headers, one for each timeout of a method.
_MOST_KEPT: Final = 256


class CallTemplate:
    """The codec of one method, the check of its responses, and its encoded headers.

    `block` is that of a call without a deadline.
    """

    __slots__ = ("_encoder", "_timed", "block", "check", "codec")

    def __init__(
        self, encoding: Encoding, codec: MethodCodec, headers: Headers, encoder: HeaderEncoder
    ) -> None:
        self.codec = codec
        self.check = ResponseCheck(encoding)
        self.block = encoder.encode(headers)
        self._encoder = encoder
        # By the value of `grpc-timeout`, of which there are few.
        self._timed: dict[str, bytes] = {}

    def timed(self, seconds: float) -> bytes:
        """Return the block of a call that may take so many seconds."""
        timeout = encode_timeout(seconds)
        block = self._timed.get(timeout)
        if block is None:
            if len(self._timed) >= _MOST_KEPT:
                self._timed.clear()
            block = self._timed[timeout] = self.block + self._encoder.encode(
                (("grpc-timeout", timeout),)
            )
        return block


def encode_timeout(seconds: float) -> str:
    """Return a `grpc-timeout` of at least `seconds` (gRPC over HTTP/2, "Requests").

    Rounded up to few digits, because equal header blocks are encoded once. The client itself keeps
    the exact deadline.
    """
    if seconds >= 10:
        return f"{min(ceil(seconds), 99_999_999)}S"
    if seconds >= 0.1:
        return f"{ceil(seconds * 10) * 100}m"
    return f"{max(ceil(seconds * 1000), 1)}m"


class Channel(StreamCaller):
    """Carries calls to `host:port`; connects at the first one, and again after a loss.

    With `tls` it speaks TLS; every call carries the token of `bearer` if there is one. Assign
    `encoding` and `metadata` to change them for the calls that follow. `close()` ends the
    connections; later calls connect again. After a GOAWAY new calls use a new connection, and calls
    that the server did not process are sent again, as often as the options say (RFC 9113 §8.7).
    """

    def __init__(
        self,
        host: str,
        port: int,
        codecs: Codecs,
        *,
        encoding: Encoding,
        max_message_bytes: int = DEFAULT_MAX_MESSAGE_BYTES,
        tls: "ClientSecurity | None" = None,
        bearer: BearerToken | None = None,
        options: ConnectionOptions | None = None,
    ) -> None:
        self._encoding = encoding
        self._metadata: Headers = ()
        options = options or ConnectionOptions()
        self.pool = ConnectionPool(host, port, max_message_bytes, options, tls)
        self._loop = asyncio.get_running_loop()
        self._authority = self.pool.address
        if tls is not None and tls.server_name:
            self._authority = tls.server_name
        self._scheme = "http" if tls is None else "https"
        self._bearer = bearer
        self._channel_codecs = channel_codecs(codecs, max_message_bytes)
        self._max_message_bytes = max_message_bytes
        self._tries = options.tries
        self._encoder = HeaderEncoder()
        # By the path of the method.
        self._templates: dict[str, CallTemplate] = {}

    @property
    def encoding(self) -> Encoding:
        """The encoding of the calls that follow."""
        return self._encoding

    @encoding.setter
    def encoding(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._templates.clear()

    @property
    def metadata(self) -> Headers:
        """The metadata of the calls that follow."""
        return self._metadata

    @metadata.setter
    def metadata(self, metadata: Headers) -> None:
        self._metadata = metadata
        self._templates.clear()

    async def call[Request, Response](
        self,
        method: Method[Request, Response],
        request: Request,
        metadata: Metadata | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Return the response to one call, within `timeout` seconds.

        Raises `GRPCError` for a status other than OK, `EncodeError`, `MessageTooLargeError` or
        `DecodeError` for a message, and what `ClientConnection.begin` and `ConnectionPool.acquire`
        do.
        """
        template = self._templates.get(method.path) or self._template(method)
        body = self._body(template, request)
        own = self._own_headers(metadata) if metadata or self._bearer is not None else b""
        deadline = inf if timeout is None else self._loop.time() + timeout
        tries_left = self._tries
        while True:
            tries_left -= 1
            try:
                connection = self.pool.current
                if connection is None or not connection.has_capacity:
                    connection = await self.pool.acquire(deadline)
                pending = self._begin(connection, template, own, body, deadline)
                try:
                    message = await pending.response
                    break
                except BaseException:
                    # Nothing is left of the call unless this is cancelled.
                    connection.end(pending.stream_id)
                    raise
            except CallLostError as error:
                if error.loss is not Loss.REFUSED or not tries_left:
                    raise
        if message is None:
            raise DecodeError("the status is OK, but there is no message")
        result: Response = template.codec.response.decode(message)
        return result

    def unary_stream[Request, Response](
        self,
        method: Method[Request, Response],
        request: Request,
        metadata: Metadata | None = None,
        timeout: float | None = None,
    ) -> ResponseStream[Response]:
        """Return the responses to one request; raises and ends as `stream_stream` does."""
        from mirastack_sdk._wire.client.response_stream import encode  # noqa: PLC0415 - most agents call no streams

        codec = self._channel_codecs[self.encoding]
        data = encode(request, codec.for_method(method).request, codec.max_message_bytes)
        return self._streamed(method, data, metadata, timeout)

    async def stream_unary[Request, Response](
        self,
        method: Method[Request, Response],
        requests: AsyncIterable[Request] | Iterable[Request],
        metadata: Metadata | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Return the response to a stream of requests; raises and ends as `stream_stream` does."""
        from mirastack_sdk._wire.client.response_stream import only_response  # noqa: PLC0415 - most agents call no streams

        return await only_response(
            self.stream_stream(method, requests, metadata, timeout), method.path
        )

    def stream_stream[Request, Response](
        self,
        method: Method[Request, Response],
        requests: AsyncIterable[Request] | Iterable[Request],
        metadata: Metadata | None = None,
        timeout: float | None = None,
    ) -> ResponseStream[Response]:
        """Return the responses to a stream of requests, which are sent as fast as they are read.

        The call is made when the first response is asked for, but `timeout` seconds begin now.
        Leaving the iteration cancels the call: by `aclose`, by a `break`, by cancelling the task.
        An asynchronous generator of requests is closed with the call. The iteration raises what
        `call` does and what the iterator of the requests raises; responses that have arrived come
        first, except at the deadline.
        """
        from mirastack_sdk._wire.client.response_stream import encoded  # noqa: PLC0415 - most agents call no streams

        codec = self._channel_codecs[self.encoding]
        data = encoded(requests, codec.for_method(method).request, codec.max_message_bytes)
        return self._streamed(method, data, metadata, timeout)

    def close(self) -> None:
        """Close every connection; calls that still run or wait are lost."""
        self.pool.close()

    def _streamed[Request, Response](
        self,
        method: Method[Request, Response],
        data: AsyncGenerator[bytes, None] | bytes,
        metadata: Metadata | None,
        timeout: float | None,
    ) -> ResponseStream[Response]:
        from mirastack_sdk._wire.client.response_stream import Responses  # noqa: PLC0415 - most agents call no streams
        from mirastack_sdk._wire.client.streamed_call import StreamedCall  # noqa: PLC0415 - see above

        deadline = inf if timeout is None else self._loop.time() + timeout
        template = self._templates.get(method.path) or self._template(method)
        encoding = self._encoding
        own = self._own_headers(metadata) if metadata or self._bearer is not None else b""

        async def start() -> StreamedCall:
            connection = await self.pool.acquire(deadline)
            block = self._block(template, deadline, self._loop.time()) + own
            call = StreamedCall(connection, data, encoding, self._max_message_bytes, deadline)
            connection.open_stream(block, call)
            return call

        return Responses(start, template.codec.response, self._tries)

    def _body(self, template: CallTemplate, request: object) -> Body:
        data = template.codec.request.encode(request)
        if len(data) > self._max_message_bytes:
            raise MessageTooLargeError(len(data), self._max_message_bytes)
        return message_frame(data)

    def _begin(
        self,
        connection: ClientConnection,
        template: CallTemplate,
        own: bytes,
        body: Body,
        deadline: float,
    ) -> PendingCall:
        """Send a request, whose `own` headers are encoded, too; raises what `_block` raises."""
        now = self._loop.time()
        block = self._block(template, deadline, now)
        return connection.begin(block + own if own else block, body, template.check, now, deadline)

    def _block(self, template: CallTemplate, deadline: float, now: float) -> bytes:
        """Return the headers with the time that is left; raises `TimeoutError` if there is none.

        The deadline may pass while a call waits for a connection. The server would carry it out
        although nobody waits for the response, and another call may wait for the stream.
        """
        if deadline == inf:
            return template.block
        if deadline <= now:
            self.pool.on_capacity()
            raise TimeoutError("the deadline passed before the call was sent")
        return template.timed(deadline - now)

    def _template(self, method: AnyMethod) -> CallTemplate:
        """Make the template of a method; raises `ValueError` for metadata that is not latin-1."""
        headers = (
            (":method", "POST"),
            (":scheme", self._scheme),
            (":path", method.path),
            (":authority", self._authority),
            ("te", "trailers"),
            ("content-type", f"application/grpc+{self._encoding.value}"),
            *self._metadata,
        )
        codec = self._channel_codecs[self._encoding].for_method(method)
        template = CallTemplate(self._encoding, codec, headers, self._encoder)
        self._templates[method.path] = template
        return template

    def _own_headers(self, metadata: Metadata | None) -> bytes:
        """Return the encoded headers of one call alone, which follow those of all calls."""
        headers = encode_metadata(metadata) if metadata else ()
        if self._bearer is not None:
            headers = (*headers, self._bearer.header())
        return self._encoder.encode(headers)
