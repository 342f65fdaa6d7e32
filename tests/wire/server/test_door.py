"""How many connections may be there, and what is said of the others."""

import logging

import pytest

from mirastack_sdk._wire.server.server_state import Door


def test_the_door_lets_in_as_many_as_may_be_inside() -> None:
    """One that leaves makes room for another."""
    door = Door(2)
    assert [door.enter() for _ in range(3)] == [True, True, False]
    door.leave()
    assert [door.enter() for _ in range(2)] == [True, False]


def test_those_turned_away_are_counted_in_one_line_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """However many come, the log has their number, and not a line for each."""
    door = Door(0)
    for now in (0.0, 1.0, 59.0, 61.0, 62.0):
        for _ in range(10):
            door.enter()
        door.report(now)
    lines = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert [line.partition(":")[0] for line in lines] == [
        "connections were closed as they came (10)",
        "connections were closed as they came (30)",
    ]


def test_nothing_is_said_while_nobody_is_turned_away(caplog: pytest.LogCaptureFixture) -> None:
    """A quiet door is silent."""
    Door(1).report(0.0)
    assert not caplog.records
