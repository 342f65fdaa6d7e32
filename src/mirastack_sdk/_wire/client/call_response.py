"""The responses to the calls of a client: what their headers, message and status mean."""

import asyncio
from abc import abstractmethod
from typing import Protocol

from grpclib.exceptions import GRPCError

from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._wire.codec.encoding import Encoding, encoding_of
from mirastack_sdk._wire.grpc.message_reader import MessageReader, whole_message
from mirastack_sdk._wire.grpc.metadata import decode_status_text
from mirastack_sdk._wire.grpc.status import Status
from mirastack_sdk._wire.http2.codes import ErrorCode
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.socket.protocol import WriteCoalescer
from mirastack_sdk.errors import WireError

_CONTENT_TYPES = {encoding: f"application/grpc+{encoding.value}" for encoding in Encoding}
_NO_SUBTYPE = "application/grpc"
_STATUSES = {str(status.value): status for status in Status}

# "HTTP to gRPC Status Code Mapping", for responses without grpc-status; the rest is UNKNOWN.
_BY_HTTP_STATUS = {
    "400": Status.INTERNAL,
    "401": Status.UNAUTHENTICATED,
    "403": Status.PERMISSION_DENIED,
    "404": Status.UNIMPLEMENTED,
    "429": Status.UNAVAILABLE,
    "502": Status.UNAVAILABLE,
    "503": Status.UNAVAILABLE,
    "504": Status.UNAVAILABLE,
}
# gRPC over HTTP/2, "Errors"; every other code is INTERNAL.
_BY_ERROR_CODE = {
    ErrorCode.REFUSED_STREAM: Status.UNAVAILABLE,
    ErrorCode.CANCEL: Status.CANCELLED,
    ErrorCode.ENHANCE_YOUR_CALM: Status.RESOURCE_EXHAUSTED,
    ErrorCode.INADEQUATE_SECURITY: Status.PERMISSION_DENIED,
}


class Response(NamedTuple):
    """A complete response; `trailers` are empty where it consisted of headers only."""

    headers: Headers
    message: bytes | None
    trailers: Headers


class WaitingCall(Protocol):
    """A call that a connection has sent, and whose response it passes on.

    It ends with an error at `deadline`. That and `sent_at` are instants of the loop's clock.
    """

    headers: Headers
    sent_at: float
    deadline: float

    @abstractmethod
    def feed(self, data: bytes) -> int:
        """Add the next bytes of the body, and return how many more must be asked for.

        Raises `WireError` or `CallRefused` if they are refused.
        """

    @abstractmethod
    def complete(self, headers: Headers, data: bytes, trailers: Headers) -> bool:
        """End the call with this response if it needs no check; return whether it has ended."""

    @abstractmethod
    def fail(self, error: Exception) -> None:
        """End the call without a response."""

    @abstractmethod
    def finish(self, trailers: Headers) -> None:
        """End the call with what has arrived."""


class WaitingStream(WaitingCall, Protocol):
    """A call that sends its requests itself."""

    @abstractmethod
    def attach(self, stream_id: int, http2: Connection, writer: WriteCoalescer) -> None:
        """Send the requests on a stream of a connection."""


class ResponseCheck:
    """Checks the responses to the calls of one channel in one encoding.

    Nearly all have the same headers and trailers, so those of the last one that passed are kept.
    """

    __slots__ = ("_encoding", "_headers", "_trailers")

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._headers: Headers = ()
        self._trailers: Headers = ()

    def is_checked(self, headers: Headers, trailers: Headers) -> bool:
        """Whether these are the headers and trailers of the last response that passed the check."""
        return headers == self._headers and trailers == self._trailers

    def message(self, headers: Headers, message: bytes | None, trailers: Headers) -> bytes | None:
        """Return the message of a response; raises `GRPCError` unless its status is OK."""
        if headers == self._headers and trailers == self._trailers:
            return message
        checked = message_in(Response(headers, message, trailers), self._encoding)
        # Where it is not in the headers, the encoding shows in the message itself.
        if trailers and ("content-type", _CONTENT_TYPES[self._encoding]) in headers:
            self._headers, self._trailers = headers, trailers
        return checked


