"""The loop that an agent lives on, which goes on until the agent has ended."""

import asyncio
from collections.abc import Coroutine

from mirastack_sdk._log import Log

_LOG = Log("agent")


def run_to_the_end(main: Coroutine[None, None, None]) -> None:
    """Run `main` on a loop of its own; returns, or raises, when it has ended.

    Tasks and callbacks of the author's share the loop. One that calls `sys.exit`, or stops the
    loop, is logged, and does not end the agent; nor does anything else that asyncio lets through.
    `KeyboardInterrupt` cancels `main` and passes.
    """
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        task = loop.create_task(main, name="mirastack-agent")
        while not task.done():
            _run_on(loop, task)


def _run_on(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    try:
        loop.run_until_complete(task)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if task.done() or loop.is_closed():
            raise
        _LOG.error(
            "something asked the event loop to end, which goes on: only a signal ends an agent",
            exc_info=error,
        )
