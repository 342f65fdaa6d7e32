"""The engine's configuration is read at each registration, and never replaces a newer push."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk._runtime.calls.author_call import AuthorError
from mirastack_sdk._runtime.calls.config_updates import ConfigUpdates
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache, EngineConfig
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing import ManualClock

TIMEOUT = 10.0


class Bench:
    """An engine that responds when released, and an author that accepts valid configs."""

    def __init__(self, *, first_seconds: float = TIMEOUT) -> None:
        self.clock = ManualClock(start=100.0)
        self.answers: asyncio.Queue[dict[str, str] | EngineError] = asyncio.Queue()
        self.asked = 0
        self.taken: list[str] = []
        self.changed = asyncio.Condition()
        self.cache = ConfigCache(15, self.clock)
        self.updates = ConfigUpdates(lambda: self._config_updated)
        self.config = EngineConfig(
            self._fetch,
            self.cache,
            self.updates,
            self.clock,
            describe=lambda error: str(error.__cause__),
            uniform=lambda low, high: (low + high) / 2,
            first_seconds=first_seconds,
        )

    async def _fetch(self) -> dict[str, str]:
        async with self.changed:
            self.asked += 1
            self.changed.notify_all()
        answer = await self.answers.get()
        if isinstance(answer, EngineError):
            raise answer
        return answer

    async def _config_updated(self, config: dict[str, str]) -> None:
        if config["url"] == "bad":
            raise ValueError("bad is no URL")
        self.taken.append(config["url"])

    async def is_asked(self, times: int) -> None:
        """Return when the engine has been called this often."""
        async with self.changed:
            await self.changed.wait_for(lambda: self.asked == times)

    async def push(self, url: str) -> None:
        """Push as the service does."""
        self.cache.pushed({"url": url})
        self.config.on_push()
        try:
            await self.updates.apply({"url": url}, TIMEOUT)
        except AuthorError:
            self.config.on_refused()
        else:
            self.config.on_applied()


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[Bench]:
    """Run it until the block ends."""
    async with asyncio.timeout(TIMEOUT):
        task = asyncio.create_task(bench.config.run())
        try:
            yield bench
        finally:
            task.cancel()
            await asyncio.wait((task,))
        assert task.cancelled()


async def test_nothing_is_asked_before_the_registration() -> None:
    """The engine is not asked before the registration, when it does not know the agent."""
    async with running(Bench()) as bench:
        bench.answers.put_nowait({"url": "a"})
        await asyncio.wait({asyncio.create_task(bench.config.wait(TIMEOUT))}, timeout=0)
        assert bench.asked == 0


async def test_each_registration_asks() -> None:
    """Each registration reads the configuration, since it may have changed without a push."""
    async with running(Bench()) as bench:
        for count, url in enumerate(("a", "b"), start=1):
            bench.answers.put_nowait({"url": url})
            bench.config.on_registered()
            await bench.is_asked(count)
            await bench.config.wait(TIMEOUT)
        while bench.taken != ["a", "b"]:  # noqa: ASYNC110 - until the loop comes round
            await asyncio.sleep(0)


async def test_executions_wait_for_the_first_answer() -> None:
    """Executions wait for the first response only."""
    async with running(Bench()) as bench:
        bench.config.on_registered()
        waiting = asyncio.create_task(bench.config.wait(TIMEOUT))
        await bench.is_asked(1)
        assert not waiting.done()
        bench.answers.put_nowait({"url": "a"})
        await waiting
        assert bench.taken == ["a"]


async def test_an_older_answer_gives_way_to_a_push() -> None:
    """A push during the request wins: it is at least as new as the response."""
    async with running(Bench()) as bench:
        bench.config.on_registered()
        await bench.is_asked(1)
        await bench.push("pushed")
        bench.answers.put_nowait({"url": "older"})
        await bench.config.wait(TIMEOUT)
        bench.config.on_registered()
        bench.answers.put_nowait({"url": "newer"})
        await bench.is_asked(2)
        while len(bench.taken) < 2:  # noqa: ASYNC110 - until the loop comes round
            await asyncio.sleep(0)
        assert bench.taken == ["pushed", "newer"]


async def test_a_refused_push_costs_no_answer() -> None:
    """After a refused push, the dropped response is requested again."""
    async with running(Bench()) as bench:
        bench.config.on_registered()
        await bench.is_asked(1)
        await bench.push("bad")
        bench.answers.put_nowait({"url": "older"})
        bench.answers.put_nowait({"url": "kept"})
        await bench.is_asked(2)
        await bench.config.wait(TIMEOUT)
        assert bench.taken == ["kept"]


async def test_a_failed_fetch_is_repeated(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After a failure the config is fetched again; executions start meanwhile without it."""
    async with running(Bench()) as bench:
        bench.answers.put_nowait(EngineError("it is gone", reason="unavailable"))
        bench.config.on_registered()
        await bench.config.wait(TIMEOUT)
        assert "next try in 2.0 s: it is gone" in caplog.text
        await bench.clock.wait_for_sleepers(1)
        bench.answers.put_nowait({"url": "a"})
        bench.clock.advance(2.0)
        await bench.is_asked(2)
        while not bench.taken:  # noqa: ASYNC110 - until the loop comes round
            await asyncio.sleep(0)


async def test_a_refused_answer_is_remembered_until_another_is_taken() -> None:
    """Health checks report a refused config until another one is accepted."""
    async with running(Bench()) as bench:
        bench.answers.put_nowait({"url": "bad"})
        bench.config.on_registered()
        await bench.config.wait(TIMEOUT)
        assert bench.config.refusal == "bad is no URL"
        await bench.push("a")
        assert bench.config.refusal == ""


async def test_a_silent_engine_holds_executions_up_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Only the first executions wait for a silent engine."""
    bench = Bench(first_seconds=0.01)
    await bench.config.wait(TIMEOUT)
    assert "before the engine has sent the config" in caplog.text
    caplog.clear()
    await bench.config.wait(TIMEOUT)
    assert caplog.text == ""


async def test_an_execution_that_is_in_a_hurry_lets_the_others_wait() -> None:
    """An execution that times out while waiting does not end the wait of the others."""
    bench = Bench()
    await bench.config.wait(0.01)
    waiting = asyncio.create_task(bench.config.wait(TIMEOUT))
    await asyncio.wait((waiting,), timeout=0.01)
    assert not waiting.done()
    waiting.cancel()


async def test_the_end_releases_waiting_executions() -> None:
    """When the agent stops, waiting executions go on at once."""
    bench = Bench(first_seconds=10 * TIMEOUT)
    async with running(bench):
        waiting = asyncio.create_task(bench.config.wait(20 * TIMEOUT))
        await asyncio.wait((waiting,), timeout=0.01)
    async with asyncio.timeout(TIMEOUT):
        await waiting
