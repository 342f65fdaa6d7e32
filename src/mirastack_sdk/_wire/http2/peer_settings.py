"""Which values a setting may have (RFC 9113 section 6.5.2)."""

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


@dataclass(slots=True)
class PeerSettings:
    """What the peer allows; the defaults hold until its SETTINGS come."""

    header_table_size: int = 4096
    max_concurrent_streams: int = _UNLIMITED
    initial_window: int = DEFAULT_WINDOW
    max_frame_size: int = SMALLEST_MAX_FRAME_SIZE
    max_header_list_size: int = _UNLIMITED

    def take(self, number: int, value: int) -> None:
        """Take over one setting; unknown ones are ignored, impossible ones end the connection."""
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


_ATTRIBUTES = {
    Setting.HEADER_TABLE_SIZE: "header_table_size",
    Setting.MAX_CONCURRENT_STREAMS: "max_concurrent_streams",
    Setting.INITIAL_WINDOW_SIZE: "initial_window",
    Setting.MAX_FRAME_SIZE: "max_frame_size",
    Setting.MAX_HEADER_LIST_SIZE: "max_header_list_size",
}
