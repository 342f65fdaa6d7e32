"""How often a call is made of an engine that fails, and when."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk._core.retries import RetryBudget
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.engine_link import EngineLink
from mirastack_sdk.errors import EngineError
from tests.reliability.bad_engines.engine import (
    ONE_AT_A_TIME,
    Answer,
    ByteEngine,
    HangUp,
    good,
    head,
    link_to,
    options_of,
    read,
    serving,
    silent,
    trailers,
    write,
)
from tests.wire.http2.conformance import blocks, frames
from tests.wire.raw_peer import frame as message

NO_ERROR, INTERNAL_ERROR, REFUSED, CANCEL, CALM = 0, 2, 7, 8, 11


def status(number: str) -> Answer:
    """Answer with a gRPC status."""
    return lambda stream: frames.headers(stream, head(("grpc-status", number)), end=True)


def reset(code: int) -> Answer:
    """Reset the call."""
    return lambda stream: frames.rst_stream(stream, code)


def hang_up(stream: int) -> bytes:
    """Close the connection."""
    raise HangUp


def leave(stream: int) -> bytes:
    """Say GOAWAY, and that the call was not looked at."""
    raise HangUp(frames.goaway(stream - 2 if stream > 1 else 0))


def leave_after(stream: int) -> bytes:
    """Say GOAWAY, and answer all the same."""
    return frames.goaway(stream) + good(stream)


def in_turn(*answers: Answer) -> Answer:
    """Answer each call with the next, the last one again and again."""
    left = list(answers)

    def answer(stream: int) -> bytes:
        return (left.pop(0) if len(left) > 1 else left[0])(stream)

    return answer


async def beat(link: EngineLink, *, timeout: float = 5.0) -> bool:
    """Send a heartbeat, which its caller makes again by and by."""
    request = wire.HeartbeatRequest(name="my_agent")
    reply = await link.call("Heartbeat", lambda stub: stub.heartbeat(request), timeout=timeout)
    return reply.acknowledged


@asynccontextmanager
async def engine_and_link(
    answer: Answer, *, greeting: bytes | None = ONE_AT_A_TIME, hurry: float = 0.1
) -> AsyncIterator[tuple[ByteEngine, EngineLink]]:
    """Serve an engine, and make an agent's link to it."""
    async with serving(ByteEngine(answer=answer, greeting=greeting)) as engine:
        link = link_to(engine.port, options=options_of(hurry=hurry))
        try:
            yield engine, link
        finally:
            link.close()


UNAVAILABLE, ABORTED, EXHAUSTED, CANCELLED = (status(one) for one in ("14", "10", "8", "1"))

# What is called, what answers in turn, how many calls the engine sees, and how the call ends.
TRIES: Sequence[tuple[str, str, tuple[Answer, ...], int, str]] = (
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
    call: str, answers: tuple[Answer, ...], calls: int, outcome: str
) -> None:
    """What may be made again is, four times at most; what the engine may have done is not."""
    async with engine_and_link(in_turn(*answers)) as (engine, link):
        made = {"read": read, "write": write, "beat": beat}[call]
        if outcome:
            with pytest.raises(EngineError) as caught:
                await made(link)
            assert str(caught.value.status) == outcome
        else:
            await made(link)
        assert engine.calls == calls


async def test_no_try_outlives_the_deadline() -> None:
    """A call that would have to wait beyond its deadline fails before it, for what it has heard."""
    async with engine_and_link(UNAVAILABLE) as (engine, link):
        began = asyncio.get_running_loop().time()
        with pytest.raises(EngineError) as caught:
            await read(link, timeout=0.4)
        assert caught.value.status == "UNAVAILABLE"
        assert engine.calls == 2
        assert asyncio.get_running_loop().time() - began < 0.4


