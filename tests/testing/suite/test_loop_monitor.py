"""The measurement of blocked loops blames the author's lines, and only these."""

import asyncio
import sys
import threading
import time

import pytest

from mirastack_sdk.testing._suite import loop_monitor
from mirastack_sdk.testing._suite.loop_monitor import LoopMonitor

LIMIT = 0.05


def block() -> None:
    """Block, as an author's code does."""
    threading.Event().wait(4 * LIMIT)


async def test_the_line_is_named() -> None:
    """The innermost of the author's lines, below what the library does."""
    monitor = LoopMonitor(LIMIT)
    with monitor.measuring():
        await asyncio.sleep(0)
        block()
        await asyncio.sleep(0)
    ((place, seconds),) = monitor.blocks.items()
    assert place.startswith(f"{__file__}:")
    assert place.endswith("in block")
    assert seconds >= LIMIT


async def test_what_nobody_has_seen_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller may measure again: the machine may have been too busy to look."""
    monkeypatch.setattr(loop_monitor, "_UNSUSPICIOUS", 1000)
    monitor = LoopMonitor(LIMIT)
    with monitor.measuring():
        await asyncio.sleep(0)
        block()
        await asyncio.sleep(0)
    assert (monitor.blocks, monitor.unexplained) == ({}, 1)


async def test_waiting_is_no_blocking() -> None:
    """Neither a coroutine that waits, nor a thread that is busy."""
    monitor = LoopMonitor(LIMIT)
    with monitor.measuring():
        await asyncio.to_thread(block)
        await asyncio.wait_for(asyncio.to_thread(block), 20)
    assert monitor.blocks == {}


async def test_another_loop_is_not_measured() -> None:
    """Only the loop of the thread that entered."""
    monitor = LoopMonitor(LIMIT)

    async def blocking() -> None:
        block()

    with monitor.measuring():
        await asyncio.to_thread(asyncio.run, blocking())
    assert monitor.blocks == {}


async def test_time_on_the_run_queue_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine blocks nothing: the system says how long it ran other programs."""
    waited = iter(range(1000))
    monkeypatch.setattr(loop_monitor, "run_delay_in", lambda statistics: float(next(waited)))
    monitor = LoopMonitor(LIMIT)
    with monitor.measuring():
        await asyncio.sleep(0)
        block()
        await asyncio.sleep(0)
    if sys.platform == "linux":
        assert monitor.blocks == {}


@pytest.mark.parametrize(
    ("statistics", "seconds"), [(b"10 2500000000 3\n", 2.5), (b"", 0.0), (b"10\n", 0.0)]
)
def test_what_linux_says(statistics: bytes, seconds: float) -> None:
    """The second number, in nanoseconds; nothing where there is none."""
    assert loop_monitor.run_delay_in(statistics) == seconds


async def test_the_hooks_are_removed() -> None:
    """Tools that want them later find them free."""
    free = [number for number in range(6) if sys.monitoring.get_tool(number) is None]
    with LoopMonitor().measuring():
        assert any(sys.monitoring.get_tool(number) for number in free)
    assert all(sys.monitoring.get_tool(number) is None for number in free)


async def test_without_a_free_hook_nothing_is_measured() -> None:
    """Debuggers, profilers and coverage may have taken all of them."""
    taken = [n for n in loop_monitor.TOOL_IDS if sys.monitoring.get_tool(n) is None]
    for number in taken:
        sys.monitoring.use_tool_id(number, "another tool")
    try:
        monitor = LoopMonitor(LIMIT)
        with monitor.measuring():
            block()
            await asyncio.sleep(0)
        assert monitor.blocks == {}
    finally:
        for number in taken:
            sys.monitoring.free_tool_id(number)


async def test_a_failure_inside_removes_them_too() -> None:
    """The block's own error passes."""
    began = time.monotonic()
    with pytest.raises(LookupError), LoopMonitor().measuring():
        raise LookupError(began)
    assert all(sys.monitoring.get_tool(n) is None for n in loop_monitor.TOOL_IDS[:2])
