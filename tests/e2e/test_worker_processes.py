"""The worker processes of an agent, as its engine and its operator see them."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from mirastack_sdk.testing import LocalEngine
from tests.e2e.agent_process import AGENTS, AgentProcess, agent_process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="waits for ends as Linux does")
LONG = 600.0
COMMAND = "from mirastack_sdk._cli.entry_point import main; main()"


async def held(agent: AgentProcess, name: str = "held") -> tuple[int, int]:
    """Wait until the action holds; return the worker's id, and that of the process it started."""
    _, worker, child = (await agent.logged(f"{name} ", timeout=60)).split()
    return int(worker), int(child)


async def gone(*pids: int) -> None:
    """Wait until processes have ended."""
    async with asyncio.timeout(60):
        await asyncio.gather(*map(_ended, pids))


async def _ended(pid: int) -> None:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def test_a_killed_worker_fails_its_call_only() -> None:
    """The engine reads one sentence, another call goes on, and the next one runs."""
    async with (
        LocalEngine() as engine,
        agent_process(
            "computing.py", engine=engine.address, MIRASTACK_PLUGIN_WORKER_PROCESSES="2"
        ) as agent,
    ):
        computing = await engine.wait_registered("computing", timeout=60)
        calls = [
            asyncio.create_task(
                computing.execute("hold", {"name": name, "seconds": seconds}, timeout=120)
            )
            for name, seconds in (("killed", LONG), ("kept", 1))
        ]
        worker, child = await held(agent, "killed")
        kept, _ = await held(agent, "kept")
        os.kill(worker, signal.SIGKILL)
        killed, other = await asyncio.gather(*calls)
        os.kill(child, signal.SIGKILL)
        assert not killed.success
        assert killed.error == (
            "the worker process that ran the action was ended by SIGKILL, as it is when memory "
            "runs out; the next call gets another one"
        )
        assert other.output == {"result": str(kept)}
        again = await computing.execute("process_id", timeout=120)
        assert again.success
        agent.signal()
        assert await agent.ended() == 0


async def test_a_deadline_kills_the_worker_and_what_it_has_started() -> None:
    """Neither goes on computing for nobody."""
    async with (
        LocalEngine() as engine,
        agent_process("computing.py", engine=engine.address) as agent,
    ):
        computing = await engine.wait_registered("computing", timeout=60)
        hold = {"name": "held", "seconds": LONG}
        call = asyncio.create_task(computing.execute("hold", hold, timeout=120))
        pids = await held(agent)
        call.cancel()
        await gone(*pids)
        assert (await computing.execute("process_id", timeout=120)).success


async def test_the_end_of_the_agent_ends_its_workers() -> None:
    """Even when it is killed, no process is left behind."""
    async with (
        LocalEngine() as engine,
        agent_process("computing.py", engine=engine.address) as agent,
    ):
        computing = await engine.wait_registered("computing", timeout=60)
        hold = {"name": "held", "seconds": LONG}
        call = asyncio.create_task(computing.execute("hold", hold, timeout=120))
        pids = await held(agent)
        agent.signal(signal.SIGKILL)
        await gone(*pids)
        call.cancel()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_call_is_drained(number: signal.Signals) -> None:
    """A signal to the agent and its workers lets a call finish, and then ends them all."""
    async with (
        LocalEngine() as engine,
        agent_process(
            "computing.py", engine=engine.address, MIRASTACK_PLUGIN_SHUTDOWN_GRACE="60"
        ) as agent,
    ):
        computing = await engine.wait_registered("computing", timeout=60)
        hold = {"name": "held", "seconds": 1}
        call = asyncio.create_task(computing.execute("hold", hold, timeout=120))
        pids = await held(agent)
        os.kill(pids[0], number)
        agent.signal(number)
        assert (await call).output == {"result": str(pids[0])}
        assert await agent.ended() == 0
        await gone(*pids)
        assert not any("Traceback" in line for line in agent.log)


async def test_standard_output_stays_the_agents() -> None:
    """What an action prints is on standard error."""
    async with (
        LocalEngine() as engine,
        agent_process("computing.py", engine=engine.address) as agent,
    ):
        computing = await engine.wait_registered("computing", timeout=60)
        await computing.execute("process_id", timeout=120)
        await agent.logged("not the port line")
        agent.signal()
        assert await agent.ended() == 0
    assert len(agent.stdout) == 1


async def test_an_exception_of_the_program_is_cleaned_and_logged() -> None:
    """The engine gets its text without secrets, the log its traceback."""
    async with (
        LocalEngine() as engine,
        agent_process("computing.py", engine=engine.address) as agent,
    ):
        computing = await engine.wait_registered("computing", timeout=60)
        text = "cannot reach https://user:pa55word@vm.internal/api"
        result = await computing.execute("fail", {"text": text}, timeout=120)
        assert result.error.startswith("cannot reach")
        assert "pa55word" not in result.error
        await agent.logged("    OwnError: cannot reach")
        await agent.logged("raise OwnError(text)")
    assert not any("pa55word" in line for line in agent.log)


async def test_a_program_that_serves_when_it_is_imported() -> None:
    """Its call fails with the sentence that helps, and no second agent starts."""
    async with (
        LocalEngine() as engine,
        agent_process("unguarded.py", engine=engine.address) as agent,
    ):
        unguarded = await engine.wait_registered("unguarded", timeout=60)
        result = await unguarded.execute("compute", timeout=120)
        assert result.error == (
            "the agent's program serves when a worker process imports it: call serve() below "
            '`if __name__ == "__main__":`'
        )
        await ended_in_order(agent)
    assert len(agent.stdout) == 1
    assert len(engine.registrations) == 1


async def ended_in_order(agent: AgentProcess) -> None:
    """Stop the agent."""
    agent.signal()
    assert await agent.ended() == 0


async def called(folder: Path, action: str) -> tuple[int, str]:
    """Call an action of the file from a folder; return the agent's process and the output."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", COMMAND, "call", str(AGENTS / "computing.py"), action),
        cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate(b"for the agent")
    assert process.returncode == 0, errors.decode()
    return process.pid, output.decode()


async def test_the_command_line_calls_such_an_action_of_a_file(tmp_path: Path) -> None:
    """The worker finds a function of a file that is loaded from another folder."""
    agent, output = await called(tmp_path, "process_id")
    assert int(output.split()[-1]) != agent


async def test_standard_input_stays_the_agents(tmp_path: Path) -> None:
    """Neither a worker nor a program that it starts reads what is there."""
    _, output = await called(tmp_path, "read_input")
    assert json.loads(output) == ["", ""]
