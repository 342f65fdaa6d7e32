"""Health checks that hang, fail or ignore their cancellation: each caller gets an answer."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from mirastack_sdk._runtime.agent_service import AuthorTimeouts
from mirastack_sdk._runtime.calls.author_call import AuthorCall
from tests.reliability.author.bench import TIMEOUT, Agent, calling, errors_in

SHORT = AuthorTimeouts(health_check=0.1, cancelled=0.05)


class WaitingAgent(Agent):
    """An agent whose health check waits, and counts how often it was started."""

    def __init__(self) -> None:
        super().__init__()
        self.runs = 0
        self.started, self.release = asyncio.Event(), asyncio.Event()

    async def health_check(self) -> None:
        self.runs += 1
        self.started.set()
        await self.release.wait()


class StubbornAgent(WaitingAgent):
    """Its health check ignores every cancellation until `release` is set."""

    async def health_check(self) -> None:
        self.runs += 1
        while not self.release.is_set():
            try:
                await self.release.wait()
            except asyncio.CancelledError:
                self.started.set()


class BlockingHealth(Agent):
    """Its health check blocks a thread until `release` is set, and then fails."""

    def __init__(self) -> None:
        super().__init__()
        self.runs = 0
        self.release = threading.Event()

    def health_check(self) -> None:
        self.runs += 1
        assert self.release.wait(TIMEOUT)
        raise ConnectionError("backend refused")


@pytest.fixture
async def stubborn() -> AsyncIterator[StubbornAgent]:
    agent = StubbornAgent()
    yield agent
    agent.release.set()


@pytest.fixture
def blocking() -> Iterator[BlockingHealth]:
    agent = BlockingHealth()
    yield agent
    agent.release.set()


async def test_a_check_that_hangs_is_unhealthy_when_its_time_is_over() -> None:
    """The response says how long the check was given; executions go on meanwhile."""
    agent = WaitingAgent()
    async with calling(agent, timeouts=SHORT) as caller:
        asking = asyncio.create_task(caller.health())
        await agent.started.wait()
        assert (await caller.answer()).success
        reply = await asking
        assert not reply.healthy
        assert reply.message == "health_check did not end within 0.1 s"
        # It has been cancelled: the next one is a new one.
        agent.release.set()
        assert (await caller.health()).healthy
    assert agent.runs == 2


async def test_a_check_is_answered_before_its_caller_gives_up() -> None:
    """A caller with a short deadline gets a response that says what is taking so long."""
    async with calling(WaitingAgent()) as caller:
        reply = await caller.health(timeout=0.5)
    assert not reply.healthy
    assert reply.message.startswith("health_check did not end within 0.4")


async def test_concurrent_callers_share_the_running_check() -> None:
    """Fifty concurrent calls share one check, and all get its outcome."""
    agent = WaitingAgent()
    async with calling(agent) as caller:
        asking = [asyncio.create_task(caller.health()) for _ in range(50)]
        await agent.started.wait()
        for _ in range(3):
            assert (await caller.answer()).success
        agent.release.set()
        replies = await asyncio.gather(*asking)
        assert all(reply.healthy for reply in replies)
        assert agent.runs == 1
        await caller.health()
    assert agent.runs == 2


async def test_one_who_gives_up_does_not_end_the_check_of_the_others() -> None:
    """A caller that cancels does not end the check for the others."""
    agent = WaitingAgent()
    async with calling(agent) as caller:
        first, second = (asyncio.create_task(caller.health()) for _ in range(2))
        await agent.started.wait()
        assert (await caller.answer()).success
        first.cancel()
        assert (await caller.answer()).success
        agent.release.set()
        assert (await second).healthy
    assert agent.runs == 1


async def test_checks_do_not_pile_up_behind_one_that_goes_on(
    stubborn: StubbornAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a cancelled check is still running, calls get a response at once and start no other."""
    async with calling(stubborn, timeouts=SHORT) as caller:
        await caller.health()
        await stubborn.started.wait()
        with monkeypatch.context() as patched:
            # No call waits for the check.
            patched.delattr(AuthorCall, "ends_within")
            replies = [await caller.health() for _ in range(20)]
        assert {reply.message for reply in replies} == {"health_check did not end within 0.1 s"}
        assert stubborn.runs == 1
        stubborn.release.set()
        async with asyncio.timeout(TIMEOUT):
            while not (await caller.health()).healthy:
                pass


async def test_checks_do_not_pile_up_behind_a_blocked_thread(
    blocking: BlockingHealth, caplog: pytest.LogCaptureFixture
) -> None:
    """A blocking check uses one thread, however many calls come; its late failure is logged."""
    async with calling(blocking, timeouts=SHORT) as caller:
        replies = [await caller.health() for _ in range(20)]
        assert not any(reply.healthy for reply in replies)
        assert blocking.runs == 1
        blocking.release.set()
        async with asyncio.timeout(TIMEOUT):
            while (await caller.health()).message != "backend refused":
                pass
    messages = {record.getMessage() for record in errors_in(caplog)}
    assert "health_check raised an exception after its cancellation" in messages


@pytest.mark.contract(
    "From the documented API to the wire: an exception from health_check is healthy=false"
)
@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ConnectionError("backend returned HTTP 503"), id="exception"),
        pytest.param(SystemExit("backend returned HTTP 503"), id="exit"),
        pytest.param(KeyboardInterrupt("backend returned HTTP 503"), id="interrupt"),
        pytest.param(asyncio.CancelledError("backend returned HTTP 503"), id="cancelled"),
    ],
)
async def test_what_a_check_raises_is_its_answer(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    """The agent is unhealthy with the exception's text, which is logged once for all callers."""

    async def fail() -> None:
        raise error

    agent = Agent()
    agent.health_check = fail  # type: ignore[method-assign] # replaced for the test
    async with calling(agent) as caller:
        reply = await caller.health()
        await caller.require_well()
    assert (reply.healthy, reply.message) == (False, "backend returned HTTP 503")
    assert len(errors_in(caplog)) == 1


@pytest.mark.contract(
    'From the documented API to the wire: health_check is healthy with "ok" unless it raises'
)
async def test_a_check_that_answers_is_healthy_whatever_it_answers() -> None:
    """A check that does not raise is healthy: what it returns is ignored."""

    async def deny() -> bool:
        return False

    agent = Agent()
    agent.health_check = deny  # type: ignore[assignment] # the wrong thing on purpose
    async with calling(agent) as caller:
        assert (await caller.health()).healthy
