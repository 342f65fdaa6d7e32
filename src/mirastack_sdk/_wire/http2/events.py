"""What a connection tells whoever runs it."""

from typing import NamedTuple

from mirastack_sdk._wire.http2.codes import ErrorCode

type Headers = tuple[tuple[str, str], ...]
type Body = tuple[bytes | memoryview, ...]


class HeadersReceived(NamedTuple):
    """A request at a server, a response at a client; `ended` when no more will come."""

    stream_id: int
    headers: Headers
    ended: bool


class DataReceived(NamedTuple):
    """Some of the body."""

    stream_id: int
    data: bytes
    ended: bool


class TrailersReceived(NamedTuple):
    """The end of a stream, with trailers."""

    stream_id: int
    headers: Headers


class StreamReset(NamedTuple):
    """The end of a stream before its time.

    `remote` says that the peer asked for it. `unprocessed` says that the peer has not looked at the
    stream at all, so that the same request may be sent again.
    """

    stream_id: int
    code: int
    reason: str
    remote: bool
    unprocessed: bool


class SettingsReceived(NamedTuple):
    """The peer has changed its settings; how many streams it allows now."""

    max_concurrent_streams: int


class PingAcknowledged(NamedTuple):
    """The peer answers a ping."""

    payload: bytes


class GoAwayReceived(NamedTuple):
    """The peer will take no new streams; those above `last_stream_id` have been reset."""

    last_stream_id: int
    code: int
    reason: str


class ConnectionEnded(NamedTuple):
    """The peer broke the protocol: what is left to send says so, then the connection closes."""

    code: ErrorCode
    reason: str


type Event = (
    HeadersReceived
    | DataReceived
    | TrailersReceived
    | StreamReset
    | SettingsReceived
    | PingAcknowledged
    | GoAwayReceived
    | ConnectionEnded
)
