"""What an author's code may do to its process, which still serves and stops cleanly."""

import signal
import time
from pathlib import Path

import pytest

from mirastack_sdk.testing import LocalEngine
from mirastack_sdk.testing._local.registry import RegisteredAgent
from tests.e2e.agent_process import agent_process

SABOTEUR = Path(__file__).parent / "agents" / "saboteur.py"
GRACE = {"MIRASTACK_PLUGIN_SHUTDOWN_GRACE": "1", "MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL": "0.1"}

LOOP_GOES_ON = "something asked the event loop to end"

# What is done to one process after the other, and what the log says of it, if anything.
SURVIVED: dict[str, dict[str, str]] = {
    "loop": {
        "exit_in_a_task": LOOP_GOES_ON,
        "exit_in_a_callback": LOOP_GOES_ON,
        "stop_the_loop": LOOP_GOES_ON,
        "close_the_loop": "Cannot close a running event loop",
        "fail_in_a_task": "Task exception was never retrieved",
        "forget_the_loop": "",
        "break_the_exception_handler": LOOP_GOES_ON,
    },
    "process": {
        "clear_the_environment": "",
        "change_the_folder": "",
        "make_warnings_errors": "",
        "shorten_sockets": "",
        "close_stdout": "",
        "close_stderr": "",
        "write_a_line": "",
    },
    "descriptors": {"close_descriptors": ""},
    "log": {"break_logging": ""},
}


@pytest.mark.parametrize("sabotage", SURVIVED.values(), ids=SURVIVED)
async def test_an_agent_outlives_what_its_code_does_to_it(sabotage: dict[str, str]) -> None:
    """Its calls work, it stays registered, and a signal ends it with status 0."""
    async with (
        LocalEngine() as engine,
        agent_process(SABOTEUR, engine=engine.address, **GRACE) as agent,
    ):
        registered = await engine.wait_registered("saboteur", timeout=30)
        for action, line in sabotage.items():
            agent.log.clear()
            reply = await registered.execute(action)
            assert reply.success or reply.error in line
            if line:
                await agent.logged(line)
            await require_well(engine, registered)
        agent.signal()
        assert await agent.ended(timeout=10) == 0
        assert len(engine.deregistrations) == 1


async def test_callbacks_that_exit_for_ever_do_not_fill_the_log() -> None:
    """One line for the place that exits, however often; calls are served, and a signal ends it."""
    async with (
        LocalEngine() as engine,
        agent_process(SABOTEUR, engine=engine.address, **GRACE) as agent,
    ):
        registered = await engine.wait_registered("saboteur", timeout=30)
        assert (await registered.execute("exit_again_and_again")).success
        await require_well(engine, registered)
        agent.signal()
        assert await agent.ended(timeout=10) == 0
    assert sum(LOOP_GOES_ON in line for line in agent.log) == 1
    assert len(agent.log) < 50


async def require_well(engine: LocalEngine, agent: RegisteredAgent) -> None:
    """Check that it responds, is healthy, and goes on sending heartbeats."""
    assert (await agent.execute("answer")).success
    assert (await agent.health()).healthy
    beats = len(engine.heartbeats)
    await engine.wait_for(lambda: len(engine.heartbeats) > beats, timeout=30)


@pytest.mark.parametrize("action", ["start_a_thread", "block_an_executor"])
async def test_threads_of_the_authors_do_not_keep_the_process(action: str) -> None:
    """The process ends with status 0, although Python would wait for them for ever."""
    async with (
        LocalEngine() as engine,
        agent_process(SABOTEUR, engine=engine.address, **GRACE) as agent,
    ):
        registered = await engine.wait_registered("saboteur", timeout=30)
        assert (await registered.execute(action)).success
        began = time.monotonic()
        agent.signal(signal.SIGTERM)
        assert await agent.ended(timeout=10) == 0
        assert time.monotonic() - began < 4
        await agent.logged("ended by force")
