"""RFC 9113 section 10.5: what a peer may make us do before ENHANCE_YOUR_CALM."""

from dataclasses import replace

import pytest

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.events import HeadersReceived, StreamReset
from mirastack_sdk._wire.http2.limits import Limits, Rate
from tests.wire.http2.conformance.blocks import (
    FIRST_DYNAMIC,
    REQUEST,
    RESPONSE,
    TRAILERS,
    Fields,
    block,
    indexed,
    inserted,
    request,
)
from tests.wire.http2.conformance.cases import BOTH, EndsConnection
from tests.wire.http2.conformance.frames import (
    ACK,
    GOAWAY,
    PRIORITY,
    SETTINGS,
    continuation,
    data,
    goaway,
    headers,
    ping,
    priority,
    raw,
    rst_stream,
    settings,
    unknown,
    window_update,
)
from tests.wire.http2.conformance.scene import SUBJECT, Scene, Subject

_CALM = EndsConnection(ErrorCode.ENHANCE_YOUR_CALM)
_TEN = Rate(burst=10, per_second=2)
_PLENTY = Rate(burst=10**9, per_second=1)
_EARLY = headers(SUBJECT, block((":status", "103")))

# Name, the budget, what spends one of it, at which roles, on what stream.
RATES = [
    ("pings", "pings", ping(), BOTH, Subject.OPEN),
    ("ping-answers", "pings", ping(ack=True), BOTH, Subject.OPEN),
    ("settings", "settings_frames", settings(), BOTH, Subject.OPEN),
    ("settings-answers", "settings_frames", raw(SETTINGS, ACK, 0), BOTH, Subject.OPEN),
    ("windows-of-a-stream", "window_updates", window_update(SUBJECT, 1), BOTH, Subject.OPEN),
    ("windows-of-the-connection", "window_updates", window_update(0, 1), BOTH, Subject.OPEN),
    ("windows-of-a-closed-stream", "window_updates", window_update(3, 1), BOTH, Subject.CLOSED),
    ("empty-data", "useless_frames", data(SUBJECT), BOTH, Subject.OPEN),
    ("empty-late-data", "useless_frames", data(SUBJECT), BOTH, Subject.RESET_BY_US),
    ("priorities", "useless_frames", priority(SUBJECT), BOTH, Subject.OPEN),
    ("unknown-frames", "useless_frames", unknown(), BOTH, Subject.OPEN),
    ("goaways", "useless_frames", goaway(2**31 - 1), BOTH, Subject.OPEN),
    ("resets-of-a-closed-stream", "resets", rst_stream(SUBJECT), BOTH, Subject.CLOSED),
    ("informational-responses", "useless_frames", _EARLY, (Role.CLIENT,), Subject.REQUESTED),
]


def _limits(budget: str, rate: Rate) -> Limits:
    """One limited rate; the others are unlimited."""
    return Limits(
        resets=rate if budget == "resets" else _PLENTY,
        useless_frames=rate if budget == "useless_frames" else _PLENTY,
        settings_frames=rate if budget == "settings_frames" else _PLENTY,
        pings=rate if budget == "pings" else _PLENTY,
        window_updates=rate if budget == "window_updates" else _PLENTY,
    )


def _spend(scene: Scene, sent: bytes, times: int) -> None:
    for _ in range(times):
        scene.connection.receive(sent, scene.now)
    scene.sent()
    assert not scene.connection.ended


def _each_rate(what: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("budget", "sent", "role", "subject"),
        [
            pytest.param(budget, sent, role, subject, id=f"rfc9113-10.5-{what}-{name}-{role.value}")
            for name, budget, sent, roles, subject in RATES
            for role in roles
        ],
    )


@_each_rate("burst-of")
def test_a_budget_has_a_burst_and_a_rate(
    budget: str, sent: bytes, role: Role, subject: Subject
) -> None:
    """A burst is allowed, then a rate; one event more ends the connection."""
    scene = Scene(role, subject, _limits(budget, _TEN))
    if budget == "resets":
        # Each stream that has ended may be reset once, since the reset may cross its end.
        _spend(scene, sent, 1)
    # The opening has spent one of SETTINGS.
    _spend(scene, sent, 9 if budget == "settings_frames" else 10)
    scene.now = 3.0
    _spend(scene, sent, 6)
    _CALM.check(scene, scene.receive(sent))


