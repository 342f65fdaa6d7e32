"""An agent whose actions compute in worker processes."""

import os
import subprocess
import sys
import time

from mirastack_sdk import Agent, Permission, serve

READ = "import sys; sys.stdout.write(sys.stdin.read())"
agent = Agent(
    name="computing",
    version="1.0.0",
    description="Computes.",
    permission=Permission.READ,
    devops_stages=["observe"],
)


class OwnError(Exception):
    """An exception of the program's own."""


@agent.action(run_in="process")
def process_id() -> int:
    """Return the process that runs it. Use it in tests."""
    print("not the port line")  # noqa: T201 - to see where it goes
    return os.getpid()


@agent.action(run_in="process")
def fail(text: str) -> int:
    """Raise an exception. Use it in tests."""
    raise OwnError(text)


@agent.action(run_in="process")
def read_input() -> list[str]:
    """Return what this process and a program read. Use it in tests."""
    read = subprocess.run([sys.executable, "-c", READ], stdout=subprocess.PIPE, check=True)
    return [sys.stdin.read(), read.stdout.decode()]


@agent.action(run_in="process")
def hold(name: str, seconds: float) -> int:
    """Print the ids of the process and of one that it starts. Use it in tests."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(f"{name} {os.getpid()} {child.pid}")  # noqa: T201 - to standard error
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    child.kill()
    child.wait()
    return os.getpid()


if __name__ == "__main__":
    serve(agent)
