"""What ends a stream, and what ends the connection."""

from mirastack_sdk._wire.http2.codes import ErrorCode


class Http2ConnectionError(Exception):
    """The peer broke a rule of the connection: GOAWAY with `code`, then the end."""

    def __init__(self, code: ErrorCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Http2StreamError(Exception):
    """The peer broke a rule of one stream: RST_STREAM with `code`; its neighbours go on."""

    def __init__(self, stream_id: int, code: ErrorCode, reason: str) -> None:
        super().__init__(reason)
        self.stream_id = stream_id
        self.code = code
        self.reason = reason


class ClosedError(Exception):
    """A command for a stream or a connection that has ended meanwhile."""
