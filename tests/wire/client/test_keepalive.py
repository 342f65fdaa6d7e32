"""The keepalive of a client's connection."""

import pytest

from mirastack_sdk._wire.client.keepalive import Action, Keepalive, KeepaliveTimer, Step


@pytest.fixture
def watch() -> KeepaliveTimer:
    """Return a timer with an interval of 30 seconds and a timeout of 10."""
    return KeepaliveTimer(Keepalive())


def test_nothing_is_asked_while_no_call_waits(watch: KeepaliveTimer) -> None:
    """An idle connection is never pinged."""
    assert watch.check(1e6, heard_at=0, waiting_since=None) == Step(Action.REST)


def test_silence_counts_from_the_first_call_that_waits(watch: KeepaliveTimer) -> None:
    """A server without calls may be silent."""
    assert watch.check(1_000, heard_at=0, waiting_since=999) == Step(Action.WAIT, 29)


def test_silence_counts_from_the_last_word(watch: KeepaliveTimer) -> None:
    """A server that sends something is not pinged."""
    assert watch.check(1_000, heard_at=995, waiting_since=900) == Step(Action.WAIT, 25)


@pytest.mark.contract(
    "How agents are deployed: the engine is pinged every 30 s at most, and permits every 20 s"
)
def test_after_an_interval_of_silence_it_is_asked(watch: KeepaliveTimer) -> None:
    """After 30 seconds of silence there is one ping, which has 10 seconds."""
    assert watch.check(30, heard_at=0, waiting_since=0) == Step(Action.PING, 10)


def test_no_answer_is_the_end(watch: KeepaliveTimer) -> None:
    """The connection is given up after 10 seconds, whether calls still wait or not."""
    watch.check(30, heard_at=0, waiting_since=0)
    assert watch.check(39, heard_at=0, waiting_since=0) == Step(Action.WAIT, 1)
    assert watch.check(40, heard_at=0, waiting_since=None) == Step(Action.GIVE_UP)


def test_any_word_is_an_answer(watch: KeepaliveTimer) -> None:
    """Anything that arrives after the ping counts as an answer."""
    watch.check(30, heard_at=0, waiting_since=0)
    assert watch.check(40, heard_at=31, waiting_since=0) == Step(Action.WAIT, 21)


def test_an_answer_in_the_same_instant_is_one(watch: KeepaliveTimer) -> None:
    """A near server answers within a millisecond, the resolution of uvloop's clock."""
    watch.check(30, heard_at=0, waiting_since=0)
    assert watch.check(40, heard_at=30, waiting_since=0) == Step(Action.WAIT, 20)


def test_a_call_that_has_expired_leads_to_a_question_at_once(watch: KeepaliveTimer) -> None:
    """The ping is sent at once, even if no call waits any more."""
    assert watch.check(10, heard_at=0, waiting_since=None, in_doubt=True) == Step(Action.PING, 10)


@pytest.mark.contract(
    "How agents are deployed: the engine is pinged every 30 s at most, and permits every 20 s"
)
def test_questions_are_an_interval_apart(watch: KeepaliveTimer) -> None:
    """Calls that expire in quick succession do not cause pings in quick succession."""
    watch.check(10, heard_at=0, waiting_since=0, in_doubt=True)
    assert watch.check(20, heard_at=11, waiting_since=0, in_doubt=True) == Step(Action.WAIT, 20)
    assert watch.check(21, heard_at=11, waiting_since=None, in_doubt=True) == Step(Action.REST)
    assert watch.check(41, heard_at=11, waiting_since=0) == Step(Action.PING, 10)


def test_a_server_that_complains_is_asked_half_as_often() -> None:
    """Each complaint doubles the interval, up to an hour."""
    keepalive = Keepalive()
    keepalive.back_off()
    assert keepalive.interval == 60
    for _ in range(20):
        keepalive.back_off()
    assert keepalive.interval == 3_600