async def test_a_budget_bounds_what_a_failing_engine_is_burdened_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the budget spent calls are made once, and each reply earns one more try of a refusal."""
    monkeypatch.setattr(RetryBudget, "MOST", 20)
    async with engine_and_link(reset(REFUSED)) as (engine, link):
        for _ in range(30):
            with pytest.raises(EngineError):
                # At once a second time, and then it is too late for a third.
                await write(link, timeout=0.09)
        assert engine.calls == 30 + 20
        engine.answer = in_turn(good, reset(REFUSED))
        await write(link)
        with pytest.raises(EngineError):
            await write(link, timeout=0.09)
        assert engine.calls == 50 + 1 + 2


async def test_who_waits_for_a_connection_shares_it() -> None:
    """A hundred calls of an engine that hangs up make a few connections, not hundreds."""
    async with engine_and_link(good, greeting=None, hurry=1.0) as (engine, link):
        calls = [write(link, timeout=0.8) for _ in range(100)]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(one, EngineError) and one.retryable for one in outcomes)
        assert engine.connections <= 3


async def test_a_call_between_attempts_fails_at_once() -> None:
    """While no connection may be tried, a call without the time to wait says until when."""
    async with engine_and_link(good, greeting=None, hurry=20.0) as (engine, link):
        with pytest.raises(EngineError):
            await write(link, timeout=1.0)
        seen = engine.connections
        with pytest.raises(EngineError, match=r"lost; the next attempt may be made in \d+") as hit:
            await write(link, timeout=1.0)
        assert (hit.value.reason, hit.value.retryable) == ("unavailable", True)
        assert engine.connections == seen


async def test_a_heartbeat_opens_the_way_for_those_who_wait() -> None:
    """The session connects whenever it has to, and a call that waits for its turn goes with it."""
    async with engine_and_link(good, greeting=None, hurry=20.0) as (engine, link):
        with pytest.raises(EngineError):
            await write(link, timeout=1.0)
        waiting = asyncio.create_task(write(link, timeout=60.0))
        await asyncio.sleep(0)
        engine.mend()
        await beat(link)
        async with asyncio.timeout(3):
            assert await waiting


async def test_an_engine_that_leaves_whenever_it_is_asked() -> None:
    """GOAWAY upon GOAWAY ends a call within its deadline, and wears nobody out."""
    async with engine_and_link(good, greeting=ONE_AT_A_TIME + frames.goaway(0)) as (engine, link):
        with pytest.raises(EngineError, match="left at once") as caught:
            await write(link, timeout=2.0)
        assert caught.value.reason == "unavailable"
        assert engine.connections <= 4


async def test_a_flood_of_goaways_loses_no_answer() -> None:
    """GOAWAYs behind each other change nothing for a call that the first has taken in."""

    def flood(stream: int) -> bytes:
        return frames.goaway(stream) * 500 + good(stream)

    async with engine_and_link(flood) as (engine, link):
        assert await write(link)
        engine.mend()
        assert await write(link)
        assert engine.connections == 2


async def test_an_engine_that_opens_late() -> None:
    """Calls wait for an engine that takes none yet, and are answered when it does."""
    async with engine_and_link(good, greeting=frames.settings((3, 0))) as (engine, link):
        waiting = asyncio.create_task(write(link))
        await engine.until(lambda: bool(engine.open))
        engine.mend()
        assert await waiting


async def test_a_window_that_opens_late() -> None:
    """A request waits for an engine's window, and is sent when it opens."""
    closed = ONE_AT_A_TIME + frames.settings((4, 0))
    async with engine_and_link(good, greeting=closed) as (engine, link):
        waiting = asyncio.create_task(write(link, size=40_000))
        await engine.until(lambda: bool(engine.open))
        engine.mend()
        assert await waiting


async def test_an_answer_byte_by_byte() -> None:
    """However slowly an answer comes, it is taken if it is there in time."""
    async with engine_and_link(good) as (engine, link):
        engine.pieces = True
        assert await write(link)


async def test_informational_answers_come_before_the_answer() -> None:
    """Answers of the kind 1xx are no answers."""

    def informed(stream: int) -> bytes:
        return frames.headers(stream, blocks.block((":status", "103"))) * 3 + good(stream)

    async with engine_and_link(informed) as (_, link):
        assert await write(link)


async def test_an_answer_in_the_smallest_pieces() -> None:
    """A message in frames of one byte, with padding, is a message."""

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


async def test_a_silent_engine_is_asked_and_given_up() -> None:
    """Where nothing is heard while a call waits, not even on a ping, the connection is dead."""
    async with serving(ByteEngine(answer=in_turn(silent, good), deaf=True)) as engine:
        link = link_to(engine.port, options=options_of(interval=0.1, patience=0.1))
        try:
            with pytest.raises(EngineError, match="not even a ping") as caught:
                await write(link)
            assert (caught.value.reason, caught.value.retryable) == ("unavailable", True)
            assert await write(link)
            assert (engine.connections, engine.pings) == (2, 1)
        finally:
            link.close()


async def test_a_read_survives_a_silent_engine() -> None:
    """A read on a dead connection is made again on a new one, within its deadline."""
    async with serving(ByteEngine(answer=in_turn(silent, good), deaf=True)) as engine:
        link = link_to(engine.port, options=options_of(interval=0.1, patience=0.1))
        try:
            await read(link)
            assert engine.connections == 2
        finally:
            link.close()


async def test_a_slow_engine_that_answers_pings_is_waited_for() -> None:
    """An engine that takes its time is asked once an interval, and keeps its calls."""
    async with serving(ByteEngine(answer=silent)) as engine:
        link = link_to(engine.port, options=options_of(interval=0.1, patience=0.1))
        try:
            with pytest.raises(EngineError) as caught:
                await write(link, timeout=0.75)
            assert caught.value.reason == "deadline_exceeded"
            assert 2 <= engine.pings <= 7
            assert engine.connections == 1
        finally:
            link.close()


async def test_an_engine_that_calls_pings_too_many_is_asked_half_as_often() -> None:
    """GOAWAY for too many pings doubles the interval of all later connections."""
    options = options_of(interval=0.1)

    def complain(stream: int) -> bytes:
        raise HangUp(frames.goaway(stream, CALM, b"too_many_pings"))

    async with serving(ByteEngine(answer=in_turn(complain, good))) as engine:
        link = link_to(engine.port, options=options)
        try:
            with pytest.raises(EngineError):
                await write(link)
            assert options.keepalive.interval == 0.2
            assert await write(link)
        finally:
            link.close()