@_each_rate("rest-of")
def test_a_budget_is_refilled_to_one_burst_at_most(
    budget: str, sent: bytes, role: Role, subject: Subject
) -> None:
    """However long the pause, one burst is allowed, and it affects no other stream."""
    scene = Scene(role, subject, _limits(budget, _TEN))
    _spend(scene, sent, 9)
    scene.now = 1e9
    _spend(scene, sent, 10)
    scene.neighbour_completes()
    for _ in range(12):
        scene.connection.receive(sent, scene.now)
    assert scene.connection.ended


# Name, a stream on which each attempt costs one reset.
PROVOKED = [
    ("malformed-requests", block(("a", "b")), b"", False),
    ("windows-of-0", request(), window_update(SUBJECT, 0), False),
    ("windows-that-overflow", request(), window_update(SUBJECT, 2**31 - 1), False),
    ("priorities-of-a-wrong-size", request(), raw(PRIORITY, 0, SUBJECT, bytes(4)), False),
    ("data-after-the-end", request(), data(SUBJECT, b"x"), True),
    ("headers-after-the-end", request(), headers(SUBJECT, block(*TRAILERS), end=True), True),
    ("content-of-a-wrong-length", request(("content-length", "1")), data(SUBJECT, b"xy"), False),
    ("trailers-without-an-end", request(), headers(SUBJECT, block(*TRAILERS)), False),
    ("resets-of-the-peer", request(), rst_stream(SUBJECT), False),
]


@pytest.mark.parametrize(
    ("opening", "fault", "end"),
    [pytest.param(*row[1:], id=f"rfc9113-10.5-rapid-reset-by-{row[0]}") for row in PROVOKED],
)
def test_streams_that_are_opened_to_be_reset(opening: bytes, fault: bytes, end: bool) -> None:
    """A reset costs the same, whether the peer sends it or causes us to send it."""
    scene = Scene(Role.SERVER, Subject.IDLE, _limits("resets", _TEN))

    def attempt(number: int) -> None:
        sent = fault.replace(SUBJECT.to_bytes(4), number.to_bytes(4), 1)
        scene.connection.receive(headers(number, opening, end=end) + sent, 0.0)

    for number in range(3, 23, 2):
        attempt(number)
        assert scene.connection.open_streams == 1
    scene.sent()
    scene.neighbour_completes()
    attempt(23)
    (goaway_frame,) = scene.sent()
    assert goaway_frame.payload[4:8] == ErrorCode.ENHANCE_YOUR_CALM.to_bytes(4)


@pytest.mark.parametrize("role", BOTH)
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(ping(), id="rfc9113-10.5-answers-to-ping-that-are-not-read"),
        pytest.param(settings(), id="rfc9113-10.5-answers-to-settings-that-are-not-read"),
    ],
)
def test_answers_that_nobody_reads(role: Role, sent: bytes) -> None:
    """Answers are queued up to a limit, and no longer count once they have been sent."""
    limits = replace(_limits("pings", _PLENTY), max_control_frames_queued=20)
    scene = Scene(role, limits=limits)
    for _ in range(3):
        assert len(scene.receive(sent * 20).frames) == 20
    scene.connection.receive(sent * 20, 0.0)
    heard = scene.connection.receive(sent, 0.0)
    assert [getattr(event, "code", None) for event in heard] == [ErrorCode.ENHANCE_YOUR_CALM]


def test_rfc9113_10_5_resets_that_are_not_read() -> None:
    """RST_STREAM frames that the peer causes are queued up to the same limit."""
    limits = replace(_limits("resets", _PLENTY), max_control_frames_queued=20)
    scene = Scene(Role.SERVER, Subject.IDLE, limits)
    sent = b"".join(headers(number, block(("a", "b"))) for number in range(3, 45, 2))
    heard = scene.connection.receive(sent, 0.0)
    assert [getattr(event, "code", None) for event in heard] == [ErrorCode.ENHANCE_YOUR_CALM]
    assert scene.sent()[-1].kind == GOAWAY


def _list_size(fields: Fields) -> int:
    return sum(len(name) + len(value) + 32 for name, value in fields)


