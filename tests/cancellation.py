"""Runs a scenario once for each of its suspensions, and cancels it there."""

import asyncio
import contextlib
import contextvars
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Literal

# Only for what never ends: a busy machine may need seconds for one run.
TIMEOUT = 30.0

type Moment = Literal["waiting", "woken"]
"""Whether the task is cancelled while it waits, or in the same iteration of the event loop in which
what it waits for has happened: the result is there, and the task has not seen it yet."""

MOMENTS: tuple[Moment, ...] = ("waiting", "woken")

_DESCRIPTORS = Path("/proc/self/fd")


async def cancel_everywhere[World](
    world: Callable[[], AbstractAsyncContextManager[World]],
    scenario: Callable[[World], Coroutine[object, object, object]],
    check: Callable[[World], Awaitable[object]],
    moment: Moment,
    *,
    with_children: bool = False,
) -> int:
    """Cancel `scenario` at its first suspension, then at its second, until it ends before that.

    Each run gets a new `world`. Afterwards `check` looks at what the cancellation has left of it,
    and the world is left. Then no task, socket or thread may remain, and asyncio must have nothing
    to report. A cancelled scenario must end as cancelled. Returns the number of suspensions.

    `with_children` also counts the suspensions of the tasks that the scenario starts. The scenario
    is cancelled then, not the other task.
    """
    for number in range(1, 1000):
        run = _Run(number, moment)
        try:
            async with asyncio.timeout(TIMEOUT), nothing_left(), world() as made:
                await run.interrupt(scenario(made), with_children=with_children)
                await check(made)
        except BaseException as error:
            error.add_note(f"suspension {number}, {moment}: {run.place or 'none'}")
            raise
        if not run.place:
            return number - 1
    raise AssertionError("the scenario never ends")


class _Run:
    """One run of a scenario, which is cancelled at one of its suspensions.

    `place` says where that is, once it has been cancelled.
    """

    def __init__(self, number: int, moment: Moment) -> None:
        self.place = ""
        self._is_cancelled = False
        self._left = number
        self._moment = moment
        self._task: asyncio.Task[object] | None = None

    async def interrupt(
        self, scenario: Coroutine[object, object, object], *, with_children: bool
    ) -> None:
        """Return when it has ended; raises what it raises, except for the cancellation."""
        context = contextvars.copy_context()
        context.run(_RUN.set, self)
        loop = asyncio.get_running_loop()
        task = self._task = asyncio.Task(_Followed(scenario, self), loop=loop, context=context)
        with self._following_children() if with_children else contextlib.nullcontext():
            await asyncio.wait((task,))
        # Errors that nobody retrieves are reported when their tasks are deleted.
        self._task = None
        if not task.cancelled():
            task.result()
            assert not self._is_cancelled, "the cancellation was swallowed"

    @contextlib.contextmanager
    def _following_children(self) -> Iterator[None]:
        """Count the suspensions of every task that is started in the scenario's context."""
        loop = asyncio.get_running_loop()

        def create(
            loop: asyncio.AbstractEventLoop,
            coroutine: Coroutine[object, object, object],
            context: contextvars.Context | None = None,
        ) -> asyncio.Task[object]:
            if _RUN.get() is self:
                coroutine = _Followed(coroutine, self)
            return asyncio.Task(coroutine, loop=loop, context=context)

        loop.set_task_factory(create)  # type: ignore[arg-type] # generic in the stubs
        try:
            yield
        finally:
            loop.set_task_factory(None)

    def on_suspension(self, coroutine: object, waited_for: object) -> None:
        """Count a suspension, and cancel the scenario if this is the one."""
        self._left -= 1
        if self._left or self._task is None:
            return
        task = self._task
        self.place = " > ".join(_places(coroutine))
        if self._moment == "woken" and isinstance(waited_for, asyncio.Future):
            # Before the callback with which the task waits for it.
            waited_for.add_done_callback(lambda _: self._cancel(task))
        else:
            self._cancel(task)

    def _cancel(self, task: asyncio.Task[object]) -> None:
        # A task that it has started may wait a little longer than the scenario.
        self._is_cancelled = task.cancel()


_RUN = contextvars.ContextVar[_Run | None]("_RUN", default=None)


class _Followed(Coroutine[object, object, object]):
    """A coroutine that tells its run where it is suspended."""

    def __init__(self, coroutine: Coroutine[object, object, object], run: _Run) -> None:
        self._coroutine = coroutine
        self._run = run

    def send(self, value: object, /) -> object:
        return self._suspended(self._coroutine.send(value))

    def throw(self, error: Any, /, *more: Any) -> object:  # noqa: ANN401 - the signature of the ABC, which has three forms
        return self._suspended(self._coroutine.throw(error, *more))

    def close(self) -> None:
        self._coroutine.close()

    def __await__(self) -> Generator[object, object, object]:
        return self._coroutine.__await__()

    def _suspended(self, waited_for: object) -> object:
        self._run.on_suspension(self._coroutine, waited_for)
        return waited_for


def _places(awaitable: object) -> Iterator[str]:
    """The functions that wait for each other, the outermost first."""
    while awaitable is not None:
        frame = getattr(awaitable, "cr_frame", None) or getattr(awaitable, "ag_frame", None)
        if frame is not None:
            yield f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
        awaitable = getattr(awaitable, "cr_await", None) or getattr(awaitable, "ag_await", None)


@contextlib.asynccontextmanager
async def nothing_left() -> AsyncIterator[None]:
    """Require that no task, socket or thread of the block remains, and no error unretrieved."""
    loop = asyncio.get_running_loop()
    tasks, sockets, threads = asyncio.all_tasks(), _sockets(), set(threading.enumerate())
    reports: list[str] = []
    previous = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, report: reports.append(str(report)))
    try:
        yield
        await _none(lambda: asyncio.all_tasks() - tasks, "tasks")
        await _none(lambda: _sockets() - sockets, "sockets")
        await _none(lambda: set(threading.enumerate()) - threads, "threads")
    finally:
        loop.set_exception_handler(previous)
    assert not reports, "; ".join(reports)


async def until(condition: Callable[[], object]) -> None:
    """Return when `condition` is true: what is cancelled takes some iterations to end."""
    while not condition():  # noqa: ASYNC110 - no event tells when a transport has closed
        await asyncio.sleep(0)


async def _none(left: Callable[[], object], what: str) -> None:
    """Wait until nothing is left: closing takes some iterations of the loop."""
    try:
        async with asyncio.timeout(TIMEOUT / 5):
            await until(lambda: not left())
    except TimeoutError:
        raise AssertionError(f"{what} are left: {left()}") from None


def _sockets() -> set[str]:
    if not _DESCRIPTORS.exists():
        return set()
    found = set[str]()
    for descriptor in os.listdir(_DESCRIPTORS):
        with contextlib.suppress(OSError):
            found.add(os.readlink(_DESCRIPTORS / descriptor))
    return {name for name in found if name.startswith("socket:")}
