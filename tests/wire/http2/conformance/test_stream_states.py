"""RFC 9113 section 5.1: what each frame means in each state of a stream."""

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.events import DataReceived, StreamReset, TrailersReceived
from tests.wire.http2.conformance.blocks import RESPONSE, TRAILERS, block, request
from tests.wire.http2.conformance.cases import (
    CLIENT,
    SERVER,
    Case,
    EndsConnection,
    EndsStream,
    Ignored,
    Means,
    Outcome,
    each,
)
from tests.wire.http2.conformance.frames import (
    continuation,
    data,
    headers,
    priority,
    push_promise,
    rst_stream,
    window_update,
)
from tests.wire.http2.conformance.scene import SUBJECT, Subject

_SENT = {
    "data": data(SUBJECT, b"x"),
    "empty-data": data(SUBJECT),
    "headers": headers(SUBJECT, block(*TRAILERS), end=True),
    "priority": priority(SUBJECT),
    "rst-stream": rst_stream(SUBJECT),
    "push-promise": push_promise(SUBJECT, 2, request()),
    "window-update": window_update(SUBJECT, 1),
    "continuation": continuation(SUBJECT, block(*TRAILERS)),
}

_PROTOCOL_ERROR = EndsConnection(ErrorCode.PROTOCOL_ERROR)
_CLOSED_CONNECTION = EndsConnection(ErrorCode.STREAM_CLOSED)
_CLOSED_STREAM = EndsStream(ErrorCode.STREAM_CLOSED)
_CLOSED_STREAM_AGAIN = EndsStream(ErrorCode.STREAM_CLOSED, known=False)
_RESET = Means(StreamReset(SUBJECT, ErrorCode.CANCEL, "reset by the peer", True, False))
_DATA = Means(DataReceived(SUBJECT, b"x", False))
_TRAILERS = Means(TrailersReceived(SUBJECT, TRAILERS))

# What each frame comes to in each state; the rule's own words stand in section 5.1.
_STATES: dict[Subject, tuple[str, dict[str, Outcome]]] = {
    Subject.IDLE: (
        "On an idle stream, anything but HEADERS or PRIORITY is a PROTOCOL_ERROR.",
        {
            "data": _PROTOCOL_ERROR,
            "empty-data": _PROTOCOL_ERROR,
            "priority": Ignored(),
            "rst-stream": _PROTOCOL_ERROR,
            "push-promise": _PROTOCOL_ERROR,
            "window-update": _PROTOCOL_ERROR,
            "continuation": _PROTOCOL_ERROR,
        },
    ),
    Subject.OPEN: (
        "On an open stream, both ends may send frames of any type.",
        {
            "data": _DATA,
            "empty-data": Ignored(),
            "headers": _TRAILERS,
            "priority": Ignored(),
            "rst-stream": _RESET,
            "push-promise": _PROTOCOL_ERROR,
            "window-update": Ignored(),
            "continuation": _PROTOCOL_ERROR,
        },
    ),
    Subject.HALF_CLOSED_LOCAL: (
        "On a stream that we have ended, the peer may still send frames of any type.",
        {
            "data": _DATA,
            "empty-data": Ignored(),
            "headers": _TRAILERS,
            "priority": Ignored(),
            "rst-stream": _RESET,
            "push-promise": _PROTOCOL_ERROR,
            "window-update": Ignored(),
            "continuation": _PROTOCOL_ERROR,
        },
    ),
    Subject.HALF_CLOSED_REMOTE: (
        (
            "On a stream that the peer has ended, anything but WINDOW_UPDATE, PRIORITY or "
            "RST_STREAM is a stream error STREAM_CLOSED."
        ),
        {
            "data": _CLOSED_STREAM,
            "empty-data": _CLOSED_STREAM,
            "headers": _CLOSED_STREAM,
            "priority": Ignored(),
            "rst-stream": _RESET,
            "push-promise": _PROTOCOL_ERROR,
            "window-update": Ignored(),
            "continuation": _PROTOCOL_ERROR,
        },
    ),
    Subject.CLOSED: (
        (
            "On a stream that both have ended, WINDOW_UPDATE, PRIORITY and RST_STREAM may still "
            "come; others are STREAM_CLOSED, for the connection where they could open a stream."
        ),
        {
            "data": _CLOSED_STREAM_AGAIN,
            "empty-data": _CLOSED_STREAM_AGAIN,
            "headers": _CLOSED_CONNECTION,
            "priority": Ignored(),
            "rst-stream": Ignored(),
            "push-promise": _PROTOCOL_ERROR,
            "window-update": Ignored(),
            "continuation": _PROTOCOL_ERROR,
        },
    ),
    Subject.RESET_BY_US: (
        "On a stream that we have reset, all that the peer had sent before is dropped.",
        {
            "data": Ignored(),
            "empty-data": Ignored(),
            "headers": Ignored(),
            "priority": Ignored(),
            "rst-stream": Ignored(),
            "push-promise": _PROTOCOL_ERROR,
            "window-update": Ignored(),
            "continuation": _PROTOCOL_ERROR,
        },
    ),
    Subject.RESET_BY_PEER: (
        "On a stream that the peer has reset, it sends nothing but PRIORITY.",
        {
            "data": _CLOSED_STREAM_AGAIN,
            "empty-data": _CLOSED_STREAM_AGAIN,
            "headers": _CLOSED_CONNECTION,
            "priority": Ignored(),
            "rst-stream": Ignored(),
            "push-promise": _PROTOCOL_ERROR,
            "window-update": Ignored(),
            "continuation": _PROTOCOL_ERROR,
        },
    ),
}

