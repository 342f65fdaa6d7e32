"""Actions that run in worker processes, under `dev`."""

import signal
from collections.abc import Awaitable
from pathlib import Path

from tests.cli.dev.dev_process import dev, is_running, until

AGENT = """
import os
import time
from mirastack_sdk import Agent, Permission
from numbers_of_mine import ANSWER

agent = Agent(
    name="edited",
    version="1.0.0",
    description="Is edited",
    permission=Permission.READ,
    devops_stages=["observe"],
)


@agent.action(run_in="process")
def answer() -> tuple[int, int]:
    \"\"\"Give the answer of another module, and the process.\"\"\"
    return ANSWER, os.getpid()


@agent.action(run_in="process", timeout=600)
def compute() -> None:
    \"\"\"Compute for a long time.\"\"\"
    print("computing", os.getpid())
    while True:
        pass
"""


async def test_workers_run_the_edited_code_and_end_with_dev(tmp_path: Path) -> None:
    """An edit ends the workers of the code before, and Ctrl-C ends one that computes."""
    (tmp_path / "numbers_of_mine.py").write_text("ANSWER = 1\n")
    (tmp_path / "agent.py").write_text(AGENT)
    async with dev(tmp_path, "agent.py", "--port", "0") as process:
        await process.open_page()
        await process.shows("running")
        before, first = await worker_answer(process.run("answer"))
        await process.edited("numbers_of_mine.py", "ANSWER = 22\n")
        after, second = await worker_answer(process.run("answer"))
        assert (before, after) == (1, 22)
        await until(lambda: not is_running(first))
        assert is_running(second)
        await process.send("POST", "/api/executions", {"action": "compute"})
        computing = int((await process.printed("computing")).split()[-1])
        process.signal(signal.SIGINT)
        await process.ended()
        await until(lambda: not is_running(computing) and not is_running(second))


async def worker_answer(running: Awaitable[object]) -> tuple[int, int]:
    """What the action has returned."""
    match await running:
        case [int(answer), int(pid)]:
            return answer, pid
        case other:
            raise AssertionError(other)
