"""Frames of RFC 9113 section 4 and 6, read and written."""

import struct
from collections.abc import Iterable

from mirastack_sdk._wire.http2.codes import ErrorCode, Flag, FrameType
from mirastack_sdk._wire.http2.protocol_errors import Http2ConnectionError

HEADER_SIZE = 9
_STREAM_ID = 0x7FFF_FFFF

_HEADER = struct.Struct(">HBBBL")
_UINT32 = struct.Struct(">L")
_SETTING = struct.Struct(">HL")
_GOAWAY = struct.Struct(">LL")


def read_header(data: bytes, position: int) -> tuple[int, int, int, int]:
    """Return length, type, flags and stream id of the frame that begins at `position`."""
    high, low, frame_type, flags, stream_id = _HEADER.unpack_from(data, position)
    return high << 8 | low, frame_type, flags, stream_id & _STREAM_ID


def frame(frame_type: int, flags: int, stream_id: int, payload: bytes) -> bytes:
    """Return one frame."""
    length = len(payload)
    return _HEADER.pack(length >> 8, length & 0xFF, frame_type, flags, stream_id) + payload


def frame_header(length: int, frame_type: int, flags: int, stream_id: int) -> bytes:
    """Return the nine bytes before a payload of `length`."""
    return _HEADER.pack(length >> 8, length & 0xFF, frame_type, flags, stream_id)


def header_frames(stream_id: int, block: bytes, max_size: int, *, end_stream: bool) -> bytes:
    """Return a header block in a HEADERS frame, and CONTINUATION frames where it is too long."""
    flags = Flag.END_STREAM if end_stream else 0
    if len(block) <= max_size:
        return frame(FrameType.HEADERS, flags | Flag.END_HEADERS, stream_id, block)
    frames = [frame(FrameType.HEADERS, flags, stream_id, block[:max_size])]
    for start in range(max_size, len(block), max_size):
        part = block[start : start + max_size]
        last = Flag.END_HEADERS if start + max_size >= len(block) else 0
        frames.append(frame(FrameType.CONTINUATION, last, stream_id, part))
    return b"".join(frames)


def rst_stream_frame(stream_id: int, code: int) -> bytes:
    """Return a frame that ends a stream."""
    return frame(FrameType.RST_STREAM, 0, stream_id, _UINT32.pack(code))


def window_update_frame(stream_id: int, increment: int) -> bytes:
    """Return a frame that lets the peer send more."""
    return frame(FrameType.WINDOW_UPDATE, 0, stream_id, _UINT32.pack(increment))


def settings_frame(settings: Iterable[tuple[int, int]]) -> bytes:
    """Return a frame that tells the peer our settings."""
    payload = b"".join(_SETTING.pack(number, value) for number, value in settings)
    return frame(FrameType.SETTINGS, 0, 0, payload)


def goaway_frame(last_stream_id: int, code: int, reason: str) -> bytes:
    """Return a frame that takes leave."""
    return frame(
        FrameType.GOAWAY, 0, 0, _GOAWAY.pack(last_stream_id, code) + reason.encode()[:1024]
    )


SETTINGS_ACK = frame(FrameType.SETTINGS, Flag.ACK, 0, b"")


def read_uint32(payload: bytes) -> int:
    """Return the number that is the whole payload of RST_STREAM."""
    number: int = _UINT32.unpack(payload)[0]
    return number


def read_increment(payload: bytes) -> int:
    """Return what a WINDOW_UPDATE adds, without the reserved bit."""
    return read_uint32(payload) & _STREAM_ID


def read_settings(payload: bytes) -> list[tuple[int, int]]:
    """Return the numbers and values of a SETTINGS frame, in their order."""
    return list(_SETTING.iter_unpack(payload))


def read_goaway(payload: bytes) -> tuple[int, int, str]:
    """Return the last stream id, the error code and the text of a GOAWAY frame."""
    last_stream_id, code = _GOAWAY.unpack_from(payload)
    return last_stream_id & _STREAM_ID, code, payload[8:].decode("utf-8", "replace")


def without_padding(payload: bytes, flags: int) -> bytes:
    """Return a payload without its padding (section 6.1)."""
    if not flags & Flag.PADDED:
        return payload
    if not payload:
        raise Http2ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "a padded frame without its length")
    padding = payload[0]
    if padding >= len(payload):
        raise Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "more padding than frame")
    return payload[1 : len(payload) - padding]
