"""The client's side of one call whose requests, responses or both are streams of messages."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from mirastack_sdk._wire.client.call_errors import CallLostError, Loss
from mirastack_sdk._wire.client.call_response import (
    Response,
    WaitingStream,
    check_status,
    message_in,
)
from mirastack_sdk._wire.client.client_connection import ClientConnection
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.grpc.message_reader import message_frame
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.http2.protocol_errors import ClosedError
from mirastack_sdk._wire.socket.protocol import WriteCoalescer
from mirastack_sdk._wire.streaming.closing import use_and_close
from mirastack_sdk._wire.streaming.message_queue import MessageQueue
from mirastack_sdk._wire.streaming.message_sender import MessageSender

_OK: Headers = (("grpc-status", "0"),)

type Requests = AsyncGenerator[bytes, None] | bytes


class StreamedCall(WaitingStream):
    """Sends the requests of one call in a task, and returns the responses one by one.

    One request is sent at once, without a task. After `close`, nothing of the call is left but the
    task, which `aclose` waits for.
    """

    def __init__(
        self,
        connection: ClientConnection,
        requests: Requests,
        encoding: Encoding,
        max_message_bytes: int,
        deadline: float,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.headers: Headers = ()
        self.sent_at = self._loop.time()
        self.deadline = deadline
        self._connection = connection
        self._requests = requests
        self._encoding = encoding
        self._max_message_bytes = max_message_bytes
        self._sending: asyncio.Task[None] | None = None
        self._is_first = True

    @property
    def is_repeatable(self) -> bool:
        """Whether the call can be made again from its beginning."""
        return isinstance(self._requests, bytes)

    def attach(self, stream_id: int, http2: Connection, writer: WriteCoalescer) -> None:
        """Send the requests on a stream of a connection."""
        self._stream_id, self._http2, self._writer = stream_id, http2, writer
        self._sender = MessageSender(http2, writer, stream_id)
        self._responses = MessageQueue(
            self._max_message_bytes, http2.initial_window, self._sender.make_room
        )
        if isinstance(self._requests, bytes):
            *pieces, last = message_frame(self._requests)
            for piece in pieces:
                http2.send_data(stream_id, piece)
            http2.send_data(stream_id, last, end_stream=True)
        else:
            self._sending = self._loop.create_task(use_and_close(self._requests, self._send))

    def complete(self, headers: Headers, data: bytes, trailers: Headers) -> bool:  # noqa: ARG002 - for unary calls
        """Take no response as a whole."""
        return False

    def feed(self, data: bytes) -> int:
        """Add the next bytes of the responses, which are asked for when they are taken."""
        self._responses.feed(data)
        return 0

    async def next(self) -> bytes | None:
        """Return the next response, or `None` at the end of a call whose status is OK.

        Raises `GRPCError` for any other status and where the server resets the call, `TimeoutError`
        at the deadline, `CallLostError` if there will be no more responses, `WireError` for a
        message that is refused, and what the iterator of the requests has raised.
        """
        message = await self._responses.next()
        if self._is_first and message is not None:
            self._is_first = False
            # Raises `GRPCError` if it is in another encoding.
            message_in(Response(self.headers, message, _OK), self._encoding)
        return message

    def fail(self, error: Exception) -> None:
        """End the call; responses that have arrived before are returned, except at a deadline."""
        if isinstance(error, TimeoutError):
            self._responses.fail(error)
        else:
            self._responses.end(error)
        self._stop()

    def finish(self, trailers: Headers) -> None:
        """End the call with the server's status."""
        try:
            check_status(dict(self.headers), trailers)
        except Exception as error:  # noqa: BLE001 - passed on to the task that reads
            self._responses.end(error)
        else:
            self._responses.end()
        self._stop()

    def close(self) -> None:
        """Cancel the call if it has not ended."""
        self._responses.fail(CallLostError("the call was cancelled", Loss.ABANDONED))
        self._stop()
        self._connection.end(self._stream_id)

    async def aclose(self) -> None:
        """Do as `close`, and wait until the iterator of the requests has been closed."""
        self.close()
        if self._sending is not None:
            await asyncio.wait((self._sending,))

    def _stop(self) -> None:
        """Stop sending: the server takes no more."""
        if self._sending is not None and self._sending is not asyncio.current_task(self._loop):
            self._sending.cancel()

    async def _send(self, requests: AsyncIterator[bytes]) -> None:
        try:
            async for request in requests:
                await self._sender.send(request)
            self._http2.send_data(self._stream_id, b"", end_stream=True)
            self._writer.schedule()
        except ClosedError:
            # The call has ended in the meantime.
            return
        except Exception as error:  # noqa: BLE001 - raised to the task that reads the responses
            self._responses.fail(error)
            self._connection.end(self._stream_id)
