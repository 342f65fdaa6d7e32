"""The form of a case of a bad engine, and the promises that hold in every case."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from mirastack_sdk._core.settings.process_settings import EngineEncoding
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk.errors import EngineError
from tests.reliability.bad_engines.engine import (
    ONE_AT_A_TIME,
    ByteEngine,
    Response,
    good,
    good_in_protobuf,
    link_to,
    options_of,
    serving,
    write,
)

# How much later than its deadline a call may end: a busy machine, not a hang.
_SLACK = 2.0
_CONNECT_SECONDS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class BadEngine:
    """One way in which an engine can misbehave, and the `promise` to the agent that calls it.

    The caller gets an `EngineError` with `reason`, `retryable` and `status`, whose text contains
    `text`. `timeout` is the call's, in seconds, and `size` that of its request. Connections are
    attempted at `hurry` times the usual delays.
    """

    name: str
    promise: str
    reason: str
    text: str
    retryable: bool = False
    status: str | None = None
    first_bytes: bytes | None = ONE_AT_A_TIME
    answer: Response = good
    encoding: EngineEncoding = "json"
    timeout: float = 5.0
    size: int = 1
    hurry: float = 0.1


def each_of(cases: Sequence[BadEngine]) -> pytest.MarkDecorator:
    """Parametrize a test with the cases."""
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


async def meet(case: BadEngine) -> None:
    """Call a bad engine, then the same engine repaired; neither call may leave anything behind.

    The engine allows one call at a time, so a call that is not released would block the next.
    `serving` checks that no connection stays open.
    """
    before = asyncio.all_tasks()
    async with serving(ByteEngine(first_bytes=case.first_bytes, answer=case.answer)) as engine:
        options = options_of(connect_timeout=_CONNECT_SECONDS, hurry=case.hurry)
        link = link_to(engine.port, encoding=case.encoding, options=options)
        try:
            await _hear(case, link)
            engine.repair(good if case.encoding == "json" else good_in_protobuf)
            assert await write(link)
        finally:
            link.close()
    assert asyncio.all_tasks() == before


async def meet_later(case: BadEngine) -> None:
    """Call an engine that responds well twice, and then badly twice: that ends as it does at once.

    A connection remembers what responses look like, and reads the next ones more quickly.
    """
    well = good if case.encoding == "json" else good_in_protobuf
    async with serving(ByteEngine(answer=well)) as engine:
        link = link_to(engine.port, encoding=case.encoding, options=options_of(hurry=case.hurry))
        try:
            for _ in range(2):
                assert await write(link)
            engine.answer = case.answer
            for _ in range(2):
                await _hear(case, link)
            engine.repair(well)
            assert await write(link)
        finally:
            link.close()


async def _hear(case: BadEngine, link: EngineLink) -> None:
    began = asyncio.get_running_loop().time()
    with pytest.raises(EngineError) as caught:
        await write(link, timeout=case.timeout, size=case.size)
    took, error = asyncio.get_running_loop().time() - began, caught.value
    outcome = (error.reason, error.retryable, error.status)
    assert outcome == (case.reason, case.retryable, case.status), error
    assert case.text in str(error)
    assert str(error).startswith("CacheSet: ")
    assert took < case.timeout + _SLACK
