"""Frames built and parsed by hand, after the diagrams in RFC 9113 sections 4.1 and 6."""

import itertools
import struct
from typing import NamedTuple

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS = range(5)
PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(5, 10)

HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE = range(1, 5)
MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE = 5, 6

END_STREAM = ACK = 0x1
END_HEADERS = 0x4
PADDED = 0x8
HAS_PRIORITY = 0x20

LARGEST = 2**31 - 1
RESERVED_BIT = 2**31


class Frame(NamedTuple):
    """One parsed frame."""

    kind: int
    flags: int
    stream_id: int
    payload: bytes = b""


def raw(
    kind: int, flags: int, stream_id: int, payload: bytes = b"", *, length: int | None = None
) -> bytes:
    """Return a frame of any kind; `length` may be wrong."""
    size = len(payload) if length is None else length
    return size.to_bytes(3) + bytes((kind, flags)) + stream_id.to_bytes(4) + payload


def read(data: bytes) -> list[Frame]:
    """Parse frames, which must be complete."""
    frames, rest = read_whole(data)
    assert not rest, "a frame is cut off"
    return frames


def read_whole(data: bytes) -> tuple[list[Frame], bytes]:
    """Parse the complete frames, and return the bytes after them."""
    frames: list[Frame] = []
    at = 0
    while len(data) >= at + 9 and len(data) >= (end := at + 9 + int.from_bytes(data[at : at + 3])):
        stream_id = int.from_bytes(data[at + 5 : at + 9])
        frames.append(Frame(data[at + 3], data[at + 4], stream_id, data[at + 9 : end]))
        at = end
    return frames, data[at:]


def data(
    stream_id: int, payload: bytes = b"", *, end: bool = False, padding: int | None = None
) -> bytes:
    """Return DATA, with `padding` octets of padding if given."""
    flags = END_STREAM if end else 0
    if padding is None:
        return raw(DATA, flags, stream_id, payload)
    return raw(DATA, flags | PADDED, stream_id, bytes([padding]) + payload + bytes(padding))


def headers(
    stream_id: int, block: bytes, *, end: bool = False, whole: bool = True, flags: int = 0
) -> bytes:
    """Return HEADERS; a block that is not `whole` continues in CONTINUATION."""
    flags |= (END_STREAM if end else 0) | (END_HEADERS if whole else 0)
    return raw(HEADERS, flags, stream_id, block)


def continuation(stream_id: int, block: bytes, *, whole: bool = True) -> bytes:
    """Return CONTINUATION."""
    return raw(CONTINUATION, END_HEADERS if whole else 0, stream_id, block)


def in_fragments(stream_id: int, block: bytes, *at: int, end: bool = False) -> bytes:
    """Return HEADERS and CONTINUATION with a block that is cut at the given octets."""
    parts = [block[begin:until] for begin, until in itertools.pairwise((0, *at, len(block)))]
    frames = [headers(stream_id, parts[0], end=end, whole=False)]
    frames += [continuation(stream_id, part, whole=False) for part in parts[1:-1]]
    return b"".join([*frames, continuation(stream_id, parts[-1])])


def priority(stream_id: int, depends_on: int = 0, weight: int = 15) -> bytes:
    """Return PRIORITY."""
    return raw(PRIORITY, 0, stream_id, depends_on.to_bytes(4) + bytes([weight]))


def rst_stream(stream_id: int, code: int = 8) -> bytes:
    """Return RST_STREAM; 8 is CANCEL."""
    return raw(RST_STREAM, 0, stream_id, code.to_bytes(4))


def settings(*pairs: tuple[int, int]) -> bytes:
    """Return SETTINGS of numbers and values."""
    return raw(SETTINGS, 0, 0, b"".join(struct.pack(">HL", *pair) for pair in pairs))


def push_promise(stream_id: int, promised: int, block: bytes) -> bytes:
    """Return PUSH_PROMISE."""
    return raw(PUSH_PROMISE, END_HEADERS, stream_id, promised.to_bytes(4) + block)


def ping(payload: bytes = b"01234567", *, ack: bool = False) -> bytes:
    """Return PING."""
    return raw(PING, ACK if ack else 0, 0, payload)


def goaway(last_stream_id: int, code: int = 0, reason: bytes = b"") -> bytes:
    """Return GOAWAY."""
    return raw(GOAWAY, 0, 0, last_stream_id.to_bytes(4) + code.to_bytes(4) + reason)


def window_update(stream_id: int, increment: int) -> bytes:
    """Return WINDOW_UPDATE."""
    return raw(WINDOW_UPDATE, 0, stream_id, increment.to_bytes(4))


def unknown(stream_id: int = 0, payload: bytes = b"extension") -> bytes:
    """Return a frame of an undefined type."""
    return raw(0xFA, 0xFF, stream_id, payload)