class PendingCall(WaitingCall):
    """A unary call that waits for its response; the result of `response` is the message."""

    __slots__ = (
        "_check",
        "_limit",
        "_message",
        "_reader",
        "deadline",
        "headers",
        "response",
        "sent_at",
        "stream_id",
    )

    def __init__(
        self,
        stream_id: int,
        response: asyncio.Future[bytes | None],
        check: ResponseCheck,
        limit: int,
        sent_at: float,
        deadline: float,
    ) -> None:
        self.stream_id = stream_id
        self.response = response
        self.sent_at = sent_at
        self.deadline = deadline
        self.headers: Headers = ()
        self._check = check
        self._limit = limit
        self._message: bytes | None = None
        # Made for a body that is not one message in one piece, as nearly all are.
        self._reader: MessageReader | None = None

    def complete(self, headers: Headers, data: bytes, trailers: Headers) -> bool:
        """End the call with this response if it needs no check; return whether it has ended."""
        message = whole_message(data, self._limit)
        if message is None or not self._check.is_checked(headers, trailers):
            return False
        if not self.response.done():
            self.response.set_result(message)
        return True

    def feed(self, data: bytes) -> int:
        """Add the next bytes of the body, and return how many are missing."""
        if self._reader is None:
            if self._message is None:
                self._message = whole_message(data, self._limit)
                if self._message is not None:
                    return 0
            self._reader = MessageReader(self._limit, self._message)
        self._reader.feed(data)
        return self._reader.missing

    def fail(self, error: Exception) -> None:
        """End the call without a response."""
        if not self.response.done():
            self.response.set_exception(error)

    def finish(self, trailers: Headers) -> None:
        """End the call with what has arrived."""
        try:
            message = self._message if self._reader is None else self._reader.finish()
            message = self._check.message(self.headers, message, trailers)
        except (WireError, GRPCError) as error:
            self.fail(error)
        else:
            if not self.response.done():
                self.response.set_result(message)


def reset_status(code: int) -> Status:
    """Return the gRPC status for the HTTP/2 error code of a RST_STREAM."""
    return next((s for known, s in _BY_ERROR_CODE.items() if known == code), Status.INTERNAL)


def is_grpc(headers: Headers) -> bool:
    """Whether response headers come from a gRPC server (gRPC over HTTP/2, "Responses")."""
    for name, value in headers:
        if name == "content-type" and value.startswith("application/grpc"):
            return True
    return False


def message_in(response: Response, encoding: Encoding) -> bytes | None:
    """Return the message of a response; raises `GRPCError` unless its status is OK."""
    headers = dict(response.headers)
    check_status(headers, response.trailers)
    content_type = headers.get("content-type", "")
    is_expected = content_type == _CONTENT_TYPES[encoding]
    if not is_expected and not _is_in(encoding, content_type, response.message or b""):
        raise GRPCError(
            Status.UNKNOWN, f"the server answered in {content_type!r}, not in {encoding.value}"
        )
    return response.message


def check_status(headers: dict[str, str], trailers: Headers) -> None:
    """Raise `GRPCError` unless the status of a response is OK."""
    ending = dict(trailers) if trailers else headers
    number = ending.get("grpc-status")
    if number is None:
        raise _not_grpc(headers)
    status = _STATUSES.get(number, Status.UNKNOWN)
    if status is not Status.OK:
        raise GRPCError(status, decode_status_text(ending.get("grpc-message", "")))


def _is_in(encoding: Encoding, content_type: str, message: bytes) -> bool:
    """Whether a response has an encoding.

    Servers such as grpcio's never name a subtype. What they send shows whether it is JSON: no
    message in protobuf begins like an object, since that would be the start of a group.
    """
    if encoding is Encoding.JSON and content_type == _NO_SUBTYPE:
        return message[:1] == b"{"
    return encoding_of(content_type) is encoding


def _not_grpc(headers: dict[str, str]) -> GRPCError:
    http_status = headers.get(":status", "")
    if http_status != "200":
        status = _BY_HTTP_STATUS.get(http_status, Status.UNKNOWN)
        return GRPCError(status, f"the server answered with HTTP status {http_status}")
    content_type = headers.get("content-type", "")
    return GRPCError(
        Status.UNKNOWN,
        f"the server's response has no grpc-status, its content-type {content_type!r}",
    )
