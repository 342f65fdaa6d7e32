"""An agent whose action starts processes, in every way that Python has."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.process import BaseProcess

from mirastack_sdk import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
    serve,
)

FORK = multiprocessing.get_context("fork")
# A KeyboardInterrupt in a child whose own code has not begun would come out of the agent's code.
BEGUN = FORK.Event()


def sleep() -> None:
    """Sleep until somebody ends the process."""
    BEGUN.set()
    time.sleep(60)


def pid() -> int:
    """Return the process that does some work."""
    return os.getpid()


class Forking(MirastackPlugin):
    """Starts a process, and tells which, or ends it and tells how it ended."""

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(1, mp_context=FORK)
        self._started: list[BaseProcess] = []

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="forking",
            version="1.0.0",
            description="Starts processes.",
            permission=Permission.READ,
            devops_stages=["test"],
        )

    def schema(self) -> PluginSchema:
        way = {"way": ParamSchema("string")}
        pid = {"pid": ParamSchema("number")}
        return PluginSchema(
            [
                Action("start", "Start one.", way),
                Action("end", "End it.", {}),
                Action("wait", "Wait for its end.", pid),
            ]
        )

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        if req.action == "wait":
            _, status = await asyncio.to_thread(os.waitpid, int(req.params["pid"]), 0)
            return ExecuteResponse(output={"status": str(os.waitstatus_to_exitcode(status))})
        if req.action == "end":
            process = self._started.pop()
            process.terminate()
            process.join(10)
            return ExecuteResponse(output={"status": str(process.exitcode)})
        return ExecuteResponse(output={"pid": str(self._start(req.params["way"]))})

    def _start(self, way: str) -> int | None:
        match way:
            case "multiprocessing":
                process = FORK.Process(target=sleep)
                process.start()
                self._started.append(process)
                BEGUN.wait(10)
                return process.pid
            case "pool":
                return self._pool.submit(pid).result(10)
            case "fork":
                child = os.fork()
                if not child:
                    try:
                        sleep()
                    finally:
                        os._exit(0)
                BEGUN.wait(10)
                return child
            case "return" | "raise" | "exit" | "exit with words":
                child = os.fork()
                if not child:
                    self._end_badly(way)
                return child
            case _:
                program = [sys.executable, "-c", "import time; time.sleep(60)"]
                return subprocess.Popen(program, preexec_fn=_reset_signals).pid  # noqa: PLW1509 - it forks in Python, which is the point

    def _end_badly(self, way: str) -> None:
        """Return to the agent's event loop, or try to end the process from there."""
        match way:
            case "raise":
                raise ValueError("the child has failed")
            case "exit":
                sys.exit(3)
            case "exit with words":
                sys.exit("no such file")
            case _:
                pass


def _reset_signals() -> None:
    signal.signal(signal.SIGUSR1, signal.SIG_DFL)


if __name__ == "__main__":
    if os.environ.get("LOOP") == "uvloop":
        import uvloop

        uvloop.install()
    serve(Forking())
