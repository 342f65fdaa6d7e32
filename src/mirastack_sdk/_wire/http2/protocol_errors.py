"""The errors of RFC 9113 §5.4, and the error of a command that comes too late."""

from mirastack_sdk._wire.http2.codes import ErrorCode


class Http2ConnectionError(Exception):
    """A connection error (RFC 9113 §5.4.1): GOAWAY with `code`, then the connection closes."""

    def __init__(self, code: ErrorCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Http2StreamError(Exception):
    """A stream error (RFC 9113 §5.4.2): RST_STREAM with `code`; other streams go on."""

    def __init__(self, stream_id: int, code: ErrorCode, reason: str) -> None:
        super().__init__(reason)
        self.stream_id = stream_id
        self.code = code
        self.reason = reason


class ClosedError(Exception):
    """A command for a stream or connection that has ended in the meantime."""
