"""The retries of calls to an engine that fails."""

import asyncio
from collections.abc import Sequence

import pytest

from mirastack_sdk._core.policy import retries
from mirastack_sdk._core.policy.retries import Failure, RetryBudget
from mirastack_sdk.errors import EngineError
from tests.reliability.bad_engines.answers import (
    beat,
    engine_and_link,
    hang_up,
    in_turn,
    leave,
    leave_after,
    reset,
    status,
)
from tests.reliability.bad_engines.engine import (
    ONE_AT_A_TIME,
    TIMEOUT,
    Response,
    good,
    head,
    read,
    silent,
    trailers,
    write,
)
from tests.wire.http2.conformance import blocks, frames
from tests.wire.raw_peer import frame as message

NO_ERROR, INTERNAL_ERROR, REFUSED, CANCEL, CALM = 0, 2, 7, 8, 11


UNAVAILABLE, ABORTED, EXHAUSTED, CANCELLED = (status(one) for one in ("14", "10", "8", "1"))

# What is called, what answers in turn, how many calls the engine sees, and how the call ends.
TRIES: Sequence[tuple[str, str, tuple[Response, ...], int, str]] = (
    ("a read is made again after UNAVAILABLE", "read", (UNAVAILABLE, UNAVAILABLE, good), 3, ""),
    ("a read is made four times", "read", (UNAVAILABLE,), 4, "UNAVAILABLE"),
    ("a read is made again after ABORTED", "read", (ABORTED, good), 2, ""),
    ("a read is made again when it was lost", "read", (hang_up, hang_up, good), 3, ""),
    ("a read that is always lost is made four times", "read", (hang_up,), 4, "None"),
    ("a read that the engine cancels is made again", "read", (CANCELLED, good), 2, ""),
    ("a read that is reset as cancelled is made again", "read", (reset(CANCEL), good), 2, ""),
    ("a quota does not pass", "read", (EXHAUSTED,), 1, "RESOURCE_EXHAUSTED"),
    ("a fault of the engine's stays one", "read", (status("13"),), 1, "INTERNAL"),
    ("a reset for a fault stays one", "read", (reset(INTERNAL_ERROR),), 1, "INTERNAL"),
    ("a reset without an error is a fault", "read", (reset(NO_ERROR),), 1, "INTERNAL"),
    ("a reset of no known kind is a fault", "read", (reset(0xFFFF),), 1, "INTERNAL"),
    ("a reset for calm is a limit", "read", (reset(CALM),), 1, "RESOURCE_EXHAUSTED"),
    ("an action is not made again after UNAVAILABLE", "write", (UNAVAILABLE,), 1, "UNAVAILABLE"),
    ("an action that was lost is not made again", "write", (hang_up,), 1, "None"),
    ("an action that was reset is not made again", "write", (reset(CANCEL),), 1, "CANCELLED"),
    ("an action that was refused is made again", "write", (reset(REFUSED), good), 2, ""),
    ("an action is refused four times", "write", (reset(REFUSED),), 4, "None"),
    ("an action that GOAWAY leaves out is made again", "write", (leave, good), 2, ""),
    ("an action that GOAWAY takes in is answered", "write", (leave_after,), 1, ""),
    ("a heartbeat leaves UNAVAILABLE to its caller", "beat", (UNAVAILABLE,), 1, "UNAVAILABLE"),
    ("a heartbeat that was lost is made again", "beat", (hang_up, status("5")), 2, "NOT_FOUND"),
)


@pytest.mark.parametrize(
    ("call", "answers", "calls", "outcome"),
    [row[1:] for row in TRIES],
    ids=[row[0] for row in TRIES],
)
async def test_a_call_is_made_so_often(
    call: str, answers: tuple[Response, ...], calls: int, outcome: str
) -> None:
    """Safe calls are repeated, four times at most; calls the engine may have processed are not."""
    async with engine_and_link(in_turn(*answers)) as (engine, link):
        made = {"read": read, "write": write, "beat": beat}[call]
        if outcome:
            with pytest.raises(EngineError) as caught:
                await made(link)
            assert str(caught.value.status) == outcome
        else:
            await made(link)
        assert engine.calls == calls


