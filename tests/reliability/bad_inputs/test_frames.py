"""Frames that RFC 9113 forbids, and frames that it ignores."""

import pytest
from h2.errors import ErrorCodes as ErrorCode

from tests.reliability.bad_inputs.cases import (
    BadInput,
    Ended,
    Outcome,
    Reset,
    Served,
    each_of,
    meet,
)
from tests.reliability.bad_inputs.requests import (
    END,
    WHOLE,
    call,
    data,
    execute,
    headers,
    request_block,
)
from tests.wire.http2.conformance import frames
from tests.wire.http2.conformance.blocks import integer, literal, table_size
from tests.wire.raw_peer import frame as message

_SIZE = Ended(ErrorCode.FRAME_SIZE_ERROR)
_FLOW = Ended(ErrorCode.FLOW_CONTROL_ERROR)
_COMPRESSION = Ended(ErrorCode.COMPRESSION_ERROR)
_CLOSED = Ended(ErrorCode.STREAM_CLOSED)


def _frames(promise: str, outcome: Outcome, sent: dict[str, bytes]) -> list[BadInput]:
    return [BadInput(name, promise, content, outcome) for name, content in sent.items()]


FATAL = [
    *_frames(
        "A frame stands where it belongs",
        Ended(),
        {
            "DATA on stream 0": frames.raw(frames.DATA, 0, 0, b"x"),
            "HEADERS on stream 0": headers(stream_id=0),
            "RST_STREAM on stream 0": frames.rst_stream(0, 0),
            "PRIORITY on stream 0": frames.raw(frames.PRIORITY, 0, 0, bytes(5)),
            "CONTINUATION on stream 0": frames.raw(frames.CONTINUATION, WHOLE, 0, b""),
            "SETTINGS on a stream": frames.raw(frames.SETTINGS, 0, 1, b""),
            "PING on a stream": frames.raw(frames.PING, 0, 1, bytes(8)),
            "GOAWAY on a stream": frames.raw(frames.GOAWAY, 0, 1, bytes(8)),
            "HEADERS on an even stream": headers(stream_id=2),
            "DATA on an idle stream": data(b"x"),
            "RST_STREAM on an idle stream": frames.rst_stream(1, 0),
            "WINDOW_UPDATE on an idle stream": frames.window_update(1, 1),
            "PUSH_PROMISE": frames.raw(frames.PUSH_PROMISE, WHOLE, 1, b"\0\0\0\2"),
            "CONTINUATION without HEADERS": frames.raw(frames.CONTINUATION, WHOLE, 1, b""),
            "DATA within a header block": headers(flags=0) + data(b"x"),
            "PING within a header block": headers(flags=0)
            + frames.raw(frames.PING, 0, 0, bytes(8)),
            "CONTINUATION of another stream": headers(flags=0)
            + frames.raw(frames.CONTINUATION, WHOLE, 3, b""),
            "an unknown frame within a header block": headers(flags=0)
            + frames.raw(0xBB, 0, 1, b""),
        },
    ),
    *_frames(
        "A frame has its size",
        _SIZE,
        {
            "a frame of 16,385 bytes": frames.raw(frames.DATA, 0, 1, length=16_385),
            "a frame of 16 MB": frames.raw(frames.HEADERS, 0, 1, length=2**24 - 1),
            "SETTINGS of 5 bytes": frames.raw(frames.SETTINGS, 0, 0, bytes(5)),
            "an acknowledgement that says something": frames.raw(frames.SETTINGS, 1, 0, bytes(6)),
            "PING of 7 bytes": frames.raw(frames.PING, 0, 0, bytes(7)),
            "PING of 9 bytes": frames.raw(frames.PING, 0, 0, bytes(9)),
            "GOAWAY of 7 bytes": frames.raw(frames.GOAWAY, 0, 0, bytes(7)),
            "RST_STREAM of 3 bytes": headers() + frames.raw(frames.RST_STREAM, 0, 1, bytes(3)),
            "WINDOW_UPDATE of 5 bytes": frames.raw(frames.WINDOW_UPDATE, 0, 0, bytes(5)),
            "padding without its length": headers()
            + frames.raw(frames.DATA, frames.PADDED, 1, b""),
            "a priority that is cut off": headers(b"\0\0\0", flags=WHOLE | frames.HAS_PRIORITY),
        },
    ),
    *_frames(
        "Numbers stay in their bounds",
        Ended(),
        {
            "padding of all of a frame": headers()
            + frames.raw(frames.DATA, frames.PADDED, 1, b"\x05x"),
            "ENABLE_PUSH 2": frames.settings((frames.ENABLE_PUSH, 2)),
            "MAX_FRAME_SIZE 100": frames.settings((frames.MAX_FRAME_SIZE, 100)),
            "MAX_FRAME_SIZE 16 MiB": frames.settings((frames.MAX_FRAME_SIZE, 2**24)),
            "WINDOW_UPDATE of nothing": frames.window_update(0, 0),
        },
    ),
    *_frames(
        "Windows stay below 2^31",
        _FLOW,
        {
            "INITIAL_WINDOW_SIZE 2^31": frames.settings((frames.INITIAL_WINDOW_SIZE, 2**31)),
            "a window of the connection that is too wide": frames.window_update(0, frames.LARGEST),
        },
    ),
    *_frames(
        "A stream that has ended is over",
        _CLOSED,
        {
            "a stream below the last": call(stream_id=5) + headers(stream_id=3),
            "HEADERS on a stream that was reset": headers() + frames.rst_stream(1) + headers(),
        },
    ),
    *_frames(
        "What cannot be decompressed breaks the compression of all that follows",
        _COMPRESSION,
        {
            "an index of 0": headers(b"\x80"),
            "an index beyond the table": headers(request_block() + b"\xff\xff\x03"),
            "an index without an end": headers(request_block() + b"\xff\x80\x80"),
            "an index of many bytes": headers(request_block() + b"\xff" + b"\x80" * 40 + b"\1"),
            "a string that is cut off": headers(request_block() + b"\x00\x05ab"),
            "a length of 2^60": headers(request_block() + b"\0" + integer(2**60, 7)),
            "Huffman's code of nothing": headers(
                request_block() + b"\x00\x84\xff\xff\xff\xff\x01a"
            ),
            "a table of 1 MB": headers(table_size(2**20) + request_block()),
            "a change of the table behind a header": headers(request_block() + table_size(0)),
        },
    ),
    *_frames(
        "A client that asks for too much is told to calm down",
        Ended(ErrorCode.ENHANCE_YOUR_CALM),
        {
            "a header list of 300 KB": headers(
                request_block() + literal("a", "x" * 15_000), flags=0
            )
            + frames.raw(frames.CONTINUATION, 0, 1, literal("b", "x" * 16_000)) * 19,
            "a hundred CONTINUATIONs": headers(flags=0)
            + frames.raw(frames.CONTINUATION, 0, 1, literal("b", "x")) * 100,
            "a header bomb": headers(
                request_block() + b"\x40\x01a" + integer(4000, 7) + b"x" * 4000 + b"\xbe" * 1000
            ),
        },
    ),
]

