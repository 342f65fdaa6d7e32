"""The bytes that attackers send."""

from collections.abc import Iterable, Iterator

from tests.wire.http2.conformance import frames
from tests.wire.http2.conformance.blocks import block, literal
from tests.wire.notes import ECHO
from tests.wire.raw_peer import PATH_HEADERS
from tests.wire.raw_peer import frame as message

BLOCK = block(*(PATH_HEADERS | {":path": ECHO}).items())
# The same with a path that is none of ours, and as short as can be.
INDEXED_BLOCK = b"\x83\x86\x84"
# What a client says first: its windows are as they are, closed, or as open as they can be.
PLAIN = frames.PREFACE + frames.settings()
CLOSED = frames.PREFACE + frames.settings((frames.INITIAL_WINDOW_SIZE, 0))
WIDE_STREAMS = frames.PREFACE + frames.settings((frames.INITIAL_WINDOW_SIZE, frames.LARGEST))
OPEN = WIDE_STREAMS + frames.window_update(0, frames.LARGEST - 65_535)

# As many as a server takes at once.
STREAMS = range(1, 2_000, 2)
# Enough for answers of 100 KB to be more than may wait, twice over.
SOME = range(1, 500, 2)
# Many more than any budget allows, in frames and in streams.
MANY = 20_000
ENDLESS = range(1, 2 * MANY, 2)


def headers(stream_id: int, fields: bytes = BLOCK, flags: int = frames.END_HEADERS) -> bytes:
    """Return a request's headers."""
    return frames.raw(frames.HEADERS, flags, stream_id, fields)


def data(stream_id: int, content: bytes, flags: int = 0) -> bytes:
    """Return part of a request's body."""
    return frames.raw(frames.DATA, flags, stream_id, content)


def calls(text: str, streams: Iterable[int] = STREAMS) -> bytes:
    """Return whole calls."""
    body = message(text.encode())
    return b"".join(headers(number) + data(number, body, frames.END_STREAM) for number in streams)


def flips() -> bytes:
    """Return a frame that closes and opens all windows as often as a frame may."""
    return frames.settings(*((frames.INITIAL_WINDOW_SIZE, turn % 2) for turn in range(32)))


def header_bomb() -> bytes:
    """Return a 4 KB entry of the dynamic table, and blocks that name it a thousand times."""
    entry = b"\x40\x01a" + b"\x7f\xa1\x1e" + b"x" * 4000
    bombs = (headers(number, BLOCK + b"\xbe" * 1000) for number in range(3, 1000, 2))
    return headers(1, BLOCK + entry) + b"".join(bombs)


def fresh(streams: Iterable[int], *, fields: bytes = b"", value: str = "") -> bytes:
    """Return empty requests whose header blocks have not been sent before."""
    flags = frames.END_HEADERS | frames.END_STREAM
    return b"".join(
        headers(number, INDEXED_BLOCK + fields + literal("n", str(number) + value), flags)
        for number in streams
    )


def resets() -> bytes:
    """Return calls that are reset at once."""
    return b"".join(call + frames.rst_stream(number) for number, call in _waiting_calls())


def provocations() -> bytes:
    """Return calls that the server must reset, because invalid frames follow them."""
    return b"".join(call + frames.window_update(number, 0) for number, call in _waiting_calls())


def _waiting_calls() -> Iterator[tuple[int, bytes]]:
    for number in range(1, 10_000, 2):
        yield number, calls("wait", [number])


def parts(size: int) -> bytes:
    """Return the next part of each of many bodies."""
    return b"".join(data(number, b"x" * size) for number in STREAMS)


def bodies(size: int, have: int) -> bytes:
    """Return the beginnings of many calls, each with part of its body."""
    begun = message(b"x" * size)[:have]
    return b"".join(headers(number) + data(number, begun) for number in STREAMS)
