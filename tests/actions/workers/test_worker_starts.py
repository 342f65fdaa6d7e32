"""Worker processes that cannot run an action, since they cannot import it."""

import subprocess
import sys
from pathlib import Path

import pytest

AGENT = '''
from mirastack_sdk import Agent, Permission
from mirastack_sdk._core.model.worker_marks import is_worker_process

agent = Agent(
    name="lost",
    version="1.0.0",
    description="Computes.",
    permission=Permission.READ,
    devops_stages=["observe"],
)
if is_worker_process():
    raise RuntimeError("only once")


@agent.action(run_in="process")
def compute() -> int:
    """Compute something. Use it in tests."""
    return 1
'''
PROGRAM = """
import asyncio


async def main() -> None:
    try:
        await agent.call("compute")
    except Exception as error:
        print(error.reason, error.retryable, error)


if __name__ == "__main__":
    asyncio.run(main())
"""
IMPORTS = "if __name__ == '__main__':\n from lost import agent\n"


@pytest.mark.parametrize(
    ("files", "failure", "line"),
    [
        pytest.param(
            {"program.py": AGENT + PROGRAM},
            "worker_not_started False a worker process could not start (has ended with status 1): "
            "standard error says why\n",
            "RuntimeError: only once",
            id="the program",
        ),
        pytest.param(
            {"lost.py": AGENT, "program.py": IMPORTS + PROGRAM},
            "not_importable False lost.compute cannot be imported in a worker process: only once\n",
            "",
            id="its module",
        ),
    ],
)
def test_the_error_says_what_could_not_be_imported(
    files: dict[str, str], failure: str, line: str, tmp_path: Path
) -> None:
    """It names the function, or the place where the reason is written."""
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout == failure, done.stderr
    assert line in done.stderr