@pytest.mark.parametrize("over", [0, 1])
def test_rfc9113_6_5_2_a_header_list_as_large_as_announced(over: int) -> None:
    """The size is that of names and values, plus 32 for each field; a larger one is not decoded."""
    limits = Limits(max_header_list_size=4_000, max_header_block_size=4_000)
    scene = Scene(Role.SERVER, Subject.IDLE, limits)
    assert bytes.fromhex("000600000fa0") in scene.opening_frames[0].payload
    size = 4_000 + over - _list_size((*REQUEST, ("x", "")))
    heard = scene.receive(headers(SUBJECT, request(("x", "v" * size))))
    if over:
        _CALM.check(scene, heard)
        return
    assert heard.events == [HeadersReceived(SUBJECT, (*REQUEST, ("x", "v" * size)), False)]
    scene.neighbour_completes()


@pytest.mark.parametrize("size", [5_000, 200_000])
def test_rfc9113_10_5_1_a_request_that_is_larger_than_announced(size: int) -> None:
    """A request beyond the announced size is decoded, so that it alone is refused."""
    scene = Scene(Role.SERVER, Subject.IDLE, Limits(max_header_list_size=4_000))
    sent = request(("x", "v" * size))
    pieces = [sent[at : at + 16_384] for at in range(0, len(sent), 16_384)]
    frames = headers(SUBJECT, pieces[0], whole=len(pieces) == 1)
    for number, piece in enumerate(pieces[1:], start=2):
        frames += continuation(SUBJECT, piece, whole=number == len(pieces))
    heard = scene.receive(frames)
    assert heard.events == [HeadersReceived(SUBJECT, (*REQUEST, ("x", "v" * size)), False)]
    scene.neighbour_completes()


@pytest.mark.parametrize("subject", [Subject.REQUESTED, Subject.OPEN])
def test_rfc9113_10_5_1_a_response_that_is_larger_than_announced(subject: Subject) -> None:
    """Its call fails, and no other."""
    scene = Scene(Role.CLIENT, subject, Limits(max_header_list_size=4_000))
    fields = (RESPONSE if subject is Subject.REQUESTED else TRAILERS) + (("x", "v" * 5_000),)
    heard = scene.receive(headers(SUBJECT, block(*fields), end=True))
    (reset,) = heard.events
    assert isinstance(reset, StreamReset)
    assert reset.code == ErrorCode.ENHANCE_YOUR_CALM
    scene.neighbour_completes()


def test_rfc9113_10_5_1_a_small_block_that_is_a_large_list() -> None:
    """A table entry that is named a hundred times counts a hundred times."""
    scene = Scene(Role.SERVER, Subject.IDLE)
    scene.receive(headers(SUBJECT, request() + inserted("x-large", "v" * 4_000)))
    bomb = request() + indexed(FIRST_DYNAMIC) * 100
    assert len(bomb) < 300
    heard = scene.receive(headers(5, bomb))
    EndsConnection(ErrorCode.ENHANCE_YOUR_CALM, last_stream=SUBJECT).check(scene, heard)


@pytest.mark.parametrize("over", [0, 1])
def test_rfc9113_10_5_1_continuations_are_counted(over: int) -> None:
    """64 CONTINUATION frames are allowed, and one more is refused, however short they are."""
    scene = Scene(Role.SERVER, Subject.IDLE)
    sent = request()
    more = 64 + over
    frames = headers(SUBJECT, sent[:-more], whole=False)
    pieces = [sent[at : at + 1] for at in range(len(sent) - more, len(sent))]
    frames += b"".join(continuation(SUBJECT, piece, whole=False) for piece in pieces[:-1])
    heard = scene.receive(frames + continuation(SUBJECT, pieces[-1]))
    if over:
        _CALM.check(scene, heard)
        return
    assert heard.events == [HeadersReceived(SUBJECT, REQUEST, False)]
    scene.neighbour_completes()


def test_rfc9113_10_5_1_a_block_without_an_end() -> None:
    """A block is never buffered beyond the size up to which it is decoded."""
    scene = Scene(Role.SERVER, Subject.IDLE)
    sent = headers(SUBJECT, bytes(16_384), whole=False)
    sent += continuation(SUBJECT, bytes(16_384), whole=False) * 15
    assert scene.receive(sent) == ([], [])
    _CALM.check(scene, scene.receive(continuation(SUBJECT, b"x", whole=False)))


