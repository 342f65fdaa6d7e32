"""Whatever the author's code raises is an answer and a line of the log, and no more."""

import asyncio
from collections.abc import Callable
from typing import NoReturn

import pytest

from mirastack_sdk.testing import Encoding
from tests.reliability.author.bench import Agent, BlockingAgent, calling, errors_in


class BareError(BaseException):
    """Neither an Exception nor one of Python's own."""


class SpeechlessError(Exception):
    """Cannot say what has happened."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


class LeavingError(Exception):
    """Tries to end the process of whoever asks what has happened."""

    def __str__(self) -> str:
        raise SystemExit(3)


class WordlessError(Exception):
    """Says something that is no text."""

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
    "text-raises": SpeechlessError,
    "text-leaves": LeavingError,
    "text-is-none": WordlessError,
    "huge-text": lambda: ValueError("x" * 10_000_000),
    "control-characters": lambda: ValueError("a\x00b\x1b[31mc\ud800"),
    "bytes": lambda: ValueError(b"\xff\x00"),
    "group": lambda: ExceptionGroup("several", [ValueError("a"), KeyError("b")]),
    "group-with-exit": lambda: BaseExceptionGroup("several", [SystemExit(1), KeyboardInterrupt()]),
    "loop-of-causes": loop_of_causes,
    "note": with_note,
}


@pytest.mark.parametrize("agent_type", [Agent, BlockingAgent], ids=["coroutine", "thread"])
@pytest.mark.parametrize("make", RAISED.values(), ids=RAISED)
async def test_what_is_raised_is_answered_logged_and_survived(
    make: Callable[[], BaseException],
    agent_type: type[Agent],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The engine hears a sentence, the log has the exception, the next call is served."""

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
async def test_deep_recursion_is_an_error_like_another(
    encoding: Encoding, caplog: pytest.LogCaptureFixture
) -> None:
    """A recursion without an end is answered, in either encoding, and leaves room to go on."""
    async with calling(Agent(lambda _: recurse()), encoding=encoding) as caller:
        reply = await caller.misbehave()
        await caller.require_well()
    assert reply.error == "maximum recursion depth exceeded"
    assert len(errors_in(caplog)) == 1


async def test_an_exception_that_is_raised_again_and_again_gathers_nothing() -> None:
    """One exception for all calls, as a constant of a module: no call's frames stay with it."""
    constant = ValueError("always the same")

    def run(_: object) -> NoReturn:
        raise constant

    async with calling(Agent(run)) as caller:
        for _ in range(3):
            assert (await caller.misbehave()).error == "always the same"
    assert constant.__traceback__ is None
