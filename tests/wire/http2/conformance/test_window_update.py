"""RFC 9113 section 6.9: the peer's WINDOW_UPDATE."""

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from tests.wire.http2.conformance.cases import Case, EndsConnection, EndsStream, Ignored, each
from tests.wire.http2.conformance.frames import (
    LARGEST,
    RESERVED_BIT,
    WINDOW_UPDATE,
    raw,
    rst_stream,
    window_update,
)
from tests.wire.http2.conformance.scene import SUBJECT, Subject

_ROOM = LARGEST - 65_535

CASES = [
    Case(
        "rfc9113-6.9-window-update-of-0-on-a-stream",
        "An increment of 0 is an error of its stream.",
        window_update(SUBJECT, 0),
        EndsStream(ErrorCode.PROTOCOL_ERROR),
    ),
    Case(
        "rfc9113-6.9-window-update-of-0-on-the-connection",
        "An increment of 0 for the connection is an error of the connection.",
        window_update(0, 0),
        EndsConnection(ErrorCode.PROTOCOL_ERROR),
    ),
    Case(
        "rfc9113-6.9-window-update-of-the-reserved-bit-alone",
        "The reserved bit is no part of the increment.",
        window_update(SUBJECT, RESERVED_BIT),
        EndsStream(ErrorCode.PROTOCOL_ERROR),
    ),
    Case(
        "rfc9113-6.9-window-update-with-the-reserved-bit",
        "The reserved bit is ignored.",
        window_update(SUBJECT, RESERVED_BIT | 1) + window_update(0, RESERVED_BIT | 1),
        Ignored(),
    ),
    *(
        Case(
            f"rfc9113-6.9-window-update-of-{size}-octets-{where}",
            "WINDOW_UPDATE has 4 octets; another size is an error of the connection.",
            raw(WINDOW_UPDATE, 0, stream_id, b"\0\0\0\x01\0"[:size]),
            EndsConnection(ErrorCode.FRAME_SIZE_ERROR),
        )
        for size in (0, 3, 5)
        for where, stream_id in (("on-a-stream", SUBJECT), ("on-the-connection", 0))
    ),
    Case(
        "rfc9113-6.9.1-window-filled-stream",
        "A window may be 2^31-1.",
        window_update(SUBJECT, _ROOM),
        Ignored(),
    ),
    Case(
        "rfc9113-6.9.1-window-filled-connection",
        "A window may be 2^31-1.",
        window_update(0, _ROOM),
        Ignored(),
    ),
    Case(
        "rfc9113-6.9.1-window-overflow-stream",
        "A stream's window past 2^31-1 is an error of the stream.",
        window_update(SUBJECT, _ROOM + 1),
        EndsStream(ErrorCode.FLOW_CONTROL_ERROR),
    ),
    Case(
        "rfc9113-6.9.1-window-overflow-stream-in-steps",
        "A stream's window past 2^31-1 is an error of the stream.",
        window_update(SUBJECT, _ROOM) + window_update(SUBJECT, 1),
        EndsStream(ErrorCode.FLOW_CONTROL_ERROR),
    ),
    Case(
        "rfc9113-6.9.1-window-overflow-connection",
        "The connection's window past 2^31-1 is an error of the connection.",
        window_update(0, _ROOM + 1),
        EndsConnection(ErrorCode.FLOW_CONTROL_ERROR),
    ),
    Case(
        "rfc9113-6.9.1-window-overflow-connection-in-steps",
        "The connection's window past 2^31-1 is an error of the connection.",
        window_update(0, _ROOM) + window_update(0, 1),
        EndsConnection(ErrorCode.FLOW_CONTROL_ERROR),
    ),
    Case(
        "rfc9113-6.9.1-window-overflow-after-our-end",
        "A window counts as long as the stream is open, though we have ended our half.",
        window_update(SUBJECT, LARGEST),
        EndsStream(ErrorCode.FLOW_CONTROL_ERROR),
        subject=Subject.HALF_CLOSED_LOCAL,
    ),
    Case(
        "rfc9113-6.9.1-window-overflow-after-the-peers-end",
        "The peer may open its window after its END_STREAM, and may overdo it.",
        window_update(SUBJECT, LARGEST),
        EndsStream(ErrorCode.FLOW_CONTROL_ERROR),
        subject=Subject.HALF_CLOSED_REMOTE,
    ),
    Case(
        "rfc9113-6.9-window-update-after-the-peers-end",
        "WINDOW_UPDATE may come after END_STREAM, on half-closed streams and on closed ones.",
        window_update(SUBJECT, 1_000),
        Ignored(),
        subject=Subject.HALF_CLOSED_REMOTE,
    ),
    Case(
        "rfc9113-6.9-window-update-after-a-reset",
        "What is said of a closed stream's window changes nothing.",
        rst_stream(SUBJECT) + window_update(SUBJECT, LARGEST) + window_update(SUBJECT, LARGEST),
        Ignored(),
        subject=Subject.RESET_BY_US,
    ),
]


@each(CASES)
def test_window_update(case: Case, role: Role) -> None:
    """WINDOW_UPDATE adds between 1 and 2^31-1; no window exceeds 2^31-1."""
    case.play(role)
