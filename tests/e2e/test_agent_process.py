"""A real agent process, as an engine and an operator see it."""

import asyncio
import signal

import pytest

from mirastack_sdk.testing import Encoding, LocalEngine
from tests.e2e.agent_process import agent_process


@pytest.mark.contract(
    "How agents are deployed: the engine reads the port line of the process that it started"
)
@pytest.mark.contract("Who calls whom: one line with the port on standard output")
async def test_the_port_line_stands_alone_on_standard_output() -> None:
    """Standard output carries the port and nothing else; the log goes to standard error."""
    async with LocalEngine() as engine, agent_process("worker.py", engine=engine.address) as agent:
        registered = await engine.wait_registered("worker", timeout=30)
        assert registered.address == f"127.0.0.1:{await agent.port()}"
        await agent.logged("registered with the engine")
        agent.signal()
        assert await agent.ended() == 0
    assert len(agent.stdout) == 1


@pytest.mark.contract("Who calls whom: a signal deregisters first, then drains, then stops")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_signals_end_it_in_order(number: signal.Signals) -> None:
    """After either signal it deregisters and stops with status 0, without a traceback."""
    async with LocalEngine() as engine, agent_process("worker.py", engine=engine.address) as agent:
        await engine.wait_registered("worker", timeout=30)
        agent.signal(number)
        assert await agent.ended() == 0
    assert [record.known for record in engine.deregistrations] == [True]
    assert not any("Traceback" in line for line in agent.log)


@pytest.mark.contract(
    "Environment: MIRASTACK_ENGINE_ADDR, without it the agent serves unregistered"
)
async def test_without_an_engine_it_serves_unregistered() -> None:
    """Without an engine's address it serves, logs a warning, and stops on a signal."""
    async with agent_process("worker.py") as agent:
        line = await agent.logged("serving unregistered")
        assert "WARNING" in line
        await agent.port()
        agent.signal()
        assert await agent.ended() == 0


@pytest.mark.contract("Quality gates: the process exits with status 1, one violation a line")
@pytest.mark.contract("Who calls whom: the metadata is checked before the port is bound")
async def test_a_plugin_that_no_engine_accepts() -> None:
    """Each violation has its own sentence; the status is 1, and no port is printed."""
    async with agent_process("wrong.py") as agent:
        assert await agent.ended() == 1
    assert agent.stdout == []
    text = "\n".join(agent.log)
    assert "Traceback" not in text
    for expected in ("name", "cooking", "Get-Status"):
        assert any(expected in line for line in agent.log), text


@pytest.mark.contract("Environment: a value that cannot be used stops the start and is named")
async def test_variables_that_cannot_be_used() -> None:
    """Each invalid variable is named; the status is 1, and no port is printed."""
    async with agent_process(
        "worker.py", engine="nowhere", MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL="often"
    ) as agent:
        assert await agent.ended() == 1
    assert agent.stdout == []
    text = "\n".join(agent.log)
    assert "Traceback" not in text
    assert "MIRASTACK_ENGINE_ADDR" in text
    assert "MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL" in text


async def test_a_thousand_calls_in_flight_over_ten_connections() -> None:
    """A thousand calls run at once, and each gets its response."""
    async with LocalEngine() as engine, agent_process("worker.py", engine=engine.address):
        await engine.wait_registered("worker", timeout=30)
        clients = [engine.connect("worker", list(Encoding)[index % 2]) for index in range(10)]
        calls = [
            client.execute("gather", {"number": 1000}, timeout=120)
            for client in clients
            for _ in range(100)
        ]
        results = await asyncio.gather(*calls)
        for client in clients:
            client.close()
    assert len(results) == 1000
    assert all(result.success for result in results)


@pytest.mark.contract(
    "From the documented API to the wire: no address, credential, path or traceback leaves"
)
@pytest.mark.contract(
    "From the documented API to the wire: an exception from execute is success=false, and is logged"
)
async def test_an_exception_is_cleaned() -> None:
    """The engine sees no address, credential or path; the log lacks the credentials only."""
    text = "cannot reach https://user:pa55word@vm.internal:8428/api?token=abc from /srv/agent.py"
    async with LocalEngine() as engine, agent_process("worker.py", engine=engine.address) as agent:
        registered = await engine.wait_registered("worker", timeout=30)
        result = await registered.execute("fail", {"text": text})
        await agent.logged("RuntimeError: cannot reach")
    assert not result.success
    assert result.error.startswith("cannot reach")
    for secret in ("pa55word", "vm.internal", "8428", "abc", "/srv", "Traceback"):
        assert secret not in result.error
    shown = text.replace("user:pa55word", "[secret]").replace("=abc", "=[secret]")
    assert any(shown in line for line in agent.log)
    assert any("Traceback" in line for line in agent.log)


@pytest.mark.contract("Who calls whom: during an Execute the agent calls the engine")
@pytest.mark.parametrize("encoding", list(Encoding))
async def test_callbacks_in_the_encoding_of_the_engine(encoding: Encoding) -> None:
    """An engine that understands one encoding gets callbacks in that encoding."""
    async with (
        LocalEngine(encodings=[encoding]) as engine,
        agent_process("worker.py", engine=engine.address),
    ):
        registered = await engine.wait_registered("worker", timeout=30)
        result = await registered.execute("cache", encoding=encoding)
        assert result.output == {"result": '"kept"'}
        assert {call.encoding for call in engine.calls_of("cache_get")} == {encoding}
