"""What comes back from a server, and what its statuses mean."""

import enum
from typing import NamedTuple

from grpclib.exceptions import GRPCError

from mirastack_sdk._wire.codec.encoding import Encoding, encoding_of
from mirastack_sdk._wire.grpc.metadata import decode_status_text
from mirastack_sdk._wire.grpc.status import Status
from mirastack_sdk._wire.http2.codes import ErrorCode
from mirastack_sdk._wire.http2.events import Headers


class Response(NamedTuple):
    """A whole answer; `trailers` are empty where the headers were all there is."""

    headers: Headers
    message: bytes | None
    trailers: Headers


class Loss(enum.Enum):
    """What has become of a call that no answer will come for."""

    NEVER_SENT = "never sent"
    """There was no connection."""
    REFUSED = "refused"
    """The server has not looked at it, and says so."""
    LOST = "lost"
    """It was sent, and the server may have acted on it."""
    HOPELESS = "hopeless"
    """There was no connection, and will be none until somebody mends what is wrong."""
    ABANDONED = "abandoned"
    """We have closed the channel."""


class CallLostError(ConnectionError):
    """No answer will come.

    `wait` is in how many seconds a connection may be tried again, where none could be had.
    """

    def __init__(self, reason: str, loss: Loss, *, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.loss = loss
        self.wait = wait


class WrongServerError(Exception):
    """Something else than a gRPC server answers at the address."""


# gRPC's mapping of HTTP statuses, for answers that are not gRPC's.
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
# gRPC's mapping of HTTP/2 error codes; what is not here is INTERNAL.
_BY_ERROR_CODE = {
    ErrorCode.REFUSED_STREAM: Status.UNAVAILABLE,
    ErrorCode.CANCEL: Status.CANCELLED,
    ErrorCode.ENHANCE_YOUR_CALM: Status.RESOURCE_EXHAUSTED,
    ErrorCode.INADEQUATE_SECURITY: Status.PERMISSION_DENIED,
}
_STATUSES = {str(status.value): status for status in Status}


def reset_status(code: int) -> Status:
    """Return the status that a reset with an HTTP/2 error code means."""
    return next((s for known, s in _BY_ERROR_CODE.items() if known == code), Status.INTERNAL)


def is_grpc(headers: Headers) -> bool:
    """Whether the headers of an answer are those of a gRPC server."""
    return any(
        name == "content-type" and value.startswith("application/grpc") for name, value in headers
    )


def message_in(answer: Response, encoding: Encoding) -> bytes | None:
    """Return the message of an answer; raises `GRPCError` unless its status is OK."""
    headers = dict(answer.headers)
    ending = dict(answer.trailers) if answer.trailers else headers
    number = ending.get("grpc-status")
    if number is None:
        raise _not_grpc(headers)
    status = _STATUSES.get(number, Status.UNKNOWN)
    if status is not Status.OK:
        raise GRPCError(status, decode_status_text(ending.get("grpc-message", "")))
    content_type = headers.get("content-type", "")
    if encoding_of(content_type) is not encoding:
        raise GRPCError(
            Status.UNKNOWN, f"the server answered in {content_type!r}, not in {encoding.value}"
        )
    return answer.message


def _not_grpc(headers: dict[str, str]) -> GRPCError:
    http_status = headers.get(":status", "")
    if http_status != "200":
        status = _BY_HTTP_STATUS.get(http_status, Status.UNKNOWN)
        return GRPCError(status, f"the server answered with HTTP status {http_status}")
    content_type = headers.get("content-type", "")
    return GRPCError(
        Status.UNKNOWN, f"the server's answer has no grpc-status, its content-type {content_type!r}"
    )
