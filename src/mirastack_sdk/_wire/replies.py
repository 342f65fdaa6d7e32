"""How the outcome of a call is put into HTTP/2: headers, a message, trailers."""

from collections.abc import Mapping

from mirastack_sdk._wire.admission import Rejection
from mirastack_sdk._wire.encoding import Encoding
from mirastack_sdk._wire.http2.codes import ErrorCode
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.message_reader import message_frame
from mirastack_sdk._wire.metadata import encode_status_text
from mirastack_sdk._wire.server_call import Outcome
from mirastack_sdk._wire.status import Status

_OK_TRAILERS: Headers = (("grpc-status", "0"),)
_REPLY_HEADERS: Mapping[Encoding, Headers] = {
    encoding: (
        (":status", "200"),
        ("content-type", f"application/grpc+{encoding.value}"),
    )
    for encoding in Encoding
}
# Tells a client whose message was compressed what it may send instead.
_ACCEPTED: Headers = (("grpc-accept-encoding", "identity"),)


def send_outcome(http2: Connection, stream_id: int, encoding: Encoding, outcome: Outcome) -> None:
    """Answer a call on a stream that is open."""
    headers = _REPLY_HEADERS[encoding]
    if outcome.status is Status.OK:
        http2.send_message(stream_id, headers, message_frame(outcome.data), _OK_TRAILERS)
    else:
        _send_status(http2, stream_id, headers, outcome.status, outcome.message)


def send_rejection(http2: Connection, stream_id: int, rejection: Rejection) -> None:
    """Answer a request that is no call, on a stream that is open."""
    headers: Headers = (
        (":status", str(rejection.http_status)),
        *_REPLY_HEADERS[rejection.encoding][1:],
    )
    _send_status(http2, stream_id, headers, rejection.status, rejection.message)


def _send_status(
    http2: Connection, stream_id: int, headers: Headers, status: Status, message: str
) -> None:
    trailers = (
        ("grpc-status", str(status.value)),
        ("grpc-message", encode_status_text(message)),
    )
    extra = _ACCEPTED if status is Status.UNIMPLEMENTED else ()
    http2.send_headers(stream_id, (*headers, *extra, *trailers), end_stream=True)
    # A client that is still sending its request may stop: nobody reads it.
    http2.reset(stream_id, ErrorCode.NO_ERROR)
