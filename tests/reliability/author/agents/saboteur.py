"""An agent that harms its own process."""

import asyncio
import logging
import os
import socket
import sys
import threading
import warnings
from collections.abc import Callable, Coroutine
from typing import NoReturn, TextIO

from mirastack_sdk import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
    serve,
)


class BrokenHandler(logging.Handler):
    """Raises for every record."""

    def emit(self, record: logging.LogRecord) -> NoReturn:
        raise RuntimeError("this handler is broken")


async def leave() -> NoReturn:
    sys.exit(7)


async def fail() -> NoReturn:
    raise ValueError("nobody looks at this task")


def begin(work: Coroutine[None, None, NoReturn]) -> None:
    asyncio.get_running_loop().create_task(work)


def close(stream: TextIO) -> None:
    stream.close()


def close_the_loop() -> None:
    asyncio.get_running_loop().close()


def break_logging() -> None:
    logging.getLogger().handlers = [BrokenHandler()]


def break_exception_handler() -> None:
    asyncio.get_running_loop().set_exception_handler(lambda *_: sys.exit(8))
    asyncio.get_running_loop().call_soon(lambda: 1 / 0)


def leave_again_and_again() -> NoReturn:
    asyncio.get_running_loop().call_soon(leave_again_and_again)
    sys.exit(9)


def block_in_executor() -> None:
    asyncio.get_running_loop().run_in_executor(None, threading.Event().wait)


SABOTAGE: dict[str, Callable[[], object]] = {
    "exit_in_a_task": lambda: begin(leave()),
    "exit_in_a_callback": lambda: asyncio.get_running_loop().call_soon(sys.exit, 7),
    "exit_again_and_again": lambda: asyncio.get_running_loop().call_soon(leave_again_and_again),
    "stop_the_loop": lambda: asyncio.get_running_loop().stop(),
    "close_the_loop": close_the_loop,
    "fail_in_a_task": lambda: begin(fail()),
    "forget_the_loop": lambda: asyncio.set_event_loop(None),
    "break_the_exception_handler": break_exception_handler,
    "close_stdout": lambda: close(sys.stdout),
    "close_stderr": lambda: close(sys.stderr),
    "write_a_line": lambda: logging.getLogger("saboteur").warning("a line"),
    "close_descriptors": lambda: os.closerange(0, 3),
    "break_logging": break_logging,
    "clear_the_environment": os.environ.clear,
    "change_the_folder": lambda: os.chdir("/"),
    "make_warnings_errors": lambda: warnings.simplefilter("error"),
    "shorten_sockets": lambda: socket.setdefaulttimeout(0.001),
    "start_a_thread": lambda: threading.Thread(target=threading.Event().wait).start(),
    "block_an_executor": block_in_executor,
}


class Saboteur(MirastackPlugin):
    """Does what the action says, then responds."""

    def info(self) -> PluginInfo:
        return PluginInfo("saboteur", "1.0.0", "Harms itself.", Permission.READ, ["test"])

    def schema(self) -> PluginSchema:
        names = ("answer", *SABOTAGE)
        return PluginSchema([Action(name, "Harms the process.", {}) for name in names])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        if req.action in SABOTAGE:
            SABOTAGE[req.action]()
        return ExecuteResponse(output={"result": "[]"})


if __name__ == "__main__":
    serve(Saboteur())
