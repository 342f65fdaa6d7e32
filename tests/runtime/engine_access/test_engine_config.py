"""The engine's stored config reaches the author, and never replaces a newer push."""

import asyncio

import pytest

from mirastack_sdk.errors import EngineError
from tests.runtime.engine_access.config_bench import TIMEOUT, Bench, running, settled


@pytest.mark.contract("Configuration at the start: GetConfig is asked after each registration")
async def test_nothing_is_asked_before_the_registration() -> None:
    """The engine is not asked before the registration, when it does not know the agent."""
    async with running(Bench()) as bench:
        bench.answer("a")
        await asyncio.wait({asyncio.create_task(bench.config.wait(TIMEOUT))}, timeout=0)
        assert bench.asked == 0


@pytest.mark.contract("Configuration at the start: GetConfig is asked after each registration")
async def test_each_registration_asks() -> None:
    """Each registration reads the configuration, since it may have changed without a push."""
    async with running(Bench()) as bench:
        for count, url in enumerate(("a", "b"), start=1):
            bench.answer(url)
            bench.config.on_registered()
            await bench.is_asked(count)
            await bench.config.wait(TIMEOUT)
        await bench.has_taken("a", "b")


async def test_executions_wait_for_the_first_answer() -> None:
    """Executions wait for the first response only."""
    async with running(Bench()) as bench:
        bench.config.on_registered()
        waiting = asyncio.create_task(bench.config.wait(TIMEOUT))
        await bench.is_asked(1)
        assert not waiting.done()
        bench.answer("a")
        await waiting
        assert bench.taken == ["a"]


@pytest.mark.contract("Configuration at the start: a push wins over an older answer")
async def test_an_older_answer_gives_way_to_a_push() -> None:
    """A push during the request wins: it is at least as new as the response."""
    async with running(Bench()) as bench:
        bench.config.on_registered()
        await bench.is_asked(1)
        await bench.push("pushed")
        bench.answer("older")
        await bench.config.wait(TIMEOUT)
        bench.config.on_registered()
        bench.answer("newer")
        await bench.is_asked(2)
        await bench.has_taken("pushed", "newer")


async def test_a_refused_push_costs_no_answer() -> None:
    """After a refused push, the dropped response is requested again."""
    async with running(Bench()) as bench:
        bench.config.on_registered()
        await bench.is_asked(1)
        await bench.push("bad")
        bench.answer("older")
        bench.answer("kept")
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
        bench.answer("a")
        bench.clock.advance(2.0)
        await bench.is_asked(2)
        await bench.has_taken("a")


async def test_a_refused_answer_is_remembered_until_another_is_taken() -> None:
    """Health checks report a refused config until another one is accepted."""
    async with running(Bench()) as bench:
        bench.answer("bad")
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


@pytest.mark.contract("Configuration at the start: a newer version is taken over with a heartbeat")
async def test_a_newer_version_is_taken_with_a_heartbeat() -> None:
    """A push reaches one replica only: the others find the newer version at a heartbeat."""
    async with running(Bench()) as bench:
        bench.config.on_registered()
        for url, version in (("a", 3), ("a", 4), ("b", 5), ("older", 4)):
            bench.answer(url, version)
            await bench.beat()
            await settled(bench)
        assert bench.taken == ["a", "b"]


@pytest.mark.contract("Configuration at the start: config_updated gets what is not empty, and new")
async def test_an_engine_without_versions_is_compared_by_content() -> None:
    """With version 0 the content decides."""
    async with running(Bench()) as bench:
        bench.config.on_registered()
        for url in ("a", "a", "b"):
            bench.answer(url)
            await bench.beat()
            await settled(bench)
        assert bench.taken == ["a", "b"]


@pytest.mark.contract("Configuration at the start: config_updated gets what is not empty, and new")
async def test_a_pushed_config_is_not_handed_over_twice() -> None:
    """What was pushed already is not applied again when GetConfig returns it."""
    async with running(Bench()) as bench:
        bench.config.on_registered()
        await bench.is_asked(1)
        await bench.push("a", 7)
        bench.answer("a", 7)
        await settled(bench)
        bench.answer("a", 7)
        await bench.beat()
        await settled(bench)
        assert bench.taken == ["a"]


async def test_a_registration_ignores_the_version() -> None:
    """A restarted engine may count from the start: after a registration the content decides."""
    async with running(Bench()) as bench:
        bench.answer("a", 9)
        bench.config.on_registered()
        await bench.has_taken("a")
        bench.answer("b", 1)
        bench.config.on_registered()
        await bench.has_taken("a", "b")


@pytest.mark.contract("Configuration at the start: config_updated gets what is not empty, and new")
async def test_an_empty_config_is_not_handed_over() -> None:
    """An engine that stores nothing changes nothing, and holds no execution up."""
    async with running(Bench()) as bench:
        bench.answer("")
        bench.config.on_registered()
        await bench.config.wait(TIMEOUT)
        assert bench.asked == 1
        assert bench.taken == []


async def test_a_refused_config_is_offered_again(caplog: pytest.LogCaptureFixture) -> None:
    """The author gets a refused config again at each heartbeat; the same reason is logged once."""
    async with running(Bench()) as bench:
        bench.config.on_registered()
        for _ in range(2):
            bench.answer("bad", 1)
            await bench.beat()
            await settled(bench)
        assert caplog.text.count("the engine's config is refused: bad is no URL") == 1
        bench.bad.clear()
        bench.answer("bad", 1)
        await bench.beat()
        await bench.has_taken("bad")
        assert bench.config.refusal == ""


async def test_a_refused_push_is_offered_again() -> None:
    """What the author refused when it was pushed is offered again at the next heartbeat."""
    async with running(Bench()) as bench:
        bench.answer("a", 1)
        bench.config.on_registered()
        await bench.has_taken("a")
        await bench.push("bad", 2)
        bench.bad.clear()
        bench.answer("bad", 2)
        await bench.beat()
        await bench.has_taken("a", "bad")


async def test_after_a_refused_push_the_old_config_is_handed_over_again() -> None:
    """Nobody knows what the author kept of a refused config, so none counts as applied."""
    async with running(Bench()) as bench:
        bench.answer("a", 1)
        bench.config.on_registered()
        await bench.has_taken("a")
        await bench.push("bad", 2)
        bench.answer("a", 1)
        await bench.beat()
        await bench.has_taken("a", "a")


@pytest.mark.parametrize("is_first", [True, False])
async def test_a_cancelled_push_loses_nothing(*, is_first: bool) -> None:
    """A push whose caller gives up is fetched soon, also if it replaced the first answer."""
    async with running(Bench()) as bench:
        bench.config.on_registered()
        await bench.is_asked(1)
        if not is_first:
            bench.answer("a", 1)
            await bench.has_taken("a")
        push = asyncio.create_task(bench.push("slow", 2))
        await settled(bench)
        push.cancel()
        await asyncio.wait((push,))
        if is_first:
            bench.answer("dropped", 1)
        bench.answer("pushed", 2)
        await bench.has_taken(*([] if is_first else ["a"]), "pushed")


async def test_an_error_of_ours_does_not_end_the_fetching(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an unexpected error the next heartbeat fetches again."""
    async with running(Bench()) as bench:
        with monkeypatch.context() as broken:
            broken.setattr(bench.cache, "expire", lambda: 1 / 0)
            bench.config.on_registered()
            await bench.config.wait(TIMEOUT)
        assert "the config could not be fetched" in caplog.text
        assert "ZeroDivisionError" in caplog.text
        bench.answer("a")
        bench.config.on_heartbeat()
        await bench.has_taken("a")
