"""The watchdog's report on code that blocks the loop."""

import asyncio
import contextlib
import logging
import threading

import pytest

from mirastack_sdk._runtime.watchdog import LoopWatchdog


class Reports(logging.Handler):
    """Sets `arrived` at the first record, from any thread."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self.arrived = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        self.arrived.set()


@pytest.fixture
def reports() -> "Reports":
    handler = Reports()
    logger = logging.getLogger("mirastack_sdk.watchdog")
    logger.addHandler(handler)
    return handler


async def test_a_blocked_loop_is_reported_with_the_place(reports: Reports) -> None:
    """The report names the file, the line and the function that blocks the loop."""
    with LoopWatchdog(blocked_seconds=0.05):
        hold_up_the_loop(reports)
    (record,) = reports.records
    text = record.getMessage()
    assert "test_watchdog.py" in text
    assert "hold_up_the_loop" in text
    assert "health checks" in text


def hold_up_the_loop(reports: Reports) -> None:
    assert reports.arrived.wait(30)


async def test_a_waiting_loop_is_not_blocked(reports: Reports) -> None:
    """A loop that is only waiting is not reported."""
    with LoopWatchdog(blocked_seconds=0.5), contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1.2):
            await asyncio.Event().wait()
    assert reports.records == []
