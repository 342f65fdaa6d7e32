"""The cache of the config."""

import asyncio

import pytest

from mirastack_sdk._runtime.calls.config_updates import StoredConfig
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache
from mirastack_sdk.testing import ManualClock


class Engine:
    """Counts its calls."""

    def __init__(self) -> None:
        self.asked = 0
        self.failure: Exception | None = None

    async def fetch(self) -> StoredConfig:
        self.asked += 1
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        return StoredConfig({"asked": str(self.asked)}, 1)


@pytest.mark.contract(
    "Environment: MIRASTACK_SDK_CONFIG_CACHE_TTL, how long get_config may remember"
)
async def test_answers_from_memory_until_the_time_is_over() -> None:
    """Within the time to live the engine is called once, and again after it."""
    clock, engine = ManualClock(start=1000.0), Engine()
    cache = ConfigCache(15, clock)
    assert (await cache.get(engine.fetch)).values == {"asked": "1"}
    clock.advance(14.9)
    assert (await cache.get(engine.fetch)).values == {"asked": "1"}
    clock.advance(0.1)
    assert (await cache.get(engine.fetch)).values == {"asked": "2"}


async def test_zero_asks_every_time() -> None:
    """A time to live of 0 turns the cache off."""
    engine = Engine()
    cache = ConfigCache(0, ManualClock())
    await cache.get(engine.fetch)
    assert (await cache.get(engine.fetch)).values == {"asked": "2"}


async def test_concurrent_callers_share_a_fetch() -> None:
    """Ten concurrent callers share one call of the engine."""
    engine = Engine()
    cache = ConfigCache(15, ManualClock())
    await asyncio.gather(*(cache.get(engine.fetch) for _ in range(10)))
    assert engine.asked == 1


async def test_a_push_is_seen_at_once() -> None:
    """After a push the next caller gets the configuration from the engine."""
    engine = Engine()
    cache = ConfigCache(15, ManualClock())
    await cache.get(engine.fetch)
    cache.pushed({})
    assert (await cache.get(engine.fetch)).values == {"asked": "2"}


async def test_a_failure_is_not_remembered() -> None:
    """A failure is raised to its caller; the next one calls the engine again."""
    engine = Engine()
    cache = ConfigCache(15, ManualClock())
    engine.failure = RuntimeError("down")
    with pytest.raises(RuntimeError):
        await cache.get(engine.fetch)
    engine.failure = None
    assert (await cache.get(engine.fetch)).values == {"asked": "2"}


async def test_a_caller_that_gives_up_does_not_cancel_the_fetch() -> None:
    """The call goes on for the callers that still wait."""
    cache = ConfigCache(15, ManualClock())
    answer: asyncio.Future[StoredConfig] = asyncio.get_running_loop().create_future()
    first = asyncio.create_task(cache.get(lambda: answer))
    second = asyncio.create_task(cache.get(lambda: answer))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    answer.set_result(StoredConfig({"a": "b"}, 1))
    assert (await second).values == {"a": "b"}


async def test_a_caller_that_waits_during_a_push_gets_what_came_after_it() -> None:
    """The response on its way may be older than the push; callers before and after share one."""
    engine, cache = Engine(), ConfigCache(15, ManualClock())
    before = [asyncio.create_task(cache.get(engine.fetch)) for _ in range(3)]
    await asyncio.sleep(0)
    cache.pushed({})
    after = [asyncio.create_task(cache.get(engine.fetch)) for _ in range(3)]
    found = await asyncio.gather(*before, *after)
    assert [config.values for config in found] == [{"asked": "2"}] * 6


@pytest.mark.parametrize("pushes", [1, 2, 3, 4])
async def test_pushes_in_a_row_are_all_seen(pushes: int) -> None:
    """A caller that waits during several pushes gets what came after the last one."""
    cache, asked = ConfigCache(15, ManualClock()), list[int]()

    async def pushed_meanwhile() -> StoredConfig:
        asked.append(1)
        values = {"asked": str(len(asked))}
        if len(asked) <= pushes:
            cache.pushed({})
        return StoredConfig(values, len(asked))

    assert (await cache.get(pushed_meanwhile)).values == {"asked": str(pushes + 1)}


async def test_pushes_without_end_do_not_keep_a_caller() -> None:
    """It gets the fifth response, whatever comes."""
    cache, asked = ConfigCache(15, ManualClock()), list[int]()

    async def pushed_meanwhile() -> StoredConfig:
        asked.append(1)
        cache.pushed({})
        return StoredConfig({}, len(asked))

    assert (await cache.get(pushed_meanwhile)).values == {}
    assert len(asked) == 5
