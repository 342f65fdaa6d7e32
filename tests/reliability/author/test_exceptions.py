"""Whatever the author's code raises fails its own execution, and is logged."""

import asyncio
from collections.abc import Callable
from typing import NoReturn

import pytest

from mirastack_sdk.testing import Encoding
from tests.reliability.author.bench import Agent, BlockingAgent, calling, errors_in


class BareError(BaseException):
    """Neither an Exception nor one of Python's own."""


class UnprintableError(Exception):
    """Raises when it is turned into text."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


class ExitingError(Exception):
    """Ends the process when it is turned into text."""

    def __str__(self) -> str:
        raise SystemExit(3)


class TextlessError(Exception):
    """Turns into something other than text."""

    def __str__(self) -> str:
        return None  # type: ignore[return-value]  # noqa: PLE0307 - wrong on purpose


def recurse() -> NoReturn:
    recurse()
    raise AssertionError


def loop_of_causes() -> Exception:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    return first


def with_note() -> Exception:
    error = ValueError("with a note")
    error.add_note("the note")
    return error


RAISED: dict[str, Callable[[], BaseException]] = {
    "exception": lambda: ValueError("no such service"),
    "base-exception": lambda: BareError("bare"),
    "sys-exit": lambda: SystemExit(0),
    "sys-exit-with-text": lambda: SystemExit("giving up"),
    "keyboard-interrupt": KeyboardInterrupt,
    "generator-exit": GeneratorExit,
    "stop-iteration": StopIteration,
    "stop-async-iteration": StopAsyncIteration,
    "own-cancelled-error": asyncio.CancelledError,
    "timeout": TimeoutError,
    "memory-error": MemoryError,
    "no-text": Exception,
    "text-raises": UnprintableError,
    "text-leaves": ExitingError,
    "text-is-none": TextlessError,
    "huge-text": lambda: ValueError("x" * 10_000_000),
    "control-characters": lambda: ValueError("a\x00b\x1b[31mc\ud800"),
    "bytes": lambda: ValueError(b"\xff\x00"),
    "group": lambda: ExceptionGroup("several", [ValueError("a"), KeyError("b")]),
    "group-with-exit": lambda: BaseExceptionGroup("several", [SystemExit(1), KeyboardInterrupt()]),
    "loop-of-causes": loop_of_causes,
    "note": with_note,
}


@pytest.mark.contract(
    "From the documented API to the wire: an exception from execute is success=false, and is logged"
)
@pytest.mark.parametrize("agent_type", [Agent, BlockingAgent], ids=["coroutine", "thread"])
@pytest.mark.parametrize("make", RAISED.values(), ids=RAISED)
async def test_an_exception_fails_its_execution_and_is_logged(
    make: Callable[[], BaseException],
    agent_type: type[Agent],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The engine gets one sentence, the log the exception, and the next call works."""

    def run(_: object) -> NoReturn:
        raise make()

    async with calling(agent_type(run)) as caller:
        reply = await caller.misbehave()
        await caller.require_well()
    assert not reply.success
    assert 0 < len(reply.error) <= 500
    assert reply.error.isprintable()
    (record,) = errors_in(caplog)
    assert record.getMessage() == "execute raised an exception"
    assert getattr(record, "execution_id", "") == "e-1"
    assert record.exc_info or record.exc_text


@pytest.mark.parametrize("encoding", list(Encoding))
async def test_deep_recursion_is_an_error_like_any_other(
    encoding: Encoding, caplog: pytest.LogCaptureFixture
) -> None:
    """Endless recursion fails its execution, in either encoding, and the agent goes on."""
    async with calling(Agent(lambda _: recurse()), encoding=encoding) as caller:
        reply = await caller.misbehave()
        await caller.require_well()
    assert reply.error == "maximum recursion depth exceeded"
    assert len(errors_in(caplog)) == 1


async def test_an_exception_that_is_raised_repeatedly_keeps_nothing() -> None:
    """An exception that is a module's constant keeps no frames of the calls that raised it."""
    constant = ValueError("always the same")

    def run(_: object) -> NoReturn:
        raise constant

    async with calling(Agent(run)) as caller:
        for _ in range(3):
            assert (await caller.misbehave()).error == "always the same"
    assert constant.__traceback__ is None
