"""Random parts of waiting times."""

import os

import pytest

from mirastack_sdk._wire.socket.jitter import uniform


@pytest.mark.parametrize(
    ("drawn", "number"), [(b"\0" * 8, 2.0), (b"\x80" + b"\0" * 7, 3.0), (b"\xff" * 8, 4.0)]
)
def test_the_whole_range_is_used(
    monkeypatch: pytest.MonkeyPatch, drawn: bytes, number: float
) -> None:
    """Numbers are from the lower to the upper bound, in proportion to what the system draws."""
    monkeypatch.setattr(os, "urandom", lambda size: drawn[:size])
    assert uniform(2.0, 4.0) == pytest.approx(number)


def test_numbers_differ() -> None:
    """Agents that start at the same time draw different numbers."""
    drawn = {uniform(-1.0, 1.0) for _ in range(100)}
    assert len(drawn) > 90
    assert min(drawn) < 0 < max(drawn)
    assert all(-1.0 <= number <= 1.0 for number in drawn)