CASES = [
    *(
        Case(
            f"rfc9113-5.1-{state.name.lower().replace('_', '-')}-{name}",
            rule,
            _SENT[name],
            outcome,
            subject=state,
        )
        for state, (rule, outcomes) in _STATES.items()
        for name, outcome in outcomes.items()
    ),
    Case(
        "rfc9113-5.1-idle-headers-of-a-server",
        "A server opens no streams: its HEADERS on an idle one is a PROTOCOL_ERROR.",
        headers(SUBJECT, block(*RESPONSE)),
        _PROTOCOL_ERROR,
        subject=Subject.IDLE,
        roles=CLIENT,
    ),
    Case(
        "rfc9113-5.1-idle-trailers-of-a-client",
        "What opens a stream must be a request.",
        headers(SUBJECT, block(*TRAILERS), end=True),
        EndsStream(ErrorCode.PROTOCOL_ERROR, known=False),
        subject=Subject.IDLE,
        roles=SERVER,
    ),
    Case(
        "rfc9113-5.1-late-frames-of-every-kind-after-our-reset",
        "What a peer may have sent before it saw our RST_STREAM is dropped, however much it is.",
        (data(SUBJECT, bytes(1_000)) + priority(SUBJECT) + window_update(SUBJECT, 9)) * 60
        + headers(SUBJECT, block(*TRAILERS), end=True),
        Ignored(),
        subject=Subject.RESET_BY_US,
    ),
    Case(
        "rfc9113-5.1-a-reset-that-crosses-our-own",
        "A RST_STREAM that crosses ours is no news, and neither is what crossed it.",
        data(SUBJECT, b"x") + rst_stream(SUBJECT) + rst_stream(SUBJECT),
        Ignored(),
        subject=Subject.RESET_BY_US,
    ),
    Case(
        "rfc9113-5.1-window-update-after-the-end-of-both",
        "WINDOW_UPDATE may come for a while behind END_STREAM, one that adds nothing too.",
        window_update(SUBJECT, 2**31 - 1) * 2 + window_update(SUBJECT, 0),
        Ignored(),
        subject=Subject.CLOSED,
    ),
]


@each(CASES)
def test_stream_states(case: Case, role: Role) -> None:
    """The meaning of a frame depends on the state of its stream."""
    case.play(role)
