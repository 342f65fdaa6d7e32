"""An engine that stores a config and an author that takes it, for the tests of `EngineConfig`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from mirastack_sdk._runtime.calls.author_call import AuthorError
from mirastack_sdk._runtime.calls.config_updates import ConfigUpdates, StoredConfig
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache, EngineConfig
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing import ManualClock

TIMEOUT = 10.0


class Bench:
    """An engine that responds when released, and an author that accepts valid configs."""

    def __init__(self, *, first_seconds: float = TIMEOUT) -> None:
        self.clock = ManualClock(start=100.0)
        self.answers: asyncio.Queue[StoredConfig | EngineError] = asyncio.Queue()
        self.asked = 0
        self.taken: list[str] = []
        self.bad = {"bad"}
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

    async def _fetch(self) -> StoredConfig:
        async with self.changed:
            self.asked += 1
            self.changed.notify_all()
        answer = await self.answers.get()
        if isinstance(answer, EngineError):
            raise answer
        return answer

    async def _config_updated(self, config: dict[str, str]) -> None:
        if config["url"] == "slow":
            await asyncio.Event().wait()
        if config["url"] in self.bad:
            raise ValueError(f"{config['url']} is no URL")
        async with self.changed:
            self.taken.append(config["url"])
            self.changed.notify_all()

    def answer(self, url: str, version: int = 0) -> None:
        """Answer one question; an engine that does not count versions sends 0."""
        self.answers.put_nowait(StoredConfig({"url": url} if url else {}, version))

    async def is_asked(self, times: int) -> None:
        """Return when the engine has been called this often."""
        async with self.changed:
            await self.changed.wait_for(lambda: self.asked == times)

    async def has_taken(self, *urls: str) -> None:
        """Return when the author has accepted these, and no others."""
        async with self.changed:
            await self.changed.wait_for(lambda: self.taken == list(urls))

    async def beat(self) -> None:
        """Let the engine acknowledge a heartbeat, and wait for the question."""
        asked = self.asked
        self.config.on_heartbeat()
        await self.is_asked(asked + 1)

    async def push(self, url: str, version: int = 0) -> None:
        """Push as the service does."""
        with suppress(AuthorError):
            await self.config.push(StoredConfig({"url": url}, version), TIMEOUT)


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


async def settled(bench: Bench) -> None:
    """Return when everything that is ready to run has run."""
    for _ in range(20):
        await asyncio.sleep(0)
