"""The server's side of one call: its request comes in, its outcome goes out."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Protocol  # noqa: TID251 - each method has messages of its own

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
    """How a call ends: a status, and its text."""

    __slots__ = ("message", "status")

    def __init__(self, status: Status, message: str = "") -> None:
        self.status = status
        self.message = message


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


class CallOwner(Protocol):
    """The connection of a call, which is told how the call ends, once, and how it runs."""

    @abstractmethod
    def respond(self, call: "ServerCall", data: bytes) -> None:
        """Send the response of a call that is OK, unless its stream is gone."""

    @abstractmethod
    def finish(self, call: "ServerCall", outcome: Outcome) -> None:
        """Send the outcome of a call, unless its stream is gone."""

    @abstractmethod
    def on_wait(self, call: "ServerCall") -> None:
        """Note that the handler waits for something, and goes on later."""

    @abstractmethod
    def on_end(self, call: "ServerCall") -> None:
        """Note that a handler that has waited has ended."""


class ServerCall:
    """Runs the handler of one accepted call, and passes its outcome to `owner`.

    `message` is the request, once it has arrived; until then a `reader` may have a part of it.
    `deferred` says that the call could run, but waits because too many responses are queued.
    """

    # The messages of a call that has a stream of them instead of one request.
    requests: MessageQueue | None = None

    __slots__ = (
        "_call",
        "_has_waited",
        "_is_cancelled",
        "_owner",
        "_respond",
        "_served",
        "_timer",
        "codec",
        "deferred",
        "ending",
        "expired",
        "message",
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
        owner: CallOwner,
    ) -> None:
        self.stream_id = stream_id
        self.message: bytes | None = None
        self.reader: MessageReader | None = None
        self.task: asyncio.Task[None] | None = None
        self.deferred = False
        self.ending = ""
        self.expired = False
        self._call = call
        self._served = handler.method
        # Any: each kind of method has functions of its own.
        self._respond: Callable[[Any], Any] = handler.respond
        self.codec = codec
        self._owner = owner
        self._has_waited = False
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

    @property
    def received(self) -> int:
        """How many bytes of an incomplete request have arrived."""
        return 0 if self.reader is None else self.reader.received

    def is_late(self, now: float) -> bool:
        """Whether the deadline has passed at `now`, an instant of the loop's clock."""
        return self._call.deadline is not None and self._call.deadline <= now

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run the handler, unless it is too late; if it never waits, it is done on return."""
        message = self.message
        if message is None:
            self._owner.finish(self, _NO_REQUEST)
        else:
            self.message = self.reader = None
            self.run(message, loop)

    def run(self, message: bytes, loop: asyncio.AbstractEventLoop) -> None:
        """Run the handler with a request, as `start` does with the one that has arrived."""
        deadline = self._call.deadline
        if deadline is not None and deadline <= loop.time():
            self._owner.finish(self, _EXPIRED)
            return
        self.task = task = asyncio.Task(self._run(message), loop=loop, eager_start=True)
        # Most handlers have ended by now, and need no timer.
        if not task.done():
            self._has_waited = True
            if deadline is not None:
                self._timer = loop.call_at(deadline, self._expire)
            self._owner.on_wait(self)

    def send_response(self, http2: Connection, data: bytes) -> None:
        """Send the response of a call that is OK; the stream must be open."""
        headers = RESPONSE_HEADERS[self._call.encoding]
        http2.send_message(self.stream_id, headers, message_frame(data), OK_TRAILERS)

    def send_outcome(self, http2: Connection, outcome: Outcome) -> None:
        """Send the status of a call that is not OK; the stream must be open."""
        headers = RESPONSE_HEADERS[self._call.encoding]
        send_status(http2, self.stream_id, headers, outcome.status, outcome.message)

    def cancel(self, *, ending: str = "") -> None:
        """Cancel the handler; the client gets UNAVAILABLE with the text `ending`, if any."""
        self.ending = ending
        self._cancel()

    def _on_end(self) -> None:
        """Note that the handler has ended, after it has waited."""
        if self._timer is not None:
            self._timer.cancel()
        self._owner.on_end(self)

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
            codec = self.codec.for_method(self._served)
            response = await self._respond(codec.request.decode(message))
            data = codec.response.encode(response)
            if len(data) > self.codec.max_message_bytes:
                raise MessageTooLargeError(len(data), self.codec.max_message_bytes)  # noqa: TRY301 - it becomes a status like all others
        except asyncio.CancelledError:
            if self.expired or self.ending:
                self._owner.finish(self, self._why_cancelled)
            else:
                raise
        except Exception as failed:  # noqa: BLE001 - a task's root: every failure becomes a status
            self._owner.finish(self, failure(self.method, failed))
        else:
            self._owner.respond(self, data)
        finally:
            if self._has_waited:
                self._on_end()


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
