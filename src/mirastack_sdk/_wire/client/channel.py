"""The channel to one server: the object that generated stubs make their calls with."""

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from typing import TYPE_CHECKING

from mirastack_sdk._wire.client.call_response import CallLostError, Loss, message_in
from mirastack_sdk._wire.client.pool import ConnectionOptions, ConnectionPool
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.message_codec import Codecs, channel_codecs
from mirastack_sdk._wire.codec.methods import Method, ResponseStream, StreamCaller
from mirastack_sdk._wire.grpc.message_reader import message_frame
from mirastack_sdk._wire.grpc.metadata import Metadata, encode_metadata
from mirastack_sdk._wire.grpc.request_check import BearerToken
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.server.grpc_server import DEFAULT_MAX_MESSAGE_BYTES
from mirastack_sdk.errors import DecodeError, MessageTooLargeError

if TYPE_CHECKING:
    # Only agents with TLS load it.
    from mirastack_sdk._wire.tls.tls_client import ClientSecurity


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
        self.encoding = encoding
        self.metadata: Headers = ()
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
        # By the path of the method: what they were built from, and the headers.
        self._kept_headers: dict[str, tuple[Encoding, Headers, Headers]] = {}

    async def call[Request, Response](
        self,
        method: Method[Request, Response],
        request: Request,
        metadata: Metadata | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Return the response to one call, within `timeout` seconds.

        Raises `GRPCError` for a status other than OK, `EncodeError`, `MessageTooLargeError` or
        `DecodeError` for a message, and what `ClientConnection.exchange` and
        `ConnectionPool.acquire` do.
        """
        channel_codec = self._channel_codecs[self.encoding]
        encoding, codec = channel_codec.encoding, channel_codec.for_method(method)
        data = codec.request.encode(request)
        if len(data) > channel_codec.max_message_bytes:
            raise MessageTooLargeError(len(data), channel_codec.max_message_bytes)
        headers, body = self._headers(method.path, encoding, metadata), message_frame(data)
        deadline = None if timeout is None else self._loop.time() + timeout
        tries_left = self._tries
        while True:
            tries_left -= 1
            try:
                connection = await self.pool.acquire(deadline)
                sent = headers if deadline is None else self._timed(headers, deadline)
                response = await connection.exchange(sent, body, deadline)
                break
            except CallLostError as error:
                if error.loss is not Loss.REFUSED or not tries_left:
                    raise
        message = message_in(response, encoding)
        if message is None:
            raise DecodeError("the status is OK, but there is no message")
        result: Response = codec.response.decode(message)
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

        deadline = None if timeout is None else self._loop.time() + timeout
        channel_codec = self._channel_codecs[self.encoding]
        encoding, limit = channel_codec.encoding, channel_codec.max_message_bytes
        codec = channel_codec.for_method(method)
        headers = self._headers(method.path, encoding, metadata)

        async def start() -> StreamedCall:
            connection = await self.pool.acquire(deadline)
            sent = headers if deadline is None else self._timed(headers, deadline)
            call = StreamedCall(connection, data, encoding, limit, deadline)
            connection.open_stream(sent, call)
            return call

        return Responses(start, codec.response, self._tries)

    def _timed(self, headers: Headers, deadline: float) -> Headers:
        """Add the time that is left; raises `TimeoutError` if there is none.

        The deadline may pass while a call waits for a connection. The server would carry it out
        although nobody waits for the response, and another call may wait for the stream.
        """
        left = deadline - self._loop.time()
        if left <= 0:
            self.pool.on_capacity()
            raise TimeoutError("the deadline passed before the call was sent")
        return (*headers, ("grpc-timeout", encode_timeout(left)))

    def _headers(self, path: str, encoding: Encoding, metadata: Metadata | None) -> Headers:
        kept = self._kept_headers.get(path)
        if kept is None or kept[0] is not encoding or kept[1] is not self.metadata:
            headers = (
                (":method", "POST"),
                (":scheme", self._scheme),
                (":path", path),
                (":authority", self._authority),
                ("te", "trailers"),
                ("content-type", f"application/grpc+{encoding.value}"),
                *self.metadata,
            )
            kept = self._kept_headers[path] = (encoding, self.metadata, headers)
        if not metadata and self._bearer is None:
            return kept[2]
        return (
            *kept[2],
            *(encode_metadata(metadata) if metadata else ()),
            *(() if self._bearer is None else (self._bearer.header(),)),
        )


def encode_timeout(seconds: float) -> str:
    """Return a `grpc-timeout` of at least `seconds` (gRPC over HTTP/2, "Requests").

    Rounded up to few digits, because equal header blocks are encoded once. The client itself keeps
    the exact deadline.
    """
    if seconds >= 10:
        return f"{min(math.ceil(seconds), 99_999_999)}S"
    if seconds >= 0.1:
        return f"{math.ceil(seconds * 10) * 100}m"
    return f"{max(math.ceil(seconds * 1000), 1)}m"
