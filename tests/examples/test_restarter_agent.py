"""The restarter restarts real processes under a supervisor, with approval and a cooldown."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from examples import restarter_agent
from examples.restarter_agent import agent
from mirastack_sdk import Permission
from mirastack_sdk.engine import Approval, BlastRadius
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing import LocalEngine, MockEngineClient
from tests.e2e.agent_process import agent_process
from tests.examples.supervisor import FAILS, TIMEOUT, Supervisor, supervising

PROGRAM = Path(__file__).parent.parent.parent / "examples" / "restarter_agent.py"
YES = Approval(approved=True, reviewer="ann")
LOOK = ["is-active", "cart"]
RESTARTED = "cart was restarted, and is active"


@pytest.fixture
async def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Supervisor]:
    """Two services that the agent in this process may restart, and a third that it may not."""
    async with supervising(tmp_path, "cart", "checkout", "vault") as running:
        monkeypatch.setenv("RESTARTER_SERVICES", "cart, checkout")
        monkeypatch.setenv("RESTARTER_COMMAND", running.command)
        monkeypatch.setattr(restarter_agent, "CHECK_SECONDS", 0.01)
        yield running


@pytest.fixture
def engine() -> MockEngineClient:
    """An engine whose reviewer approves."""
    mock = MockEngineClient()
    mock.answer_approvals(YES)
    return mock


async def restart(engine: MockEngineClient, service: str = "cart", *, dry_run: str = "no") -> str:
    """The outcome of a restart: its result, or the one line that says why there is none."""
    found = await agent.call(
        "restart_service",
        service=service,
        reason="it leaks",
        dry_run=dry_run,
        engine_client=engine,
    )
    if found.logs:
        (line,) = found.logs
        return line
    return found.read(str)


async def test_an_approved_restart_replaces_the_process(
    supervisor: Supervisor, engine: MockEngineClient
) -> None:
    """The service runs in a new process, and the response says that it is up."""
    before = supervisor.pid("cart"), supervisor.pid("checkout")
    assert await restart(engine) == RESTARTED
    assert supervisor.pid("cart") != before[0]
    assert supervisor.pid("checkout") == before[1]
    assert supervisor.asked == [LOOK, ["restart", "cart"], LOOK]


async def test_a_human_sees_what_is_at_stake(
    supervisor: Supervisor, engine: MockEngineClient
) -> None:
    """The request has the service, the reason and the blast radius."""
    await restart(engine)
    (asked,) = engine.calls_of("request_approval")
    assert asked.description == "Restart cart, which is active: it leaks"
    assert asked.blast_radius == BlastRadius(
        resource_type="service", resources=["cart"], estimated_count=1
    )
    assert (asked.permission, asked.timeout) == (Permission.MODIFY, 600)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        pytest.param(Approval(approved=False, comment="not today"), "not today", id="refused"),
        pytest.param(Approval(approved=False), "refused", id="refused without a word"),
        pytest.param(
            Approval(approved=False, timed_out=True), "nobody answered in time", id="nobody there"
        ),
    ],
)
async def test_without_approval_nothing_happens(
    supervisor: Supervisor, engine: MockEngineClient, answer: Approval, why: str
) -> None:
    """The response says why, and a refusal starts no cooldown."""
    engine.answer_next_approval(answer)
    assert await restart(engine) == f"cart was not restarted: {why}"
    assert supervisor.asked == [LOOK]
    assert await restart(engine) == RESTARTED


@pytest.mark.contract("Calling other agents: an agent asks only for what it finds out")
async def test_a_service_that_has_failed_needs_no_second_approval(
    supervisor: Supervisor, engine: MockEngineClient
) -> None:
    """The engine has asked before the call, and a restart of a dead service interrupts nobody."""
    working = supervisor.programs["cart"]
    supervisor.programs["cart"] = FAILS
    await supervisor.restart("cart")
    supervisor.programs["cart"] = working
    assert await restart(engine) == RESTARTED
    assert engine.calls_of("request_approval") == []


@pytest.mark.parametrize("service", ["vault", "", "--all", "cart;reboot", "cart checkout"])
async def test_what_is_not_on_the_list_is_refused(
    supervisor: Supervisor, engine: MockEngineClient, service: str
) -> None:
    """Nobody is asked, and no command receives the name."""
    line = await restart(engine, service)
    assert line == f"{service} may not be restarted: RESTARTER_SERVICES does not list it"
    assert engine.calls == []
    assert supervisor.asked == []


async def test_without_a_list_nothing_may_be_restarted(
    supervisor: Supervisor, engine: MockEngineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing list does not mean every service."""
    monkeypatch.delenv("RESTARTER_SERVICES")
    assert await restart(engine) == "cart may not be restarted: RESTARTER_SERVICES does not list it"


