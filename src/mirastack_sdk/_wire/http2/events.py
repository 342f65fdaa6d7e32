"""The events that `Connection.receive` returns."""

from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._wire.http2.codes import ErrorCode

type Headers = tuple[tuple[str, str], ...]
type Body = tuple[bytes | memoryview, ...]


class HeadersReceived(NamedTuple):
    """A request at a server, a response at a client; `ended` if the stream has no body."""

    stream_id: int
    headers: Headers
    ended: bool


class DataReceived(NamedTuple):
    """A part of the body; `ended` if it is the last one."""

    stream_id: int
    data: bytes
    ended: bool


class ResponseReceived(NamedTuple):
    """A whole response of headers, one piece of data and trailers, which arrived in one read."""

    stream_id: int
    headers: Headers
    data: bytes
    trailers: Headers


class RequestReceived:
    """A whole request of one HEADERS and one DATA frame, which arrived in one read.

    Not a tuple like the others: nearly all requests are this one event, and making it is cheaper.
    """

    __slots__ = ("data", "headers", "stream_id")

    def __init__(self, stream_id: int, headers: Headers, data: bytes) -> None:
        self.stream_id = stream_id
        self.headers = headers
        self.data = data


class TrailersReceived(NamedTuple):
    """Trailers, which end the stream."""

    stream_id: int
    headers: Headers


class StreamReset(NamedTuple):
    """The early end of a stream.

    `remote` says that the peer reset it. `unprocessed` says that the peer did not process the
    request, so that it may be sent again (RFC 9113 §8.7).
    """

    stream_id: int
    code: int
    reason: str
    remote: bool
    unprocessed: bool


class SettingsReceived(NamedTuple):
    """The peer has changed its settings; this many streams are allowed now."""

    max_concurrent_streams: int


class PingAcknowledged(NamedTuple):
    """The peer has answered a PING."""

    payload: bytes


class GoAwayReceived(NamedTuple):
    """The peer accepts no new streams; those above `last_stream_id` have been reset."""

    last_stream_id: int
    code: int
    reason: str


class ConnectionEnded(NamedTuple):
    """The peer broke the protocol: send what is left, which includes a GOAWAY, and close."""

    code: ErrorCode
    reason: str


type Event = (
    HeadersReceived
    | DataReceived
    | ResponseReceived
    | RequestReceived
    | TrailersReceived
    | StreamReset
    | SettingsReceived
    | PingAcknowledged
    | GoAwayReceived
    | ConnectionEnded
)
