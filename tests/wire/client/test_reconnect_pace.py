"""The reconnect backoff."""

from itertools import pairwise

from mirastack_sdk._wire.client.pool import ReconnectBackoff


def pace() -> ReconnectBackoff:
    return ReconnectBackoff(lambda low, high: high)


def waits(subject: ReconnectBackoff, number: int) -> list[float]:
    """Fail a number of times, each as soon as allowed; return the delays."""
    now, found = 0.0, []
    for _ in range(number):
        subject.failed(now)
        found.append(round(subject.wait(now), 2))
        now += found[-1]
    return found


def test_the_first_attempt_is_never_waited_for() -> None:
    """Without a failure there is no delay."""
    assert pace().wait(0.0) == 0


def test_delays_grow_from_one_second_to_thirty() -> None:
    """No delay, then 1 s, each 1.6 times the one before, up to 30 s."""
    assert waits(pace(), 11) == [0, 1, 1.6, 2.56, 4.1, 6.55, 10.49, 16.78, 26.84, 30, 30]


def test_delays_are_shortened_by_a_fifth_at_most() -> None:
    """Delays vary between agents, but are never longer than documented."""
    asked: list[tuple[float, float]] = []

    def note(low: float, high: float) -> float:
        asked.append((low, high))
        return low

    subject = ReconnectBackoff(note)
    subject.failed(0.0)
    subject.failed(0.0)
    assert asked == [(0.0, 0.0), (0.8, 1.0)]
    assert subject.wait(0.0) == 0.8


def test_a_connection_that_serves_starts_it_over() -> None:
    """A success resets the delay."""
    subject = pace()
    waits(subject, 5)
    subject.succeeded()
    assert waits(subject, 2) == [0, 1]


def test_silence_lengthens_no_delay() -> None:
    """After an attempt that nothing answered, the next one comes within a second, again and again.

    One that is answered badly goes on where the last such one stopped.
    """
    subject = pace()
    for expected in [0, 1, 1, 1]:
        subject.failed(0.0, unheard=True)
        assert subject.wait(0.0) == expected
    assert waits(subject, 3) == [1, 1.6, 2.56]
    subject.failed(50.0, unheard=True)
    assert subject.wait(50.0) == 1
    assert waits(subject, 1) == [4.1]


def test_a_path_that_was_silent_is_found_within_three_seconds() -> None:
    """Whenever the silence ends, TCP's own repetitions and the next attempt find it in time.

    The longest gap is between what TCP sends 3 s into an attempt of 5 s, and the next attempt.
    """
    subject, now, sent = pace(), 0.0, list[float]()
    while now < 7_200:
        sent += [now, now + 1, now + 3]
        now += 5
        subject.failed(now, unheard=True)
        now += subject.wait(now)
    gaps = [later - earlier for earlier, later in pairwise(sent)]
    assert max(gaps) <= 3


def test_an_attempt_out_of_turn_does_not_start_it_over() -> None:
    """An allowed attempt ignores the delay; its failure lengthens the next one all the same."""
    subject = pace()
    waits(subject, 3)
    subject.allow()
    assert subject.wait(0.0) == 0
    subject.failed(100.0)
    assert round(subject.wait(100.0), 2) == 2.56
