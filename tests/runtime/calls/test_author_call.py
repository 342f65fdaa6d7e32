"""Calls of the author's methods."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from mirastack_sdk._runtime.calls.author_call import log_end, start_author_call
from mirastack_sdk.errors import WorkerError


async def finished(method: Callable[..., object], *args: object) -> object:
    """Call a method the way an execution does."""
    return await start_author_call(lambda: method, *args, name="execute").finish()


async def test_a_coroutine_runs_on_the_loop() -> None:
    """A coroutine method runs in the loop's thread."""

    async def where() -> int:
        return threading.get_ident()

    assert await finished(where) == threading.get_ident()


async def test_a_plain_method_runs_in_a_thread() -> None:
    """A plain method runs in its own thread, so that the loop goes on."""
    started, release = threading.Event(), threading.Event()

    def block() -> int:
        started.set()
        assert release.wait(10)
        return threading.get_ident()

    call = asyncio.create_task(finished(block))
    assert await asyncio.to_thread(started.wait, 10)
    release.set()
    assert await call != threading.get_ident()


async def test_cancelling_the_call_cancels_the_coroutine() -> None:
    """A cancelled call cancels the author's coroutine and is cancelled itself."""
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    call = asyncio.create_task(finished(wait))
    await started.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert cancelled.is_set()


async def test_a_second_cancellation_does_not_interrupt_the_clean_up() -> None:
    """The author's code is cancelled once, however often it is asked for."""
    started, cleaning, go_on, cleaned = (asyncio.Event() for _ in range(4))

    async def wait() -> None:
        try:
            started.set()
            await asyncio.Event().wait()
        finally:
            cleaning.set()
            await go_on.wait()
            cleaned.set()

    call = start_author_call(lambda: wait, name="execute")
    assert started.is_set()
    finishing = asyncio.create_task(call.finish(cancel_grace=10))
    # A task that is cancelled before it begins would not pass it on.
    await asyncio.sleep(0)
    finishing.cancel()
    await cleaning.wait()
    finishing.cancel()
    call.cancel()
    await asyncio.wait((finishing,))
    go_on.set()
    assert await call.ends_within(10)
    assert cleaned.is_set()


async def test_cancelling_does_not_wait_for_a_thread() -> None:
    """A cancelled call of a blocking method ends at once; its late result is dropped."""
    started, release, ended = threading.Event(), threading.Event(), threading.Event()

    def block() -> None:
        started.set()
        release.wait(10)
        ended.set()

    call = asyncio.create_task(finished(block))
    assert await asyncio.to_thread(started.wait, 10)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not ended.is_set()
    release.set()


def test_a_blocked_thread_does_not_keep_the_process_from_ending() -> None:
    """A process whose blocking method never returns still ends."""
    program = (
        "import asyncio, threading\n"
        "from mirastack_sdk._runtime.calls.author_call import start_author_call\n"
        "async def main():\n"
        "    call = start_author_call(lambda: threading.Event().wait, name='execute')\n"
        "    task = asyncio.create_task(call.finish())\n"
        "    await asyncio.sleep(0)\n"
        "    task.cancel()\n"
        "asyncio.run(main())\n"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=30, check=False).returncode == 0


@pytest.mark.parametrize(
    ("error", "text", "has_traceback"),
    [
        (
            WorkerError("it was killed", reason="worker_ended"),
            "execute failed: it was killed",
            False,
        ),
        (
            WorkerError("it cannot be imported", reason="not_importable"),
            "execute raised an exception",
            True,
        ),
        (ValueError("wrong"), "execute raised an exception", True),
    ],
)
async def test_a_traceback_is_logged_where_code_is_to_blame(
    error: Exception, text: str, has_traceback: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A worker process that was killed is one line, because nobody's code raised anything."""

    def fail() -> None:
        raise error

    call = start_author_call(lambda: fail, name="execute")
    await call.ends_within(10)
    log_end(call)
    [record] = caplog.records
    assert (record.message, record.exc_info is not None) == (text, has_traceback)
