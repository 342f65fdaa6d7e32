"""RFC 9113 section 6.5: SETTINGS, its limits, and its acknowledgement."""

from hpack import Decoder

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.events import SettingsReceived
from tests.wire.http2.conformance.cases import (
    CLIENT,
    SERVER,
    Case,
    EndsConnection,
    Ignored,
    Means,
    Outcome,
    each,
)
from tests.wire.http2.conformance.frames import (
    ACK,
    DATA,
    SETTINGS,
    Frame,
    raw,
    settings,
    window_update,
)
from tests.wire.http2.conformance.scene import NEIGHBOUR, SUBJECT, Scene

TABLE_SIZE, ENABLE_PUSH, MAX_STREAMS, INITIAL_WINDOW, MAX_FRAME, MAX_LIST = range(1, 7)
_UNLIMITED = 2**32 - 1
_ACKNOWLEDGED = Frame(SETTINGS, ACK, 0)
_TAKEN = Means(SettingsReceived(_UNLIMITED), answer=[_ACKNOWLEDGED])
_PROTOCOL_ERROR = EndsConnection(ErrorCode.PROTOCOL_ERROR)
_FLOW_CONTROL_ERROR = EndsConnection(ErrorCode.FLOW_CONTROL_ERROR)
_FRAME_SIZE_ERROR = EndsConnection(ErrorCode.FRAME_SIZE_ERROR)

# Name, setting, value, outcome.
_BOUNDS: list[tuple[str, int, int, Outcome]] = [
    ("header-table-size-of-0", TABLE_SIZE, 0, _TAKEN),
    ("header-table-size-without-bound", TABLE_SIZE, 2**32 - 1, _TAKEN),
    ("enable-push-of-0", ENABLE_PUSH, 0, _TAKEN),
    ("enable-push-of-2", ENABLE_PUSH, 2, _PROTOCOL_ERROR),
    ("enable-push-of-2-32-1", ENABLE_PUSH, 2**32 - 1, _PROTOCOL_ERROR),
    ("initial-window-size-of-2-31-1-overflows-nothing-new", INITIAL_WINDOW, 2**31 - 1, _TAKEN),
    ("initial-window-size-of-2-31", INITIAL_WINDOW, 2**31, _FLOW_CONTROL_ERROR),
    ("initial-window-size-of-2-32-1", INITIAL_WINDOW, 2**32 - 1, _FLOW_CONTROL_ERROR),
    ("max-frame-size-of-16383", MAX_FRAME, 16_383, _PROTOCOL_ERROR),
    ("max-frame-size-of-0", MAX_FRAME, 0, _PROTOCOL_ERROR),
    ("max-frame-size-of-16384", MAX_FRAME, 16_384, _TAKEN),
    ("max-frame-size-of-2-24-1", MAX_FRAME, 2**24 - 1, _TAKEN),
    ("max-frame-size-of-2-24", MAX_FRAME, 2**24, _PROTOCOL_ERROR),
    ("max-header-list-size-of-0", MAX_LIST, 0, _TAKEN),
    ("max-header-list-size-without-bound", MAX_LIST, 2**32 - 1, _TAKEN),
]

