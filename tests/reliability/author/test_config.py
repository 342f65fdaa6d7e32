"""Pushed configurations that hang or fail: each gets its response, in order, without overlap."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.agent_service import AuthorTimeouts
from tests.reliability.author.bench import TIMEOUT, Agent, Caller, calling, errors_in

SHORT = AuthorTimeouts(config_updated=0.1)


class Taking(Agent):
    """Takes a configuration once `release` is set, and records whether two ever overlapped."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[str] = []
        self.inside = self.most_inside = 0
        self.started, self.release = asyncio.Event(), asyncio.Event()

    async def config_updated(self, config: dict[str, str]) -> None:
        self._enter()
        try:
            await self.release.wait()
            self.taken.append(config["region"])
        finally:
            self.inside -= 1

    def _enter(self) -> None:
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.started.set()


class StubbornAgent(Taking):
    """Ignores its cancellation, and takes the configuration all the same."""

    async def config_updated(self, config: dict[str, str]) -> None:
        self._enter()
        while not self.release.is_set():
            try:
                await self.release.wait()
            except asyncio.CancelledError:
                continue
        self.taken.append(config["region"])
        self.inside -= 1


class BlockingTaking(Agent):
    """The same with a plain method, in a thread."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[str] = []
        self.inside = self.most_inside = 0
        self.started, self.release = threading.Event(), threading.Event()

    def config_updated(self, config: dict[str, str]) -> None:
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.started.set()
        assert self.release.wait(TIMEOUT)
        self.taken.append(config["region"])
        self.inside -= 1


@pytest.fixture
def blocking() -> Iterator[BlockingTaking]:
    agent = BlockingTaking()
    yield agent
    agent.release.set()


async def until_taken(caller: Caller, region: str) -> wire.ConfigUpdatedResponse:
    """Push until the agent acknowledges it, as an engine does."""
    async with asyncio.timeout(TIMEOUT):
        while not (reply := await caller.push(region=region)).acknowledged:
            assert "an earlier config_updated did not end" in reply.error
    return reply


async def test_a_push_that_hangs_is_refused_when_its_time_is_over() -> None:
    """The push is refused, the author's coroutine is cancelled, and the next push works."""
    agent = Taking()
    async with calling(agent, timeouts=SHORT) as caller:
        reply = await caller.push(region="eu")
        assert not reply.acknowledged
        assert reply.error == "config_updated did not end within 0.1 s"
        agent.release.set()
        assert (await caller.push(region="us")).acknowledged
        await caller.require_well()
    assert agent.taken == ["us"]


async def test_pushes_are_taken_one_after_the_other_in_their_order() -> None:
    """Twenty concurrent pushes reach the author one at a time, in order."""
    agent = Taking()
    regions = [f"region-{number}" for number in range(20)]
    async with calling(agent) as caller:
        pushes = [asyncio.create_task(caller.push(region=region)) for region in regions]
        await agent.started.wait()
        assert (await caller.answer()).success
        agent.release.set()
        replies = await asyncio.gather(*pushes)
    assert all(reply.acknowledged for reply in replies)
    assert agent.taken == regions
    assert agent.most_inside == 1


async def test_a_push_waits_for_code_that_ignores_its_cancellation() -> None:
    """While cancelled code is still running, later pushes are refused instead of overlapping it."""
    agent = StubbornAgent()
    async with calling(agent, timeouts=SHORT) as caller:
        await caller.push(region="eu")
        reply = await caller.push(region="us")
        assert not reply.acknowledged
        assert reply.error == "an earlier config_updated did not end within 0.1 s"
        agent.release.set()
        await until_taken(caller, "us")
    assert agent.taken == ["eu", "us"]
    assert agent.most_inside == 1


async def test_a_push_waits_for_a_thread_whose_caller_has_left(blocking: BlockingTaking) -> None:
    """A blocking method whose call was cancelled does not overlap the next push."""
    async with calling(blocking) as caller:
        first = asyncio.create_task(caller.push(region="eu"))
        assert await asyncio.to_thread(blocking.started.wait, TIMEOUT)
        first.cancel()
        second = asyncio.create_task(caller.push(region="us"))
        for _ in range(3):
            await caller.require_well()
        assert not second.done()
        blocking.release.set()
        assert (await second).acknowledged
    assert blocking.taken == ["eu", "us"]
    assert blocking.most_inside == 1


async def test_a_push_whose_caller_leaves_while_it_waits_is_never_made() -> None:
    """A push that is cancelled while it waits for its turn never reaches the author."""
    agent = Taking()
    async with calling(agent) as caller:
        first = asyncio.create_task(caller.push(region="eu"))
        await agent.started.wait()
        second = asyncio.create_task(caller.push(region="never"))
        assert (await caller.answer()).success
        second.cancel()
        assert (await caller.answer()).success
        agent.release.set()
        assert (await first).acknowledged
        assert (await caller.push(region="us")).acknowledged
    assert agent.taken == ["eu", "us"]


@pytest.mark.contract(
    "From the documented API to the wire: an exception from config_updated is acknowledged=false"
)
@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ValueError("region must be one of eu, us"), id="exception"),
        pytest.param(SystemExit("region must be one of eu, us"), id="exit"),
        pytest.param(asyncio.CancelledError("region must be one of eu, us"), id="cancelled"),
    ],
)
async def test_what_is_raised_refuses_the_push(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    """The push is refused with the exception's text, which is logged once; the next push works."""
    failing = iter([error])

    async def take(_: dict[str, str]) -> None:
        for failure in failing:
            raise failure

    agent = Agent()
    agent.config_updated = take  # type: ignore[method-assign, assignment] # for this test
    async with calling(agent) as caller:
        reply = await caller.push(region="xx")
        assert (reply.acknowledged, reply.error) == (False, "region must be one of eu, us")
        assert (await caller.push(region="eu")).acknowledged
    assert len(errors_in(caplog)) == 1


async def test_a_configuration_that_the_author_changes_stays_the_authors() -> None:
    """Each push passes its own dict."""

    async def take(config: dict[str, str]) -> None:
        assert config == {"region": "eu"}
        config.clear()
        config["mine"] = "x"

    agent = Agent()
    agent.config_updated = take  # type: ignore[method-assign] # for this test
    async with calling(agent) as caller:
        for _ in range(2):
            assert (await caller.push(region="eu")).acknowledged


async def test_a_push_is_answered_before_its_caller_gives_up() -> None:
    """A caller with a short deadline gets a response that says what is taking so long."""
    agent, answered = Taking(), None
    async with calling(agent) as caller:
        # A tenth of the deadline is left for the response. A busy machine may need a longer tenth:
        # the client gives up by its own clock, which ends before the server's.
        for seconds in (0.5, 2.0, 8.0):
            with suppress(TimeoutError):
                answered = await caller.push(timeout=seconds, region="eu")
                break
    assert answered, "no answer"
    assert answered.error.startswith("config_updated did not end within ")
    assert agent.taken == []
