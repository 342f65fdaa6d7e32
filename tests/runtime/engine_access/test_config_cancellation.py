"""The engine's config is neither lost nor applied twice, wherever something is cancelled."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import pytest

from mirastack_sdk._runtime.calls.author_call import AuthorError
from mirastack_sdk._runtime.calls.config_updates import ConfigUpdates, StoredConfig
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache, EngineConfig
from mirastack_sdk.testing import ManualClock
from tests.cancellation import MOMENTS, TIMEOUT, Moment, cancel_everywhere, until


class World:
    """An engine that stores a config, and an author who needs some time to accept one."""

    def __init__(self) -> None:
        self.stored = StoredConfig({"url": "first"}, 1)
        self.refused = set[str]()
        self.accepted: list[str] = []
        self.changed = asyncio.Condition()
        self._is_busy = False
        self._clock = ManualClock()
        self.cache = ConfigCache(15, self._clock)
        self.updates = ConfigUpdates(lambda: self._config_updated)
        self.config = EngineConfig(
            self.fetch,
            self.cache,
            self.updates,
            self._clock,
            describe=lambda error: str(error.__cause__),
            uniform=lambda low, high: (low + high) / 2,
        )

    async def fetch(self) -> StoredConfig:
        """Answer with what is stored when the call arrives, a little later."""
        stored = self.stored
        for _ in range(3):
            await asyncio.sleep(0)
        return stored

    async def _config_updated(self, config: dict[str, str]) -> None:
        assert not self._is_busy, "two updates at once"
        self._is_busy = True
        try:
            await asyncio.sleep(0)
            if config["url"] in self.refused:
                raise ValueError(f"{config['url']} is refused")
            await asyncio.sleep(0)
            async with self.changed:
                self.accepted.append(config["url"])
                self.changed.notify_all()
        finally:
            self._is_busy = False

    async def push(self, url: str) -> None:
        """Store a config, and push it as the service does."""
        self.stored = StoredConfig({"url": url}, self.stored.version + 1)
        with suppress(AuthorError):
            await self.config.push(self.stored, TIMEOUT)

    async def settles(self) -> None:
        """Wait until the author has what is stored; what was refused comes with a heartbeat."""
        if self.refused:
            for _ in range(30):
                await asyncio.sleep(0)
            self.refused.clear()
            self.config.on_heartbeat()
        await until(lambda: self.updates.current == self.stored and not self.config.refusal)
        await self.config.wait(TIMEOUT)
        assert (await self.cache.get(self.fetch)) == self.stored
        assert self.accepted[-1:] == [self.stored.values["url"]]
        assert len(set(self.accepted)) == len(self.accepted), "a config was applied twice"


@asynccontextmanager
async def _fetching() -> AsyncIterator[World]:
    """An agent that has just registered."""
    world = World()
    running = asyncio.create_task(world.config.run())
    world.config.on_registered()
    try:
        yield world
    finally:
        running.cancel()
        await asyncio.wait((running,))
        world.cache.close()


@asynccontextmanager
async def _configured() -> AsyncIterator[World]:
    """An agent that has the first config."""
    async with _fetching() as world:
        await world.settles()
        # So that the scenario fetches again.
        world.cache.expire()
        yield world


async def _push(world: World) -> None:
    await world.push("second")


async def _push_refused(world: World) -> None:
    world.refused.add("second")
    await world.push("second")


async def _push_twice(world: World) -> None:
    other = asyncio.create_task(world.push("second"))
    await asyncio.sleep(0)
    await world.push("third")
    await other


async def _push_during_the_first_fetch(world: World) -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await world.push("second")


async def _wait_and_read(world: World) -> None:
    await world.config.wait(TIMEOUT)
    await world.cache.get(world.fetch)


async def _read_during_a_push(world: World) -> None:
    pushing = asyncio.create_task(world.push("second"))
    assert (await world.cache.get(world.fetch)).values == {"url": "second"}
    await pushing


SCENARIOS = [
    _push,
    _push_refused,
    _push_twice,
    _push_during_the_first_fetch,
    _wait_and_read,
    _read_during_a_push,
]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("world", [_fetching, _configured])
@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_a_cancelled_caller_loses_no_config(
    scenario: Callable[[World], Coroutine[object, object, object]],
    world: Callable[[], AbstractAsyncContextManager[World]],
    moment: Moment,
) -> None:
    """The author gets what the engine stores once, and the next call reads it."""
    assert await cancel_everywhere(world, scenario, World.settles, moment) >= 1


async def _run_until_configured(world: World) -> None:
    limit = asyncio.timeout(None)

    async def change() -> None:
        async with world.changed:
            await world.changed.wait_for(lambda: world.accepted == ["first"])
            world.stored = StoredConfig({"url": "second"}, 2)
            world.config.on_heartbeat()
            await world.changed.wait_for(lambda: world.accepted == ["first", "second"])
        limit.reschedule(0)

    changing = asyncio.create_task(change())
    world.config.on_registered()
    try:
        async with limit:
            await world.config.run()
    except TimeoutError:
        pass
    finally:
        changing.cancel()


@asynccontextmanager
async def _idle() -> AsyncIterator[World]:
    world = World()
    try:
        yield world
    finally:
        world.cache.close()


@pytest.mark.parametrize("moment", MOMENTS)
async def test_fetching_can_begin_again_after_its_end(moment: Moment) -> None:
    """Executions that wait go on, and the next registration brings the config."""

    async def check(world: World) -> None:
        await world.config.wait(TIMEOUT)
        running = asyncio.create_task(world.config.run())
        world.config.on_registered()
        await world.settles()
        running.cancel()
        await asyncio.wait((running,))

    assert await cancel_everywhere(_idle, _run_until_configured, check, moment) > 3