CASES = [
    *(
        Case(
            f"rfc9113-6.5.2-{name}",
            "Each setting has its bounds, and a value beyond them an error of its own.",
            settings((number, value)),
            outcome,
        )
        for name, number, value, outcome in _BOUNDS
    ),
    Case(
        "rfc9113-6.5.2-enable-push-of-1-from-a-client",
        "A client may allow pushes; there will be none.",
        settings((ENABLE_PUSH, 1)),
        _TAKEN,
        roles=SERVER,
    ),
    Case(
        "rfc9113-6.5.2-enable-push-of-1-from-a-server",
        "A server cannot allow its client to push.",
        settings((ENABLE_PUSH, 1)),
        _PROTOCOL_ERROR,
        roles=CLIENT,
    ),
    Case(
        "rfc9113-6.5.2-max-concurrent-streams",
        "Each end says how many streams it takes.",
        settings((MAX_STREAMS, 50)),
        Means(SettingsReceived(50), answer=[_ACKNOWLEDGED]),
    ),
    Case(
        "rfc9113-6.5.2-unknown-setting",
        "Settings that are not known are ignored, and acknowledged.",
        settings((0xBAD, 1), (0, 2**32 - 1), (7, 0), (0xFFFF, 9)),
        _TAKEN,
    ),
    Case(
        "rfc9113-6.5.2-settings-of-extensions",
        "ENABLE_CONNECT_PROTOCOL (RFC 8441) and NO_RFC7540_PRIORITIES (RFC 9218) change nothing.",
        settings((8, 1), (9, 1)),
        _TAKEN,
    ),
    Case(
        "rfc9113-6.5.3-the-last-of-a-settings-values-holds",
        "Settings are taken in their order, so that the last value of one holds.",
        settings((MAX_STREAMS, 1), (MAX_FRAME, 2**24 - 1), (MAX_STREAMS, 70)),
        Means(SettingsReceived(70), answer=[_ACKNOWLEDGED]),
    ),
    Case(
        "rfc9113-6.5.3-a-wrong-value-among-good-ones",
        "Every value is looked at, one that is overwritten too.",
        settings((MAX_STREAMS, 1), (MAX_FRAME, 1), (MAX_FRAME, 16_384)),
        _PROTOCOL_ERROR,
    ),
    Case(
        "rfc9113-6.5-empty-settings",
        "SETTINGS may be empty, and is acknowledged.",
        settings(),
        _TAKEN,
    ),
    Case(
        "rfc9113-6.5.3-each-settings-frame-is-acknowledged",
        "There is one acknowledgement for each frame.",
        settings() * 3,
        Means(*([SettingsReceived(_UNLIMITED)] * 3), answer=[_ACKNOWLEDGED] * 3),
    ),
    Case(
        "rfc9113-6.5.3-an-acknowledgement-that-nobody-waits-for",
        "An acknowledgement too many breaks no rule.",
        raw(SETTINGS, ACK, 0) * 3,
        Ignored(),
    ),
    Case(
        "rfc9113-6.5-acknowledgement-with-a-payload",
        "An acknowledgement is empty.",
        raw(SETTINGS, ACK, 0, bytes(6)),
        _FRAME_SIZE_ERROR,
    ),
    Case(
        "rfc9113-6.5-acknowledgement-with-one-octet",
        "An acknowledgement is empty.",
        raw(SETTINGS, ACK, 0, b"\0"),
        _FRAME_SIZE_ERROR,
    ),
    *(
        Case(
            f"rfc9113-6.5-settings-of-{size}-octets",
            "SETTINGS has a multiple of 6 octets.",
            raw(SETTINGS, 0, 0, bytes(size)),
            _FRAME_SIZE_ERROR,
        )
        for size in (1, 3, 5, 7, 13)
    ),
    Case(
        "rfc9113-6.9.2-initial-window-size-that-overflows-a-window",
        "A change of INITIAL_WINDOW_SIZE that takes a stream's window past 2^31-1 ends all.",
        window_update(SUBJECT, 2**31 - 1 - 65_535) + settings((INITIAL_WINDOW, 65_536)),
        _FLOW_CONTROL_ERROR,
    ),
    Case(
        "rfc9113-6.9.2-initial-window-size-just-below-the-overflow",
        "A window may be 2^31-1.",
        window_update(SUBJECT, 2**31 - 1 - 65_536) + settings((INITIAL_WINDOW, 65_536)),
        _TAKEN,
    ),
]


@each(CASES)
def test_settings(case: Case, role: Role) -> None:
    """SETTINGS is applied completely and in order, within its limits, and acknowledged."""
    case.play(role)


def test_rfc9113_6_5_3_settings_hold_behind_their_acknowledgement() -> None:
    """Whatever we send after the acknowledgement follows the new values."""
    scene = Scene(Role.SERVER)
    scene.connection.receive(settings((MAX_FRAME, 20_000)), 0.0)
    scene.connection.send_data(SUBJECT, bytes(20_000))
    assert [(frame.kind, len(frame.payload)) for frame in scene.sent()] == [
        (SETTINGS, 0),
        (DATA, 20_000),
    ]


def test_rfc9113_6_5_2_a_peer_without_a_header_table_reads_our_blocks() -> None:
    """A peer without a dynamic table gets blocks that need none."""
    scene = Scene(Role.SERVER)
    scene.receive(settings((TABLE_SIZE, 0)))
    decoder = Decoder()
    decoder.max_allowed_table_size = 0
    for number in (SUBJECT, NEIGHBOUR):
        scene.connection.send_headers(number, (("x-name", "value"),), end_stream=True)
        (sent,) = scene.sent()
        fields = [tuple(field) for field in decoder.decode(sent.payload, raw=True)]
        assert fields == [(b"x-name", b"value")]
