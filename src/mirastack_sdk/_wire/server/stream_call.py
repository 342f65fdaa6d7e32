"""The server's side of one call whose requests, responses or both are streams of messages."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

from mirastack_sdk._wire.codec.message_codec import MessageCodec
from mirastack_sdk._wire.codec.methods import StreamHandler
from mirastack_sdk._wire.grpc.current_call import IncomingCall, enter_call
from mirastack_sdk._wire.grpc.status import Status
from mirastack_sdk._wire.http2.codes import ErrorCode
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.http2.protocol_errors import ClosedError
from mirastack_sdk._wire.server.server_call import (
    OK_TRAILERS,
    RESPONSE_HEADERS,
    CallOwner,
    Outcome,
    ServerCall,
    failure,
    send_status,
    status_trailers,
)
from mirastack_sdk._wire.server.server_state import ServerState
from mirastack_sdk._wire.socket.protocol import WriteCoalescer
from mirastack_sdk._wire.streaming.closing import use_and_close
from mirastack_sdk._wire.streaming.message_queue import MessageQueue
from mirastack_sdk._wire.streaming.message_sender import MessageSender
from mirastack_sdk.errors import MessageTooLargeError


class StreamCall(ServerCall):
    """Runs the handler of a call with streams.

    A handler that takes a stream of requests runs as soon as the headers have arrived, and reads
    from `requests`. The responses of a handler that returns a stream are sent one by one, and the
    handler's generator is suspended while the client does not read. However the call ends, the
    generator is closed.
    """

    __slots__ = ("_has_responded", "_http2", "_sender", "_server", "requests")

    def __init__(
        self,
        stream_id: int,
        call: IncomingCall,
        handler: StreamHandler,
        state: ServerState,
        owner: CallOwner,
        http2: Connection,
        writer: WriteCoalescer,
    ) -> None:
        codec = state.codecs[call.encoding]
        super().__init__(stream_id, call, handler, codec, owner)
        self._server = state
        self._http2 = http2
        self._has_responded = False
        self._sender = MessageSender(http2, writer, stream_id)
        self.requests: MessageQueue | None = None
        if handler.method.client_streaming:
            self.requests = MessageQueue(
                codec.max_message_bytes, state.limits.initial_window, self._sender.make_room
            )

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run the handler with the request that has arrived, or with those that will arrive."""
        if self.requests is None:
            super().start(loop)
        else:
            self.run(b"", loop)

    def run(self, message: bytes, loop: asyncio.AbstractEventLoop) -> None:
        """Run the handler, unless it is too late or too many calls with streams run."""
        if self._server.streaming >= self._server.max_streaming_calls:
            text = f"at most {self._server.max_streaming_calls} calls with streams may run at once"
            self._owner.finish(self, Outcome(Status.RESOURCE_EXHAUSTED, text))
        else:
            super().run(message, loop)

    def send_response(self, http2: Connection, data: bytes) -> None:  # noqa: ARG002 - the messages have been sent
        """Send the status OK behind the messages; the stream must be open."""
        self._send_headers()
        self._send_trailers(http2, OK_TRAILERS)

    def send_outcome(self, http2: Connection, outcome: Outcome) -> None:
        """Send a status other than OK behind the messages; the stream must be open."""
        if self._has_responded:
            self._send_trailers(http2, status_trailers(outcome.status, outcome.message))
        else:
            headers = RESPONSE_HEADERS[self.encoding]
            send_status(http2, self.stream_id, headers, outcome.status, outcome.message)

    def _send_trailers(self, http2: Connection, trailers: Headers) -> None:
        stream_id = self.stream_id
        http2.send_headers(stream_id, trailers, end_stream=True)
        # gRPC over HTTP/2, "Early Server Closure": the client may stop sending requests, when it
        # has got everything.
        close = partial(http2.reset, stream_id, ErrorCode.NO_ERROR)
        if not http2.when_sent(stream_id, close):
            close()

    async def _run(self, message: bytes) -> None:
        enter_call(self._call)
        self._server.streaming += 1
        try:
            await self._serve(message)
        except asyncio.CancelledError:
            if self.expired or self.ending:
                self._owner.finish(self, self._why_cancelled)
            else:
                raise
        except ClosedError:
            # The stream was closed while the handler ignored its cancellation.
            return
        except Exception as failed:  # noqa: BLE001 - a task's root: every failure becomes a status
            self._owner.finish(self, failure(self.method, failed))
        else:
            self._owner.respond(self, b"")
        finally:
            self._server.streaming -= 1
            if self._has_waited:
                self._on_end()

    async def _serve(self, message: bytes) -> None:
        method = self._served
        codec = self.codec.for_method(method)
        requests = self.requests
        request = (
            codec.request.decode(message)
            if requests is None
            else _Requests(requests, codec.request)
        )
        try:
            if method.server_streaming:
                await use_and_close(self._respond(request), self._send_all)
                self._check_cancelled()
            else:
                await self._send(codec.response.encode(await self._respond(request)))
        finally:
            if requests is not None:
                # A task of the handler may still read.
                requests.fail(ConnectionAbortedError("the call has ended"))

    async def _send_all(self, responses: AsyncIterator[object]) -> None:
        codec: MessageCodec[object] = self.codec.for_method(self._served).response
        async for response in responses:
            await self._send(codec.encode(response))

    async def _send(self, message: bytes) -> None:
        self._check_cancelled()
        if len(message) > self.codec.max_message_bytes:
            raise MessageTooLargeError(len(message), self.codec.max_message_bytes)
        self._send_headers()
        await self._sender.send(message)

    def _send_headers(self) -> None:
        """Send the headers, before the first message or the status."""
        if not self._has_responded:
            self._has_responded = True
            self._http2.send_headers(self.stream_id, RESPONSE_HEADERS[self.encoding])

    def _check_cancelled(self) -> None:
        """End a call whose handler went on after its cancellation: it must not seem complete."""
        if self._is_cancelled:
            raise asyncio.CancelledError


class _Requests[Request](AsyncIterator[Request]):
    """The requests of a call, decoded when the handler asks for them."""

    def __init__(self, messages: MessageQueue, codec: MessageCodec[Request]) -> None:
        self._next = messages.next
        self._decode = codec.decode

    async def __anext__(self) -> Request:
        message = await self._next()
        if message is None:
            raise StopAsyncIteration
        return self._decode(message)
