"""What an author's code may do to its process, which serves on and ends in order."""

import signal
import time
from pathlib import Path

import pytest

from mirastack_sdk.testing import LocalEngine
from tests.e2e.agent_process import agent_process

SABOTEUR = Path(__file__).parent / "agents" / "saboteur.py"
GRACE = {"MIRASTACK_PLUGIN_SHUTDOWN_GRACE": "1", "MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL": "0.1"}

# What is done, and what the log says of it, where there is anything to say.
SURVIVED: dict[str, str] = {
    "exit_in_a_task": "something asked the event loop to end",
    "exit_in_a_callback": "something asked the event loop to end",
    "stop_the_loop": "something asked the event loop to end",
    "close_the_loop": "Cannot close a running event loop",
    "fail_in_a_task": "Task exception was never retrieved",
    "forget_the_loop": "",
    "break_the_exception_handler": "something asked the event loop to end",
    "close_stdout": "",
    "close_stderr": "",
    "close_descriptors": "",
    "break_logging": "",
    "clear_the_environment": "",
    "change_the_folder": "",
    "make_warnings_errors": "",
    "shorten_sockets": "",
}


@pytest.mark.parametrize(("action", "line"), SURVIVED.items(), ids=SURVIVED)
async def test_an_agent_outlives_what_its_code_does_to_it(action: str, line: str) -> None:
    """Its calls are answered, it stays registered, and a signal ends it in order, with status 0."""
    async with (
        LocalEngine() as engine,
        agent_process(SABOTEUR, engine=engine.address, **GRACE) as agent,
    ):
        registered = await engine.wait_registered("saboteur", timeout=30)
        await registered.execute(action)
        if line:
            await agent.logged(line)
        assert (await registered.execute("answer")).success
        assert (await registered.health()).healthy
        beats = len(engine.heartbeats)
        await engine.wait_for(lambda: len(engine.heartbeats) > beats, timeout=30)
        agent.signal()
        assert await agent.ended(timeout=10) == 0
        assert len(engine.deregistrations) == 1


@pytest.mark.parametrize("action", ["start_a_thread", "block_an_executor"])
async def test_threads_of_the_authors_do_not_keep_the_process(action: str) -> None:
    """Python would wait for them for ever: the process ends all the same, with status 0."""
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
