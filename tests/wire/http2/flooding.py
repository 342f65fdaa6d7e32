"""Endless bytes of one kind: fed to a connection, and what they cost it."""

import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mirastack_sdk._wire.http2.codes import PREFACE, ErrorCode, FrameType, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import ConnectionEnded, Event, HeadersReceived
from mirastack_sdk._wire.http2.frames import (
    HEADER_SIZE,
    frame,
    read_goaway,
    read_header,
    settings_frame,
)

# As much as asyncio reads at once.
READ = 256 * 1024
# At a hundred megabytes a second.
SECONDS_A_READ = 0.0025
# The smallest well-formed header blocks: indexes into the static table.
REQUEST = b"\x83\x86\x84"
RESPONSE = b"\x88"
END_STREAM = 0x1
END_HEADERS = 0x4
PADDED = 0x8


def request(stream_id: int, *, block: bytes = REQUEST, ended: bool = False) -> bytes:
    """Return a request of one frame."""
    flags = END_HEADERS | (END_STREAM if ended else 0)
    return frame(FrameType.HEADERS, flags, stream_id, block)


def data(stream_id: int, content: bytes, *, ended: bool = False) -> bytes:
    """Return a DATA frame."""
    return frame(FrameType.DATA, END_STREAM if ended else 0, stream_id, content)


def introduced(role: Role) -> Connection:
    """Return a connection that has its peer's SETTINGS and has been read."""
    connection = Connection(role)
    connection.data_to_send()
    connection.receive((PREFACE if role is Role.SERVER else b"") + settings_frame(()), 0.0)
    connection.data_to_send()
    return connection


@dataclass(slots=True)
class Attack:
    """A connection, and what its peer never stops to send."""

    connection: Connection
    pieces: Iterator[bytes]
    # Whether the peer takes what is sent to it.
    reads: bool = True
    # What answers its requests at once, if anything does.
    answer: Callable[[Connection, int], None] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attack ended; `longest` is the time of its longest turn."""

    code: ErrorCode
    pieces: int
    longest: float
    memory: int


def withstand(attack: Callable[[], Attack], *, most: int) -> Outcome:
    """Attack by the clock, the best of three, and by the memory.

    Fails if more than `most` pieces are taken. `longest` is told in seconds of a machine that
    counts to a million in 30 ms: others are slower, or busy with other things.
    """
    runs = [(*_run(attack(), most), _slowness()) for _ in range(3)]
    code, pieces, *_ = runs[0]
    longest = min(seconds / slowness for _, _, seconds, slowness in runs)
    tracemalloc.start()
    try:
        _run(attack(), most)
        memory = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return Outcome(code, pieces, longest, memory)


def _slowness() -> float:
    start = time.thread_time()
    for _ in range(1_000_000):
        pass
    return max(1.0, (time.thread_time() - start) / 0.03)


def _run(attack: Attack, most: int) -> tuple[ErrorCode, int, float]:
    connection, taken, longest, now = attack.connection, 0, 0.0, 0.0
    while not connection.ended:
        read = b""
        if not connection.has_unread_frames:
            read, count = _read(attack.pieces, most - taken)
            assert count, f"{taken} pieces were taken, and the next would be too"
            taken += count
            now += SECONDS_A_READ
        start = time.thread_time()
        events = connection.receive(read, now)
        for event in events:
            if attack.answer is not None and isinstance(event, HeadersReceived):
                attack.answer(connection, event.stream_id)
        longest = max(longest, time.thread_time() - start)
        if attack.reads and not connection.ended:
            while connection.data_to_send():
                pass
    return _farewell(connection, events), taken, longest


def _read(pieces: Iterator[bytes], most: int) -> tuple[bytes, int]:
    read, count = bytearray(), 0
    while count < most and len(read) < READ:
        read += next(pieces)
        count += 1
    return bytes(read), count


def _farewell(connection: Connection, events: list[Event]) -> ErrorCode:
    """Nothing may be left but a GOAWAY that says why."""
    assert isinstance(events[-1], ConnectionEnded)
    assert connection.open_streams == 0
    sent, position, last = connection.data_to_send(), 0, (0, 0, b"")
    assert not connection.data_to_send()
    while position < len(sent):
        length, frame_type, _, _ = read_header(sent, position)
        start = position + HEADER_SIZE
        position = start + length
        last = (frame_type, length, sent[start:position])
    assert last[0] == FrameType.GOAWAY
    _, code, reason = read_goaway(last[2])
    assert (code, reason) == (events[-1].code, events[-1].reason)
    assert reason
    return events[-1].code