async def test_a_dry_run_only_looks(supervisor: Supervisor, engine: MockEngineClient) -> None:
    """No human is asked, and nothing is restarted or stored."""
    assert await restart(engine, dry_run="yes") == "cart would be restarted; it is active"
    assert engine.calls_of("request_approval") == []
    assert supervisor.asked == [["is-active", "cart"]]
    assert await restart(engine) == RESTARTED


async def test_a_slip_in_dry_run_restarts_nothing(
    supervisor: Supervisor, engine: MockEngineClient
) -> None:
    """An invalid value of `dry_run` is refused instead of guessed."""
    found = await agent.call(
        "restart_service", service="cart", reason="x", dryrun="true", engine_client=engine
    )
    assert found.logs[0].startswith("restart_service was not run")
    assert supervisor.asked == []


async def test_a_service_rests_after_a_restart(
    supervisor: Supervisor, engine: MockEngineClient
) -> None:
    """The cooldown of each service is five minutes, in which no human is asked."""
    await restart(engine)
    engine.clock.advance(299)
    assert await restart(engine) == "a restart of cart was tried less than 300 s ago"
    assert len(engine.calls_of("request_approval")) == 1
    assert await restart(engine, "checkout") == "checkout was restarted, and is active"
    engine.clock.advance(1)
    assert await restart(engine) == RESTARTED


async def test_two_that_are_approved_at_once_restart_it_once(
    supervisor: Supervisor, engine: MockEngineClient
) -> None:
    """The second approved call finds that the restart has been done."""
    asked, go = asyncio.Semaphore(0), asyncio.Event()

    async def both_at_once(request: object) -> Approval:
        asked.release()
        await go.wait()
        return YES

    engine.answer_approvals(both_at_once)
    async with asyncio.timeout(TIMEOUT), asyncio.TaskGroup() as tasks:
        calls = [tasks.create_task(restart(engine)) for _ in range(2)]
        await asked.acquire()
        await asked.acquire()
        go.set()
    assert sorted(call.result() for call in calls) == [
        "a restart of cart was tried less than 300 s ago",
        RESTARTED,
    ]
    assert supervisor.asked.count(["restart", "cart"]) == 1


async def test_a_failed_command_is_answered_with_its_words(
    supervisor: Supervisor, engine: MockEngineClient
) -> None:
    """The response has the output of the command."""
    supervisor.refusal = "Failed to restart cart: Access denied"
    line = "cart could not be restarted: Failed to restart cart: Access denied"
    assert await restart(engine) == line
    assert engine.events == []


async def test_a_service_that_does_not_come_up_is_reported(
    supervisor: Supervisor, engine: MockEngineClient
) -> None:
    """The agent checks the service even if the command succeeded."""
    supervisor.programs["cart"] = FAILS
    assert await restart(engine) == "cart was restarted, but is failed"
    (event,) = engine.events
    assert (event.event, event.data) == ("restarted", {"service": "cart", "state": "failed"})


async def test_a_service_may_take_its_time_to_start(
    supervisor: Supervisor, engine: MockEngineClient
) -> None:
    """The agent checks repeatedly until the service is up."""
    supervisor.starting["cart"] = 3
    assert await restart(engine) == RESTARTED
    assert supervisor.asked.count(["is-active", "cart"]) == 4


