"""The timeouts of a server's clients, check by check."""

import pytest

from mirastack_sdk._wire.http2.streams import Progress
from mirastack_sdk._wire.server.client_watch import (
    Actions,
    ClientStatus,
    ClientTimeouts,
    ClientWatch,
    PartialBody,
)

TIMEOUTS = ClientTimeouts()
NOTHING = Actions()
ONE, TWO = PartialBody(1), PartialBody(3)
OWN, SHARED = Progress(True, 1000), Progress(False, 7)


def watch() -> ClientWatch:
    return ClientWatch(TIMEOUTS, 0.0)


def idle(at: float) -> ClientStatus:
    """An idle connection, whose client last sent something at `at`."""
    return ClientStatus(settings_received=True, heard_at=at)


def blocked(at: float, *, overfull: bool = False, **streams: Progress) -> ClientStatus:
    """Responses that wait; streams are named s1, s3 and so on."""
    waiting = {int(name[1:]): progress for name, progress in streams.items()}
    return ClientStatus(settings_received=True, heard_at=at, blocked=waiting, overfull=overfull)


def test_a_handshake_has_ten_seconds() -> None:
    """A connection without settings is closed with the reason."""
    one = watch()
    assert one.check(ClientStatus(settings_received=False, heard_at=9.0), 9.9) == NOTHING
    assert "settings" in one.check(ClientStatus(settings_received=False, heard_at=9.0), 10.0).close


def test_a_frame_has_thirty_seconds() -> None:
    """A frame or header block that never ends is closed, however often a byte arrives."""
    one = watch()
    assert (
        one.check(ClientStatus(settings_received=True, heard_at=39.0, unfinished_since=10.0), 39.9)
        == NOTHING
    )
    found = one.check(
        ClientStatus(settings_received=True, heard_at=40.0, unfinished_since=10.0), 40.0
    )
    assert "frame" in found.close
    assert not found.is_lost


def test_silence_is_asked_for_a_sign_of_life_once() -> None:
    """After thirty seconds of silence there is one ping."""
    one = watch()
    assert not one.check(idle(5.0), 34.9).ping
    assert one.check(idle(5.0), 35.0).ping
    assert not one.check(idle(5.0), 36.0).ping


@pytest.mark.contract("How agents are deployed: an idle engine stays connected")
def test_a_client_that_answers_is_kept_for_ever() -> None:
    """An idle connection is pinged every thirty seconds, and stays open."""
    one = watch()
    for asked_at in (30.0, 60.0, 90.0, 3600.0):
        assert one.check(idle(asked_at - 30), asked_at) == Actions(ping=True)
        one.ping_answered(asked_at)
        assert one.check(idle(asked_at), asked_at + 10) == NOTHING


def test_a_client_that_does_not_answer_is_lost() -> None:
    """Without an answer, the client is considered lost ten seconds after the ping."""
    one = watch()
    one.check(idle(0.0), 30.0)
    assert one.check(idle(0.0), 39.9) == NOTHING
    found = one.check(idle(0.0), 40.0)
    assert found.is_lost
    assert "ping" in found.close


def test_any_word_counts_as_a_sign_of_life() -> None:
    """A client that sends anything is alive."""
    one = watch()
    one.check(idle(0.0), 30.0)
    assert not one.check(idle(31.0), 40.0).close


def test_a_socket_that_takes_nothing_for_fifteen_seconds_is_given_up() -> None:
    """A client that does not read its responses is lost."""
    one = watch()
    stuck = ClientStatus(settings_received=True, heard_at=1.0, unsent_bytes=100_000)
    assert one.check(stuck, 1.0) == NOTHING
    assert one.check(stuck, 15.9) == NOTHING
    assert one.check(stuck, 16.0).is_lost


def test_a_socket_that_takes_a_little_is_kept() -> None:
    """A slow reader is not a stalled one."""
    one = watch()
    for second in range(200):
        status = ClientStatus(
            settings_received=True, heard_at=0.0, unsent_bytes=100_000 - second // 10
        )
        assert one.check(status, float(second)) == NOTHING