async def test_no_try_outlives_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that would have to wait beyond its deadline fails at once, with the last error."""
    rules = retries._RULES  # noqa: SLF001 - delays that no busy machine can reach
    rule = rules[Failure.UNAVAILABLE]._replace(delays=(0.0, 600.0, 600.0))
    monkeypatch.setattr(retries, "_RULES", {Failure.UNAVAILABLE: rule})
    async with engine_and_link(UNAVAILABLE) as (engine, link), asyncio.timeout(TIMEOUT):
        with pytest.raises(EngineError) as caught:
            await read(link, timeout=300)
        assert caught.value.status == "UNAVAILABLE"
        assert engine.calls == 2


async def test_a_budget_bounds_the_retries_of_a_failing_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without tokens calls are made once, and each response earns some back."""
    monkeypatch.setattr(RetryBudget, "MAX_TOKENS", 20)
    monkeypatch.setattr(retries, "MAX_ATTEMPTS", 2)
    async with engine_and_link(reset(REFUSED)) as (engine, link):
        for _ in range(30):
            with pytest.raises(EngineError):
                await write(link)
        assert engine.calls == 30 + 20
        engine.answer = in_turn(good, reset(REFUSED))
        await write(link)
        with pytest.raises(EngineError):
            await write(link)
        assert engine.calls == 50 + 1 + 2


async def test_an_engine_that_opens_late() -> None:
    """Calls wait while an engine accepts none, and succeed when it does."""
    async with engine_and_link(good, first_bytes=frames.settings((3, 0))) as (engine, link):
        waiting = asyncio.create_task(write(link))
        await engine.until(lambda: bool(engine.open))
        engine.repair()
        assert await waiting


async def test_a_window_that_opens_late() -> None:
    """A request waits for the engine's window, and is sent when it opens."""
    closed = ONE_AT_A_TIME + frames.settings((4, 0))
    async with engine_and_link(good, first_bytes=closed) as (engine, link):
        waiting = asyncio.create_task(write(link, size=40_000))
        await engine.until(lambda: bool(engine.open))
        engine.repair()
        assert await waiting


async def test_an_answer_byte_by_byte() -> None:
    """A slow response is accepted if it is complete before the deadline."""
    async with engine_and_link(good) as (engine, link):
        engine.pieces = True
        assert await write(link)


async def test_informational_answers_come_before_the_answer() -> None:
    """Informational responses (1xx) are skipped."""

    def informed(stream: int) -> bytes:
        return frames.headers(stream, blocks.block((":status", "103"))) * 3 + good(stream)

    async with engine_and_link(informed) as (_, link):
        assert await write(link)


async def test_an_answer_in_the_smallest_pieces() -> None:
    """A message in padded frames of one byte each is read."""

    def crumbs(stream: int) -> bytes:
        body = message(b'{"success":true}')
        parts = (frames.data(stream, body[i : i + 1], padding=3) for i in range(len(body)))
        return b"".join(
            (
                frames.headers(stream, head()),
                *parts,
                frames.headers(stream, trailers(), end=True),
            )
        )

    async with engine_and_link(crumbs) as (_, link):
        assert await write(link)


async def test_a_refused_call_waits_for_another_to_end() -> None:
    """A call that was refused beside others is sent again when one of them has ended."""
    many = frames.settings((3, 100))
    answers = in_turn(silent, reset(REFUSED), good)
    async with engine_and_link(answers, first_bytes=many) as (engine, link):
        first = asyncio.create_task(write(link))
        await engine.until(lambda: engine.calls == 1)
        with pytest.raises(EngineError, match="waiting for a free stream"):
            await write(link, timeout=0.2)
        assert engine.calls == 2
        second = asyncio.create_task(write(link))
        await asyncio.sleep(0)
        for writer in engine.open:
            writer.write(good(1))
        assert await first
        assert await second
