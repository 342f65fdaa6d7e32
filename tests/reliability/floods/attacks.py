"""The attacks, with their names and the server's expected reaction."""

from dataclasses import dataclass

from tests.reliability.floods.bytes_of_attacks import (
    CLOSED,
    ENDLESS,
    INDEXED_BLOCK,
    MANY,
    OPEN,
    PLAIN,
    SOME,
    STREAMS,
    WIDE_STREAMS,
    bodies,
    calls,
    data,
    flips,
    fresh,
    header_bomb,
    headers,
    parts,
    provocations,
    resets,
)
from tests.wire.http2.conformance import frames
from tests.wire.http2.conformance.blocks import literal
from tests.wire.raw_peer import frame as message


@dataclass(frozen=True, slots=True)
class Flood:
    """A flood of frames on each connection: `first`, then the rest repeatedly until it is closed.

    `stopped` means that the server has to close the connection, `reads` that the attacker reads the
    responses. `attackers` is how many there are at once.
    """

    opening: bytes
    endless: bytes = b""
    reads: bool = True
    stopped: bool = True
    attackers: int = 1


@dataclass(frozen=True, slots=True)
class SlowAttack:
    """The first bytes of a slow client, and the bytes that it adds one by one.

    A server with short timeouts closes the connection or, if it is `kept`, drops its streams.
    """

    opening: bytes
    drip: bytes = b""
    reads: bool = True
    kept: bool = False


_PING = frames.raw(frames.PING, 0, 0, b"flooding")
_PRIORITY = frames.raw(frames.PRIORITY, 0, 3, b"\0\0\0\1\0")

FLOODS = {
    # Calls that are taken back at once (CVE-2023-44487).
    "rapid reset": Flood(PLAIN + resets()),
    # What makes the server reset streams itself (CVE-2025-8671, "made you reset").
    "made you reset": Flood(PLAIN + provocations()),
    # A header block without an end (CVE-2024-27316).
    "continuation": Flood(
        PLAIN + headers(1, flags=0), frames.raw(frames.CONTINUATION, 0, 1, literal("a", "b")) * MANY
    ),
    # SETTINGS, each of which asks for an acknowledgement (CVE-2019-9515).
    "settings": Flood(PLAIN, frames.settings((frames.MAX_HEADER_LIST_SIZE, 99)) * MANY),
    "acknowledgements of settings": Flood(PLAIN, frames.raw(frames.SETTINGS, frames.ACK, 0) * MANY),
    # PING, each of which asks for an answer (CVE-2019-9512).
    "pings": Flood(PLAIN, _PING * MANY),
    "pings, unread": Flood(PLAIN, _PING * MANY, reads=False),
    # DATA without data (CVE-2019-9518), and with next to none.
    "empty data": Flood(PLAIN + headers(1), data(1, b"") * MANY),
    "data of one byte": Flood(PLAIN + headers(1), data(1, b"\0") * MANY),
    # Room for one more byte, for a thousand answers in turn.
    "window updates": Flood(
        CLOSED + calls("1000"), b"".join(frames.window_update(number, 1) for number in STREAMS) * 20
    ),
    "window updates of the connection": Flood(PLAIN, frames.window_update(0, 1) * MANY),
    # Settings that open and close the windows of a thousand answers.
    "window flips": Flood(CLOSED + calls("10000"), flips() * 1000),
    # PRIORITY, which means nothing any more (CVE-2019-9513).
    "priority": Flood(PLAIN, _PRIORITY * MANY),
    "frames of unknown types": Flood(PLAIN, frames.raw(0xBB, 0, 0, b"what?") * MANY),
    "goaways": Flood(PLAIN, frames.goaway(0, reason=b"again") * MANY),
    "resets of streams that never were": Flood(
        PLAIN, b"".join(frames.rst_stream(number) for number in ENDLESS)
    ),
    "resets of closed streams": Flood(PLAIN + calls("1", [1]), frames.rst_stream(1) * MANY),
    # Headers that cost more than their bytes: many fields, and many times a large one.
    "header bomb": Flood(PLAIN + header_bomb()),
    "many fields": Flood(PLAIN + fresh(STREAMS, fields=b"\x95" * 1500)),
    # Headers that no memory of earlier ones helps with, in every request.
    "fresh headers": Flood(PLAIN + fresh(ENDLESS, fields=b"\x95" * 90), stopped=False),
    "fresh headers from ten clients": Flood(
        PLAIN + fresh(STREAMS, fields=b"\x95" * 90), stopped=False, attackers=10
    ),
    "fresh headers of 50 KB": Flood(
        PLAIN
        + b"".join(
            headers(number, INDEXED_BLOCK, 0)
            + b"".join(
                frames.raw(
                    frames.CONTINUATION, flags, number, literal("n", f"{number}".zfill(12_000))
                )
                for flags in (0, 0, 0, frames.END_HEADERS)
            )
            for number in range(1, 400, 2)
        ),
        stopped=False,
    ),
    # More requests than there may be at once, none of which ends.
    "endless open streams": Flood(PLAIN + b"".join(headers(number) for number in ENDLESS)),
    # Answers for which there is never any room (CVE-2019-9517).
    "zero window": Flood(CLOSED + calls("20000"), stopped=False),
    "zero window, large answers": Flood(CLOSED + calls("100000"), stopped=False),
    # The streams have room, the connection has none.
    "narrow connection": Flood(WIDE_STREAMS + calls("100000"), stopped=False),
    # Answers that have all the room of HTTP/2, at a socket that is never read.
    "unread answers": Flood(OPEN + calls("10000", ENDLESS), reads=False, stopped=False),
    # Bodies that come bit by bit, and never to their end.
    "slow bodies": Flood(PLAIN + bodies(100_000, 8_000), parts(1), stopped=False),
    # Connections that are no HTTP/2, one after the other.
    "garbage": Flood(b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + bytes(500), attackers=4),
}