def test_a_stalled_stream_is_dropped_after_the_client_has_read_what_was_sent() -> None:
    """The fifteen seconds begin with the client's answer to a ping behind the data."""
    one = watch()
    assert one.check(blocked(1.0, s1=OWN), 1.0).ping
    assert one.check(blocked(1.0, s1=OWN), 10.0) == NOTHING
    one.ping_answered(10.0)
    assert one.check(blocked(10.0, s1=OWN), 24.9) == NOTHING
    assert one.check(blocked(10.0, s1=OWN), 25.0).stalled == (1,)


def test_a_stream_that_moves_is_kept() -> None:
    """A response may be slow, as long as it makes progress."""
    one = watch()
    for second in range(200):
        now = float(second)
        status = blocked(now, s1=Progress(True, 1000 - second // 14))
        found = one.check(status, now)
        assert not found.stalled
        if found.ping:
            one.ping_answered(now)


def test_streams_that_wait_for_their_turn_are_kept_while_others_move() -> None:
    """When the connection's window is the limit, progress of one stream counts for all."""
    one = watch()
    for second in range(200):
        now = float(second)
        shared = Progress(False, second // 14)
        found = one.check(blocked(now, s1=shared, s3=shared), now)
        assert not found.stalled
        if found.ping:
            one.ping_answered(now)


def test_streams_behind_a_connection_window_that_never_opens_are_dropped() -> None:
    """When nothing makes progress, every waiting response is dropped."""
    one = watch()
    one.check(blocked(0.0, s1=SHARED, s3=SHARED), 0.0)
    one.ping_answered(0.0)
    assert one.check(blocked(0.0, s1=SHARED, s3=SHARED), 15.0).stalled == (1, 3)


def test_over_the_bound_a_stalled_stream_has_a_second() -> None:
    """While too much is queued, the timeout for clients that do not read is short."""
    one = watch()
    one.check(blocked(0.0, overfull=True, s1=OWN), 0.0)
    one.ping_answered(0.1)
    assert not one.check(blocked(0.1, overfull=True, s1=OWN), 1.0).stalled
    assert one.check(blocked(0.1, overfull=True, s1=OWN), 1.1).stalled == (1,)


def test_a_stream_that_stalls_later_is_asked_about_again() -> None:
    """Each waiting response gets a ping behind it."""
    one = watch()
    one.check(blocked(0.0, s1=OWN), 0.0)
    one.ping_answered(0.0)
    assert one.check(blocked(0.0, s1=OWN, s3=OWN), 1.0).ping


def test_a_client_that_speaks_and_never_answers_gains_nothing() -> None:
    """Withholding the answer to a ping gains only the time for that answer."""
    one = watch()
    one.check(blocked(0.0, s1=OWN), 0.0)
    stalled = [now for now in range(60) if one.check(blocked(now, s1=OWN), float(now)).stalled]
    assert stalled[0] == 30


def test_a_body_has_thirty_seconds() -> None:
    """An incomplete request is given up, and its neighbour is not."""
    one = watch()
    one.check(ClientStatus(settings_received=True, heard_at=0.0, bodies={ONE: 0}), 0.0)
    one.check(ClientStatus(settings_received=True, heard_at=0.0, bodies={ONE: 10, TWO: 0}), 20.0)
    found = one.check(
        ClientStatus(settings_received=True, heard_at=29.0, bodies={ONE: 100, TWO: 0}), 30.1
    )
    assert found.late_bodies == (ONE,)


def test_a_large_body_has_more_time() -> None:
    """Each 64 KiB received allow one second more."""
    one = watch()
    one.check(ClientStatus(settings_received=True, heard_at=0.0, bodies={ONE: 0}), 0.0)
    status = ClientStatus(settings_received=True, heard_at=49.0, bodies={ONE: 20 * 65_536})
    assert one.check(status, 49.9).late_bodies == ()
    assert one.check(status, 50.1).late_bodies == (ONE,)


@pytest.mark.parametrize(
    ("timeouts", "expected"),
    [
        (ClientTimeouts(), 0.5),
        (ClientTimeouts(overfull=0.2), 0.1),
        (ClientTimeouts(body=0.001), 0.01),
    ],
)
def test_checks_are_as_frequent_as_the_shortest_timeout_requires(
    timeouts: ClientTimeouts, expected: float
) -> None:
    """Twice within the timeout, at least every 0.5 s, at most a hundred times a second."""
    assert timeouts.check_interval == expected
