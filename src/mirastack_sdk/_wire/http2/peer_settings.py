"""The peer's settings, and the values they may have (RFC 9113 §6.5.2)."""

from mirastack_sdk._wire.http2.codes import (
    DEFAULT_WINDOW,
    LARGEST_MAX_FRAME_SIZE,
    LARGEST_WINDOW,
    SMALLEST_MAX_FRAME_SIZE,
    ErrorCode,
    Setting,
)
from mirastack_sdk._wire.http2.protocol_errors import Http2ConnectionError

_UNLIMITED = 2**32 - 1

# The least and greatest value, and the error for others; settings without a row have no bounds.
_BOUNDS = {
    Setting.ENABLE_PUSH: (0, 1, ErrorCode.PROTOCOL_ERROR),
    Setting.INITIAL_WINDOW_SIZE: (0, LARGEST_WINDOW, ErrorCode.FLOW_CONTROL_ERROR),
    Setting.MAX_FRAME_SIZE: (
        SMALLEST_MAX_FRAME_SIZE,
        LARGEST_MAX_FRAME_SIZE,
        ErrorCode.PROTOCOL_ERROR,
    ),
}
# The names of the settings below.
_ATTRIBUTES = {
    Setting.MAX_CONCURRENT_STREAMS: "max_concurrent_streams",
    Setting.INITIAL_WINDOW_SIZE: "initial_window",
    Setting.MAX_FRAME_SIZE: "max_frame_size",
}


class PeerSettings:
    """The settings that this connection obeys, with their initial values.

    SETTINGS_HEADER_TABLE_SIZE does not matter, since we send without a dynamic table, and
    SETTINGS_MAX_HEADER_LIST_SIZE is advisory.
    """

    __slots__ = ("initial_window", "max_concurrent_streams", "max_frame_size")

    def __init__(self) -> None:
        self.max_concurrent_streams: int = _UNLIMITED
        self.initial_window: int = DEFAULT_WINDOW
        self.max_frame_size: int = SMALLEST_MAX_FRAME_SIZE

    def apply(self, number: int, value: int) -> None:
        """Apply one setting; unknown ones are ignored, invalid ones are a connection error."""
        try:
            setting = Setting(number)
        except ValueError:
            return
        least, most, code = _BOUNDS.get(setting, (0, _UNLIMITED, ErrorCode.PROTOCOL_ERROR))
        if not least <= value <= most:
            reason = f"{setting.name} must be {least} to {most}, got {value}"
            raise Http2ConnectionError(code, reason)
        if setting in _ATTRIBUTES:
            setattr(self, _ATTRIBUTES[setting], value)
