"""Heartbeats that fail, with a real server and a clock that the test moves."""

import pytest

from mirastack_sdk._wire.grpc.status import CallRefused, Status
from tests.runtime.engine_access.test_session import ALIVE, FakeEngine, living


async def test_a_failed_heartbeat_is_tried_again_sooner(caplog: pytest.LogCaptureFixture) -> None:
    """After a failed heartbeat the next one comes sooner, without a new registration."""
    engine = FakeEngine(heartbeats=[CallRefused(Status.UNAVAILABLE, "busy"), ALIVE])
    async with living(engine) as life:
        await life.next_sleep()
        life.wake()
        assert await life.next_sleep() == 1
        life.wake()
        assert await life.next_sleep() == 30
    assert life.engine.methods() == ["register", "heartbeat", "heartbeat"]
    assert "heartbeat failed" in caplog.text


@pytest.mark.parametrize(
    ("interval", "expected"),
    [(30.0, [1, 1.6, 2.56, 4.096]), (2.0, [1, 1.6, 2, 2]), (0.5, [0.5] * 4)],
)
async def test_heartbeats_that_fail_in_a_row_back_off(
    interval: float, expected: list[float]
) -> None:
    """Each delay is 1.6 times the one before, and none is longer than the interval."""
    engine = FakeEngine(heartbeats=[CallRefused(Status.UNAVAILABLE, "busy")])
    async with living(engine, fixed_interval=interval) as life:
        assert await life.next_sleep() == interval
        delays = []
        for _ in expected:
            life.wake()
            delays.append(await life.next_sleep())
    assert delays == pytest.approx(expected)


async def test_after_a_heartbeat_that_succeeds_the_delays_start_over() -> None:
    """A silence of the engine that is over does not lengthen the next one's delays."""
    refused = CallRefused(Status.UNAVAILABLE, "busy")
    engine = FakeEngine(heartbeats=[refused, refused, ALIVE, ALIVE, refused])
    async with living(engine) as life:
        delays = []
        for _ in range(6):
            delays.append(await life.next_sleep())
            life.wake()
    assert delays == pytest.approx([30, 1, 1.6, 30, 30, 1])


async def test_the_log_says_once_that_heartbeats_succeed_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Without that line, nobody could see in the log that a failure is over."""
    caplog.set_level("INFO", "mirastack_sdk")
    refused = CallRefused(Status.UNAVAILABLE, "busy")
    engine = FakeEngine(heartbeats=[ALIVE, refused, refused, ALIVE, ALIVE])
    async with living(engine) as life:
        for _ in range(5):
            await life.next_sleep()
            life.wake()
        await life.next_sleep()
    lines = [text.partition(",")[0] for text in caplog.messages if "heartbeat" in text]
    assert lines == ["heartbeat failed", "heartbeat failed", "heartbeats succeed again"]
