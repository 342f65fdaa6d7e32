"""The server's side of one call: its request comes in, its outcome goes out."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any  # noqa: TID251 - each method has messages of its own

from grpclib.exceptions import GRPCError

from mirastack_sdk._log import Log
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.message_codec import ChannelCodec
from mirastack_sdk._wire.codec.methods import StreamHandler, UnaryHandler
from mirastack_sdk._wire.grpc.current_call import IncomingCall, enter_call
from mirastack_sdk._wire.grpc.message_reader import MessageReader, message_frame
from mirastack_sdk._wire.grpc.metadata import encode_status_text
from mirastack_sdk._wire.grpc.request_check import Rejection
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk._wire.http2.codes import ErrorCode
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.streaming.message_queue import MessageQueue
from mirastack_sdk.errors import DecodeError, EncodeError, MessageTooLargeError

_LOG = Log("server")

SHUTTING_DOWN = "the server is shutting down"

OK_TRAILERS: Headers = (("grpc-status", "0"),)
RESPONSE_HEADERS: Mapping[Encoding, Headers] = {
    encoding: (
        (":status", "200"),
        ("content-type", f"application/grpc+{encoding.value}"),
    )
    for encoding in Encoding
}
# "Compression": a server that cannot decompress a message lists the encodings that it accepts.
_ACCEPTED: Headers = (("grpc-accept-encoding", "identity"),)


class Outcome:
    """How a call ends: a status, and a message where it is OK."""

    __slots__ = ("data", "message", "status")

    def __init__(self, status: Status, message: str = "", data: bytes = b"") -> None:
        self.status = status
        self.message = message
        self.data = data


_EXPIRED = Outcome(Status.DEADLINE_EXCEEDED, "the call took longer than its deadline allows")
_NO_REQUEST = Outcome(Status.INTERNAL, "the call ended without a request message")


def send_rejection(http2: Connection, stream_id: int, rejection: Rejection) -> None:
    """Send the response to a rejected request whose stream is open."""
    headers: Headers = (
        (":status", str(rejection.http_status)),
        *RESPONSE_HEADERS[rejection.encoding][1:],
    )
    send_status(http2, stream_id, headers, rejection.status, rejection.message)


def status_trailers(status: Status, message: str) -> Headers:
    """Return the trailers of a call that ends with a status other than OK."""
    return (
        ("grpc-status", str(status.value)),
        ("grpc-message", encode_status_text(message)),
    )


def send_status(
    http2: Connection, stream_id: int, headers: Headers, status: Status, message: str
) -> None:
    """Send a response that consists of headers and a status."""
    extra = _ACCEPTED if status is Status.UNIMPLEMENTED else ()
    trailers = status_trailers(status, message)
    http2.send_headers(stream_id, (*headers, *extra, *trailers), end_stream=True)
    # gRPC over HTTP/2, "Early Server Closure"; RFC 9113 §8.1.
    http2.reset(stream_id, ErrorCode.NO_ERROR)


class ServerCall:
    """Runs the handler of one accepted call, and passes its outcome to `finish`, once.

    `deferred` says that the call could run, but waits because too many responses are queued.
    """

    # The messages of a call that has a stream of them instead of one request.
    requests: MessageQueue | None = None

    __slots__ = (
        "_call",
        "_codec",
        "_finish",
        "_is_cancelled",
        "_respond",
        "_served",
        "_timer",
        "deferred",
        "ending",
        "expired",
        "reader",
        "stream_id",
        "task",
    )

    def __init__(
        self,
        stream_id: int,
        call: IncomingCall,
        handler: UnaryHandler | StreamHandler,
        codec: ChannelCodec,
        finish: Callable[["ServerCall", Outcome], None],
    ) -> None:
        self.stream_id = stream_id
        self.reader = MessageReader(codec.max_message_bytes)
        self.task: asyncio.Task[None] | None = None
        self.deferred = False
        self.ending = ""
        self.expired = False
        self._call = call
        self._served = handler.method
        # Any: each kind of method has functions of its own.
        self._respond: Callable[[Any], Any] = handler.respond
        self._codec = codec
        self._finish = finish
        self._is_cancelled = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def method(self) -> str:
        """The path of the method."""
        return self._call.method

    @property
    def encoding(self) -> Encoding:
        """The encoding of the request and the response."""
        return self._call.encoding

    def is_late(self, now: float) -> bool:
        """Whether the deadline has passed at `now`, an instant of the loop's clock."""
        return self._call.deadline is not None and self._call.deadline <= now

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run the handler, unless it is too late; if it never waits, it is done on return."""
        message = self.reader.message
        if message is None:
            self._finish(self, _NO_REQUEST)
        elif self._is_in_time(loop):
            self.task = asyncio.Task(self._run(message), loop=loop, eager_start=True)

    def send_outcome(self, http2: Connection, outcome: Outcome) -> None:
        """Send the response; the stream must be open."""
        headers = RESPONSE_HEADERS[self._call.encoding]
        if outcome.status is Status.OK:
            http2.send_message(self.stream_id, headers, message_frame(outcome.data), OK_TRAILERS)
        else:
            send_status(http2, self.stream_id, headers, outcome.status, outcome.message)

    def cancel(self, *, ending: str = "") -> None:
        """Cancel the handler; the client gets UNAVAILABLE with the text `ending`, if any."""
        self.ending = ending
        self._cancel()

    def _is_in_time(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Set the timer of the deadline, or finish the call if it has passed."""
        deadline = self._call.deadline
        if deadline is None:
            return True
        if deadline <= loop.time():
            self._finish(self, _EXPIRED)
            return False
        self._timer = loop.call_at(deadline, self._expire)
        return True

    def _expire(self) -> None:
        self.expired = True
        self._cancel()

    def _cancel(self) -> None:
        """Cancel the handler once: a second cancellation would interrupt its clean-up.

        At a deadline the client's reset and our timer are often milliseconds apart.
        """
        if self.task is not None and not self._is_cancelled:
            self._is_cancelled = True
            self.task.cancel()

    @property
    def _why_cancelled(self) -> Outcome:
        return _EXPIRED if self.expired else Outcome(Status.UNAVAILABLE, self.ending)

    async def _run(self, message: bytes) -> None:
        enter_call(self._call)
        try:
            codec = self._codec.for_method(self._served)
            response = await self._respond(codec.request.decode(message))
            data = codec.response.encode(response)
            if len(data) <= self._codec.max_message_bytes:
                outcome = Outcome(Status.OK, data=data)
            else:
                error = MessageTooLargeError(len(data), self._codec.max_message_bytes)
                outcome = failure(self.method, error)
        except asyncio.CancelledError:
            if not self.expired and not self.ending:
                raise
            outcome = self._why_cancelled
        except Exception as failed:  # noqa: BLE001 - a task's root: every failure becomes a status
            outcome = failure(self.method, failed)
        finally:
            if self._timer is not None:
                self._timer.cancel()
        self._finish(self, outcome)


def failure(method: str, error: Exception) -> Outcome:
    """Return the outcome of a call that raised `error`."""
    match error:
        case CallRefused():
            return Outcome(error.status, error.message)
        case GRPCError():
            return Outcome(error.status, error.message or "")
        case DecodeError():
            return Outcome(Status.INVALID_ARGUMENT, f"the request cannot be read: {error}")
        case MessageTooLargeError():
            return Outcome(Status.RESOURCE_EXHAUSTED, str(error))
        case EncodeError():
            _LOG.error("the response of %s cannot be written: %s", method, error)
            return Outcome(Status.INTERNAL, "the response cannot be written")
        case _:
            _LOG.error("%s failed", method, exc_info=error)
            return Outcome(Status.INTERNAL, "internal error")