SLOW_ATTACKS = {
    "silence from the first": SlowAttack(b""),
    "half a preface": SlowAttack(frames.PREFACE[:12]),
    "a preface that comes byte by byte": SlowAttack(frames.PREFACE[:4], frames.PREFACE[4:5]),
    "a preface alone": SlowAttack(frames.PREFACE),
    "settings that come byte by byte": SlowAttack(
        frames.PREFACE + frames.raw(frames.SETTINGS, 0, 0, length=96), b"\0"
    ),
    "silence from a client that reads and does not answer": SlowAttack(PLAIN),
    "a frame that comes byte by byte": SlowAttack(
        PLAIN + headers(1) + data(1, b"x" * 10_000)[:100], b"x"
    ),
    "a header block without an end": SlowAttack(PLAIN + headers(1, flags=0)),
    "a header block that comes bit by bit": SlowAttack(
        PLAIN + headers(1, flags=0), frames.raw(frames.CONTINUATION, 0, 1, literal("a", "b"))
    ),
    "answers at a socket that is never read": SlowAttack(OPEN + calls("100000"), reads=False),
    "bodies that never come": SlowAttack(
        PLAIN + b"".join(headers(number) for number in STREAMS), _PING, kept=True
    ),
    "bodies that come byte by byte": SlowAttack(
        PLAIN + headers(1) + data(1, message(b"x" * 1000)[:5]), data(1, b"x"), kept=True
    ),
    "bodies that stop": SlowAttack(PLAIN + bodies(1000, 500), _PING, kept=True),
    "answers without room on their streams": SlowAttack(CLOSED + calls("1000"), _PING, kept=True),
    "more large answers than may wait": SlowAttack(
        CLOSED + calls("100000", SOME), _PING, kept=True
    ),
    "answers without room on the connection": SlowAttack(
        WIDE_STREAMS + calls("100000", SOME), _PING, kept=True
    ),
}