@pytest.mark.parametrize("role", BOTH)
def test_rfc9113_10_5_data_of_padding_alone(role: Role) -> None:
    """Padding is returned to the window, and spends the budget of useless frames."""
    scene = Scene(role, limits=_limits("useless_frames", _TEN))
    assert len(scene.receive(data(SUBJECT, padding=200) * 10).frames) == 10
    scene.neighbour_completes()
    scene.receive(data(SUBJECT, padding=200))
    assert scene.connection.ended


@pytest.mark.parametrize("padding", [None, 200])
def test_rfc9113_10_5_data_in_small_frames(padding: int | None) -> None:
    """A body may have 32 small frames; more of them, on any stream, spend a common budget."""
    scene = Scene(Role.SERVER, limits=_limits("useless_frames", _TEN))
    scene.receive(headers(5, request()))
    for number in (SUBJECT, 5):
        _spend(scene, data(number, b"x", padding=padding), 32 + 5)
    scene.neighbour_completes()
    scene.receive(data(SUBJECT, b"x", padding=padding))
    assert scene.connection.ended


@pytest.mark.parametrize("subject", [Subject.RESET_BY_US, Subject.RESET_BY_PEER])
def test_rfc9113_10_5_data_behind_a_reset(subject: Subject) -> None:
    """DATA may cross our RST_STREAM, but no more than the window allowed."""
    scene = Scene(Role.SERVER, subject, _limits("useless_frames", _TEN))
    for _ in range(100):
        scene.connection.receive(data(SUBJECT, bytes(10_000)), 0.0)
    assert scene.connection.ended


def test_rfc9113_10_5_headers_behind_a_reset() -> None:
    """HEADERS may cross our RST_STREAM, but no more than could be in flight."""
    scene = Scene(Role.SERVER, Subject.RESET_BY_US, _limits("useless_frames", _TEN))
    for _ in range(200):
        scene.connection.receive(headers(SUBJECT, request()), 0.0)
    assert scene.connection.ended


def test_rfc9113_6_8_requests_behind_goaway() -> None:
    """Requests that a leaving server ignores spend the budget of useless frames."""
    scene = Scene(Role.SERVER, Subject.IDLE, _limits("useless_frames", _TEN))
    scene.connection.drain()
    scene.receive(ping(b"draining", ack=True))
    for number in range(3, 23, 2):
        assert scene.receive(headers(number, request(), end=True)) == ([], [])
    scene.neighbour_completes()
    scene.receive(headers(23, request(), end=True))
    assert scene.connection.ended


def test_rfc9113_10_5_empty_continuations() -> None:
    """Empty CONTINUATION frames spend the budget of useless frames."""
    scene = Scene(Role.SERVER, Subject.IDLE, _limits("useless_frames", _TEN))
    sent = headers(SUBJECT, b"", whole=False) + continuation(SUBJECT, b"", whole=False) * 10
    assert scene.receive(sent) == ([], [])
    _CALM.check(scene, scene.receive(continuation(SUBJECT, b"", whole=False)))


@pytest.mark.parametrize("role", BOTH)
def test_rfc9113_10_5_settings_of_many_values(role: Role) -> None:
    """The number of settings in a SETTINGS frame is limited, unknown ones included."""
    scene = Scene(role)
    assert len(scene.receive(settings(*[(4, number) for number in range(32)])).events) == 1
    scene.neighbour_completes()
    scene = Scene(role)
    _CALM.check(scene, scene.receive(settings(*[(0xBAD, 0)] * 33)))


@pytest.mark.parametrize("role", BOTH)
def test_rfc9113_10_5_ordinary_work_spends_no_budget(role: Role) -> None:
    """Data and its WINDOW_UPDATEs are never limited."""
    none = Rate(burst=0, per_second=0)
    limits = Limits(resets=none, useless_frames=none, pings=none)
    scene = Scene(role, limits=limits)
    for _ in range(2_000):
        assert len(scene.receive(data(SUBJECT, b"x" * 1_000)).events) == 1
        scene.connection.make_room(SUBJECT, 65_535)
    scene.sent()
    scene.neighbour_completes()
