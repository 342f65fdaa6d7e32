"""An agent whose actions run in worker processes."""

import contextvars
import datetime as dt
import decimal
import enum
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from mirastack_sdk import Agent, Context, Depends, ExecuteResponse, Logs, Permission, Secret
from mirastack_sdk.errors import ActionError
from mirastack_sdk.plugin import TimeRange

LOG = logging.getLogger("tests.computing")
VARIABLE = contextvars.ContextVar("variable", default="unset")


@dataclass(frozen=True)
class Config:
    """What operators can set."""

    factor: Annotated[int, "What to multiply with."] = 2
    token: Annotated[Secret[str], "A token."] = Secret("hush-hush-hush")


@dataclass
class Point:
    """A place."""

    x: int
    seen: dt.datetime


class PositionalError(Exception):
    """An exception that pickle writes but cannot read."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")


@dataclass
class Table:
    """What a factory in the agent's process has fetched."""

    rows: list[int]
    process: int


def fetched() -> Iterator[Table]:
    """Rows from the agent's process."""
    yield Table([1, 2, 3], os.getpid())


def connected() -> threading.Lock:
    """What no other process can use."""
    return threading.Lock()


agent = Agent(
    name="computing",
    version="1.0.0",
    description="Computes.",
    permission=Permission.READ,
    devops_stages=["observe"],
    config=Config,
)


@agent.action(run_in="process")
def process_id() -> int:
    """The process that runs it."""
    return os.getpid()


@agent.action(run_in="process")
def arguments(
    point: Point, names: list[str], span: TimeRange, config: Config, token: Secret[str]
) -> dict[str, object]:
    """What it got."""
    return {
        "point": point,
        "names": names,
        "start": span.start_epoch_ms,
        "factor": config.factor,
        "tokens": [config.token.reveal(), token.reveal()],
    }


@agent.action(run_in="process")
def context(ctx: Context, logs: Logs) -> list[str]:
    """What it is told of the execution."""
    logs.append("first")
    logs += ["third"]
    logs.insert(1, "second")
    logs.extend(["fourth"])
    ctx.progress(0.5, "half")
    return [ctx.execution_id, ctx.step_id]


@agent.action(run_in="process")
def values() -> list[object]:
    """Values of many types."""
    return [decimal.Decimal("1.50"), dt.date(2026, 1, 2), b"ab", {"a": None}]


@agent.action(run_in="process", result_limit=200)
def long_result() -> list[int]:
    """More than its limit allows."""
    return list(range(1_000))


@agent.action(run_in="process")
def response() -> ExecuteResponse:
    """A whole response."""
    return ExecuteResponse(output={"result": "7"}, logs=["as it is"])


@agent.action(run_in="process")
def squares(to: int) -> Iterator[int]:
    """Squares, one after the other."""
    for number in range(to):
        yield number * number


@agent.action(run_in="process")
def mapped() -> Iterable[int]:
    """An iterator that is no generator."""
    return map(abs, [-1, -2])


@agent.action(run_in="process")
def unwritable() -> object:
    """What JSON cannot express."""
    return {"value": float("nan")}


@agent.action(run_in="process")
def fail(how: str) -> int:
    """Raise something."""
    match how:
        case "action":
            raise ActionError("ask for less")
        case "own":
            raise PositionalError(3, "three")
        case "exit":
            sys.exit("gone")
        case "group":
            raise ExceptionGroup("both", [ValueError("a"), PositionalError(1, "b")])
        case _:
            raise ValueError("no such thing")


@agent.action(run_in="process")
def log(text: str) -> int:
    """Write to the log."""
    LOG.debug("not written")

    class Level(enum.StrEnum):
        HIGH = "high"

    fields = {"size": 3, "place": Path("a"), "lock": threading.Lock(), "level": Level.HIGH}
    LOG.warning("it says %s", text, extra=fields)
    try:
        int("caught")
    except ValueError:
        LOG.exception("with a traceback")
    return 1


@agent.action(run_in="process")
def edit_logs(logs: Logs) -> int:
    """Change lines that were added before."""
    logs += ["first", "second", "third"]
    logs[0] = "changed"
    logs.pop()
    return 1


@agent.action(run_in="process")
def die() -> int:
    """End the process as the system does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)
    return 1


@agent.action(run_in="process")
def leave(status: int) -> int:
    """End the process with a status."""
    os._exit(status)


@agent.action(run_in="process", timeout=1)
def endless(logs: Logs) -> Iterator[int]:
    """Compute without an end."""
    logs.append("has begun")
    yield os.getpid()
    while True:
        pass


@agent.action(run_in="process")
def hold() -> int:
    """Keep the worker busy, without an end."""
    LOG.warning("holds %d", os.getpid())
    threading.Event().wait()
    return 1


@agent.action(run_in="process")
def with_table(table: Annotated[Table, Depends(fetched)]) -> list[object]:
    """Use what a factory has fetched in the agent's process."""
    return [sum(table.rows), table.process, os.getpid()]


@agent.action(run_in="process")
def with_lock(lock: Annotated[threading.Lock, Depends(connected)]) -> bool:
    """Use what cannot be passed."""
    return lock.locked()


class TwoPartError(Exception):
    """An exception that is written to a pickle, and cannot be read from it."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")


def failed_before() -> TwoPartError:
    """What an earlier attempt has raised."""
    return TwoPartError(7, "before")


@agent.action(run_in="process")
def with_error(error: Annotated[TwoPartError, Depends(failed_before)]) -> str:
    """Return a text. Use it in tests."""
    return str(error)


@agent.action(run_in="process")
def remember(text: str) -> str:
    """Set a context variable, and return what it was."""
    before = VARIABLE.get()
    VARIABLE.set(text)
    return before


class Methods:
    """A class with a function that can be imported by its name."""

    @staticmethod
    def doubled(number: int) -> int:
        """Twice a number."""
        return 2 * number


agent.action(run_in="process")(Methods.doubled)