async def test_a_service_that_starts_for_ever_is_reported(
    supervisor: Supervisor, engine: MockEngineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent stops waiting for it."""
    monkeypatch.setattr(restarter_agent, "CHECKS", 2)
    supervisor.starting["cart"] = 100
    assert await restart(engine) == "cart was restarted, but is activating"


async def test_a_command_that_hangs_is_ended(
    supervisor: Supervisor, engine: MockEngineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process has ended when the response arrives."""
    monkeypatch.setattr(restarter_agent, "COMMAND_SECONDS", 1)
    supervisor.holds = True
    async with asyncio.timeout(TIMEOUT):
        assert await restart(engine) == "is-active cart took over 1 s"
    await supervisor.quiet()


async def test_a_cancelled_restart_leaves_no_process(
    supervisor: Supervisor, engine: MockEngineClient
) -> None:
    """The running command is ended."""
    supervisor.holds = True
    call = asyncio.create_task(restart(engine))
    await asyncio.wait_for(supervisor.held.wait(), TIMEOUT)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(call, TIMEOUT)
    await supervisor.quiet()


async def test_without_an_engine_there_is_no_restart(
    supervisor: Supervisor, engine: MockEngineClient
) -> None:
    """Nothing happens if nobody can be asked."""
    engine.fail_next("request_approval", EngineError("down", reason="unavailable"))
    with pytest.raises(EngineError):
        await restart(engine)
    assert supervisor.asked == [LOOK]


async def test_the_states_are_returned(supervisor: Supervisor) -> None:
    """Reading the state of each service on the list needs no approval."""
    supervisor.programs["checkout"] = FAILS
    await supervisor.restart("checkout")
    found = await agent.call("service_states")
    assert found.value == {"cart": "active", "checkout": "failed"}
    permissions = {action.name: action.permission for action in agent.schema().actions}
    assert permissions == {"service_states": Permission.READ, "restart_service": None}
    assert agent.info().permission is Permission.MODIFY


async def test_without_its_command_the_agent_is_unhealthy(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent could not restart anything."""
    healthy = agent.health_check()
    assert healthy is not None
    await healthy
    monkeypatch.setenv("RESTARTER_COMMAND", f"{sys.prefix}/no-such-command")
    unhealthy = agent.health_check()
    assert unhealthy is not None
    with pytest.raises(FileNotFoundError):
        await unhealthy


async def test_it_serves_an_engine(supervisor: Supervisor) -> None:
    """The process asks a human through the engine, restarts and reports; a cancelled call ends."""
    environ = {"RESTARTER_SERVICES": "cart", "RESTARTER_COMMAND": supervisor.command}
    params = {"service": "cart", "reason": "it leaks"}
    async with (
        LocalEngine() as engine,
        agent_process(PROGRAM, engine=engine.address, **environ) as process,
    ):
        client = await engine.wait_registered("restarter_agent")
        assert (await client.health()).healthy
        engine.answer_next_approval(Approval(approved=False, comment="not today"))
        engine.answer_approvals(YES)
        refused = await client.execute("restart_service", params)
        assert refused.logs == ["cart was not restarted: not today"]
        before = supervisor.pid("cart")
        done = await client.execute("restart_service", params)
        assert done.output == {"result": f'"{RESTARTED}"'}
        assert supervisor.pid("cart") != before
        assert [event.data["state"] for event in engine.events] == ["active"]
        assert [asked.description for asked in engine.approvals] == [
            "Restart cart, which is active: it leaks"
        ] * 2
        supervisor.holds = True
        call = asyncio.create_task(client.execute("service_states"))
        await asyncio.wait_for(supervisor.held.wait(), TIMEOUT)
        call.cancel()
        await supervisor.quiet()
        process.signal()
        assert await process.ended() == 0
        assert engine.violations == []
