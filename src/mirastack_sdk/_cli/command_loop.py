"""The event loop of a command, which ends even if the author's code does not."""

import asyncio
from collections.abc import Coroutine

# After the agent's grace period, only code that ignores its cancellation still runs.
_SECONDS = 1.0
_left_open: list[asyncio.Runner] = []


def run_in_loop[Result](main: Coroutine[object, object, Result]) -> Result:
    """Run a coroutine as `asyncio.run` does, but wait only briefly for what it leaves.

    `asyncio.run` waits for ever for a task that ignores its cancellation, and for minutes for a
    function in a thread. Here, the loop then stays open, and `is_loop_left` is true.
    """
    runner = asyncio.Runner()
    try:
        return runner.run(main)
    finally:
        if runner.run(_has_ended()):
            runner.close()
        else:
            _left_open.append(runner)


def is_loop_left() -> bool:
    """Whether something did not end, so that the process cannot end in good order."""
    return bool(_left_open)


async def _has_ended() -> bool:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    running = (await asyncio.wait(others, timeout=_SECONDS))[1] if others else set()
    loop = asyncio.get_running_loop()
    ending = asyncio.create_task(loop.shutdown_default_executor(), name="end of threads")
    _, waiting = await asyncio.wait({ending}, timeout=_SECONDS)
    return not running and not waiting
