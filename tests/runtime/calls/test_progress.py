"""Progress is published at a limited rate, and the last one always."""

import asyncio
import logging
import threading
from collections.abc import Callable

import pytest

from mirastack_sdk._runtime.calls import progress as progress_module
from mirastack_sdk._runtime.calls.executions import ExecutionScope
from mirastack_sdk._runtime.calls.progress import ProgressPublisher
from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import Context, Progress
from tests.runtime.recording_clock import RecordingClock

INTERVAL = 0.25


class Engine:
    """What takes the progress of one execution, which has a scope and a context."""

    def __init__(self) -> None:
        self.clock = RecordingClock()
        self.sent: list[float | None] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.error: EngineError | None = None
        self.scope = ExecutionScope(ProgressPublisher(publish=self._publish, clock=self.clock))
        self.ctx = Context(_note=self.scope.note_progress)

    async def _publish(self, ctx: Context, progress: Progress) -> None:
        assert ctx is self.ctx
        self.sent.append(progress.fraction)
        await self.may_answer.wait()
        if self.error is not None:
            raise self.error

    async def pass_interval(self) -> None:
        """Let the time pass after which the next one may be sent."""
        await self.clock.wait_for_sleepers()
        self.clock.advance(INTERVAL)
        await turns()

    async def finish(self) -> None:
        """End the author's code, and then the execution."""
        assert self.scope.reporter is not None
        await self.scope.reporter.finish()
        self.scope.end()


async def turns() -> None:
    """Let everything happen that needs no time."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_the_first_is_published_at_once() -> None:
    """A single report needs no interval, and the author does not wait for the engine."""
    engine = Engine()
    engine.may_answer.clear()
    await engine.ctx.progress(0.1)
    await turns()
    assert engine.sent == [0.1]
    engine.may_answer.set()
    await engine.finish()


async def test_of_many_the_latest_is_published_after_an_interval() -> None:
    """A thousand reports in a second cost the engine four calls."""
    engine = Engine()
    for number in range(1000):
        if number and number % 250 == 0:
            await engine.pass_interval()
        await engine.ctx.progress(number / 1000)
    await engine.finish()
    first, *later = engine.sent
    assert first in (0.0, 0.001)
    assert later == [0.249, 0.499, 0.749, 0.999]
    assert set(engine.clock.sleeps) == {INTERVAL}


async def test_the_last_is_published_before_the_end() -> None:
    """It is not held back until the interval has passed."""
    engine = Engine()
    for fraction in (0.1, 0.2, 0.3):
        await engine.ctx.progress(fraction)
    await turns()
    engine.ctx.progress(0.9)
    engine.ctx.progress(1)
    await engine.finish()
    assert engine.sent[-1] == 1.0
    assert 0.9 not in engine.sent


async def test_the_last_is_published_after_those_before() -> None:
    """The end waits for a call that still runs, so that the engine gets them in order."""
    engine = Engine()
    engine.may_answer.clear()
    await engine.ctx.progress(0.1)
    await turns()
    engine.ctx.progress(1)
    ending = asyncio.create_task(engine.finish())
    await turns()
    assert engine.sent == [0.1]
    engine.may_answer.set()
    await ending
    assert engine.sent == [0.1, 1.0]


async def test_after_a_pause_the_next_is_published_at_once() -> None:
    """The rate is limited, not delayed."""
    engine = Engine()
    await engine.ctx.progress(0.1)
    await engine.pass_interval()
    assert engine.clock.sleeping == 0
    await engine.ctx.progress(0.2)
    await turns()
    assert engine.sent == [0.1, 0.2]
    await engine.finish()


async def test_nothing_is_published_twice() -> None:
    """The end publishes only what has not been published."""
    engine = Engine()
    await engine.ctx.progress(1)
    await turns()
    await engine.finish()
    assert engine.sent == [1.0]


async def test_an_engine_that_does_not_answer_does_not_hold_up_the_result(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The result waits a second at most."""
    monkeypatch.setattr(progress_module, "_LAST_SECONDS", 0.01)
    engine = Engine()
    engine.may_answer.clear()
    await engine.ctx.progress(0.1)
    await turns()
    engine.ctx.progress(1)
    await engine.finish()
    assert engine.sent == [0.1]
    assert "progress cannot be shown: the engine does not respond" in caplog.text
    await turns()
    assert _tasks() == []


async def test_a_failure_is_logged_and_later_progress_is_published(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The action goes on; a flood of failures is one line."""
    engine = Engine()
    engine.error = EngineError("PublishResult: down", reason="unavailable", retryable=True)
    await engine.ctx.progress(0.1)
    await engine.pass_interval()
    await engine.ctx.progress(0.2)
    await engine.pass_interval()
    engine.error = None
    await engine.ctx.progress(0.3)
    await engine.finish()
    assert engine.sent == [0.1, 0.2, 0.3]
    assert [record.getMessage() for record in caplog.records] == [
        "progress cannot be shown: PublishResult: down"
    ]


async def test_progress_after_the_execution_is_refused() -> None:
    """As every call of the engine is, in a coroutine and in a thread."""
    engine = Engine()
    await engine.ctx.progress(0.1)
    await engine.finish()
    with pytest.raises(EngineError, match="has ended") as caught:
        await engine.ctx.progress(1)
    assert caught.value.reason == "execution_ended"
    with pytest.raises(EngineError, match="has ended"):
        await asyncio.to_thread(engine.ctx.progress, 1)


async def test_a_cancelled_execution_leaves_nothing_behind(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither a task nor a line, whether a call runs or the interval does."""
    caplog.set_level(logging.DEBUG, "mirastack_sdk")
    for is_answered in (True, False):
        engine = Engine()
        if not is_answered:
            engine.may_answer.clear()
        await engine.ctx.progress(0.1)
        await turns()
        engine.ctx.progress(0.2)
        engine.scope.end()
        await turns()
        assert engine.sent == [0.1]
        assert _tasks() == []
    assert caplog.records == []


async def test_threads_report_without_waiting_and_nothing_is_lost() -> None:
    """Plain functions report from their threads; the loop is woken once, not for each report."""
    engine = Engine()
    loop = asyncio.get_running_loop()
    woken = 0
    wake = loop.call_soon_threadsafe

    def count(callback: Callable[..., object], *args: object) -> object:
        nonlocal woken
        woken += callback.__name__ == "_begin"
        return wake(callback, *args)

    both = threading.Barrier(2)

    def report(start: float) -> None:
        both.wait()
        for number in range(5000):
            engine.ctx.progress(start + number / 10_000)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loop, "call_soon_threadsafe", count)
        await asyncio.gather(
            *(asyncio.to_thread(report, start) for start in (0.0, 0.5)),
        )
        await asyncio.to_thread(engine.ctx.progress, 1)
        await engine.finish()
    assert engine.sent[-1] == 1.0
    assert len(engine.sent) <= 2 + len(engine.clock.sleeps)
    assert woken <= 2


async def test_without_an_engine_progress_goes_nowhere() -> None:
    """An agent that serves unregistered runs its actions as well."""
    scope = ExecutionScope()
    await Context(_note=scope.note_progress).progress(0.5)
    assert scope.reporter is None


def _tasks() -> list[str]:
    return [
        task.get_name() for task in asyncio.all_tasks() if task.get_name() == "mirastack-progress"
    ]
