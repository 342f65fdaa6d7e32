"""HTTP/2 frames, written by hand for peers that must cost almost nothing."""

import enum
import struct
from collections.abc import Iterable, Iterator

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
FRAME_BYTES = 16_384
HEADER_BYTES = 9
DEFAULT_WINDOW = 65_535
LARGEST_WINDOW = 2**31 - 1

_HEADER = struct.Struct(">BHBBL")


class Kind(enum.IntEnum):
    """The frame types that these peers read or write."""

    DATA = 0
    HEADERS = 1
    RST_STREAM = 3
    SETTINGS = 4
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8


class Flag(enum.IntFlag):
    """The frame flags that these peers read or write."""

    NONE = 0
    ACK = 1
    END_STREAM = 1
    END_HEADERS = 4


class Setting(enum.IntEnum):
    """The settings that these peers read or write."""

    INITIAL_WINDOW_SIZE = 4


def frame(kind: Kind, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """Return one frame."""
    high, low = divmod(len(payload), 1 << 16)
    return _HEADER.pack(high, low, kind, flags, stream) + payload


def read_frames(buffer: bytearray) -> Iterator[tuple[int, int, int, bytes]]:
    """Remove each complete frame from the buffer: its type, flags, stream and payload."""
    start, size = 0, len(buffer)
    while size - start >= HEADER_BYTES:
        high, low, kind, flags, stream = _HEADER.unpack_from(buffer, start)
        end = start + HEADER_BYTES + (high << 16 | low)
        if end > size:
            break
        yield kind, flags, stream, bytes(buffer[start + HEADER_BYTES : end])
        start = end
    del buffer[:start]


def settings(values: dict[Setting, int]) -> bytes:
    """Return a SETTINGS frame."""
    pairs = (struct.pack(">HL", name, value) for name, value in values.items())
    return frame(Kind.SETTINGS, Flag.NONE, 0, b"".join(pairs))


def read_settings(payload: bytes) -> dict[int, int]:
    """Return the settings of a SETTINGS frame."""
    return dict(struct.iter_unpack(">HL", payload))


def window_update(stream: int, credit: int) -> bytes:
    """Return a WINDOW_UPDATE frame."""
    return frame(Kind.WINDOW_UPDATE, Flag.NONE, stream, credit.to_bytes(4))


def widest_connection_window() -> bytes:
    """Return a WINDOW_UPDATE so large that the peer needs no other."""
    return window_update(0, LARGEST_WINDOW - DEFAULT_WINDOW)


def header_block(fields: Iterable[tuple[str, str]]) -> bytes:
    """Return a block of literals without indexing, which can be sent repeatedly."""
    return b"".join(b"\x00" + _string(name) + _string(value) for name, value in fields)


def message_frame(message: bytes) -> bytes:
    """Return a gRPC message after its prefix, not compressed."""
    return b"\x00" + len(message).to_bytes(4) + message


def _string(text: str) -> bytes:
    data = text.encode()
    if len(data) > 126:
        raise ValueError("longer strings have a longer length, which nothing here needs")
    return bytes([len(data)]) + data