OF_ONE_STREAM = [
    *_frames(
        "What goes wrong with a stream ends that stream",
        Reset(),
        {
            "WINDOW_UPDATE of nothing on a stream": headers() + frames.window_update(1, 0),
            "trailers that do not end the stream": headers() + headers(literal("a", "b")),
            "trailers with a pseudo-header": headers() + headers(flags=WHOLE | END),
        },
    ),
    *_frames(
        "A frame of a wrong size on a stream that is open ends that stream",
        Reset(ErrorCode.FRAME_SIZE_ERROR),
        {"PRIORITY of 4 bytes": headers() + frames.raw(frames.PRIORITY, 0, 1, bytes(4))},
    ),
    *_frames(
        "A window of a stream stays below 2^31",
        Reset(ErrorCode.FLOW_CONTROL_ERROR),
        {
            "a window of a stream that is too wide": headers()
            + frames.window_update(1, frames.LARGEST)
        },
    ),
    *_frames(
        "Nothing comes behind the end",
        Reset(ErrorCode.STREAM_CLOSED),
        {
            "DATA behind the end": call(execute("wait")) + data(b"x"),
            "HEADERS behind the end": call(execute("wait")) + headers(flags=WHOLE | END),
        },
    ),
]

HARMLESS = _frames(
    "What means nothing to an agent is ignored",
    Served(),
    {
        "a frame of an unknown type": frames.raw(0xBB, 0xFF, 0, b"what?") + call(),
        "a frame of an unknown type on a stream": headers()
        + frames.raw(0xBB, 0, 1, b"what?")
        + data(message(execute())),
        "an unknown setting": frames.settings((0xBEEF, 1)) + call(),
        "unknown flags": headers(flags=WHOLE | 0x40) + data(message(execute()), flags=END | 0x80),
        "a reserved bit": b"".join(
            piece[:5] + bytes([piece[5] | 0x80]) + piece[6:]
            for piece in (headers(), data(message(execute())))
        ),
        "a priority": headers(b"\0\0\0\0\x0f" + request_block(), flags=WHOLE | frames.HAS_PRIORITY)
        + data(message(execute())),
        "a stream that depends on itself": frames.raw(frames.PRIORITY, 0, 1, b"\0\0\0\1\0")
        + call(),
        "padding": headers(b"\x03" + request_block() + bytes(3), flags=WHOLE | frames.PADDED)
        + data(b"\x05" + message(execute()) + bytes(5), flags=END | frames.PADDED),
        "padding that is not zero": headers()
        + data(b"\x02" + message(execute()) + b"\xff\xff", flags=END | frames.PADDED),
        "an acknowledgement of a ping that was never sent": frames.raw(frames.PING, 1, 0, bytes(8))
        + call(),
        "GOAWAY from a client that goes on": frames.goaway(0) + call(),
        "empty DATA": headers() + data(b"", flags=0) * 3 + data(message(execute())),
        "an end by itself": headers() + data(message(execute()), flags=0) + data(b""),
        "an end by trailers": headers()
        + data(message(execute()), flags=0)
        + headers(literal("a", "b"), flags=WHOLE | END),
        "header blocks in many parts": headers(request_block()[:3], flags=0)
        + b"".join(
            frames.raw(frames.CONTINUATION, 0, 1, request_block()[at : at + 3])
            for at in range(3, len(request_block()), 3)
        )
        + frames.raw(frames.CONTINUATION, WHOLE, 1, b"")
        + data(message(execute())),
        "a body byte by byte": headers()
        + b"".join(data(bytes([byte]), flags=0) for byte in message(execute()))
        + data(b""),
    },
)


@each_of(FATAL)
async def test_a_fault_of_the_connection_ends_it(
    case: BadInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection error closes that connection alone, with the code of RFC 9113."""
    await meet(case, monkeypatch)


@each_of(OF_ONE_STREAM)
async def test_a_fault_of_a_stream_ends_that(
    case: BadInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream error resets that stream alone, with the code of RFC 9113."""
    await meet(case, monkeypatch)


@each_of(HARMLESS)
async def test_what_is_unusual_and_allowed_is_served(
    case: BadInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What RFC 9113 allows is served, however unusual."""
    await meet(case, monkeypatch)
