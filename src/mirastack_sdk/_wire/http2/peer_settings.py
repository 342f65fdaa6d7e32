"""The peer's settings, and the values they may have (RFC 9113 §6.5.2)."""

from dataclasses import dataclass
from typing import NamedTuple

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


class _Bounds(NamedTuple):
    least: int
    most: int
    code: ErrorCode


_BOUNDS = {
    Setting.ENABLE_PUSH: _Bounds(0, 1, ErrorCode.PROTOCOL_ERROR),
    Setting.INITIAL_WINDOW_SIZE: _Bounds(0, LARGEST_WINDOW, ErrorCode.FLOW_CONTROL_ERROR),
    Setting.MAX_FRAME_SIZE: _Bounds(
        SMALLEST_MAX_FRAME_SIZE, LARGEST_MAX_FRAME_SIZE, ErrorCode.PROTOCOL_ERROR
    ),
}
# The names of the settings below.
_ATTRIBUTES = {
    Setting.MAX_CONCURRENT_STREAMS: "max_concurrent_streams",
    Setting.INITIAL_WINDOW_SIZE: "initial_window",
    Setting.MAX_FRAME_SIZE: "max_frame_size",
}


@dataclass(slots=True)
class PeerSettings:
    """The settings that this connection obeys, with their initial values.

    SETTINGS_HEADER_TABLE_SIZE does not matter, since we send without a dynamic table, and
    SETTINGS_MAX_HEADER_LIST_SIZE is advisory.
    """

    max_concurrent_streams: int = _UNLIMITED
    initial_window: int = DEFAULT_WINDOW
    max_frame_size: int = SMALLEST_MAX_FRAME_SIZE

    def apply(self, number: int, value: int) -> None:
        """Apply one setting; unknown ones are ignored, invalid ones are a connection error."""
        try:
            setting = Setting(number)
        except ValueError:
            return
        bounds = _BOUNDS.get(setting)
        if bounds is not None and not bounds.least <= value <= bounds.most:
            reason = f"{setting.name} must be {bounds.least} to {bounds.most}, got {value}"
            raise Http2ConnectionError(bounds.code, reason)
        attribute = _ATTRIBUTES.get(setting)
        if attribute is not None:
            setattr(self, attribute, value)
