"""The metrics of an agent as a process: from its start to its end."""

import asyncio
import signal
from pathlib import Path

import pytest

from mirastack_sdk.testing import AgentCallError, LocalEngine
from tests.e2e.agent_process import agent_process
from tests.e2e.scraped import metrics_port, scrape

ON = {"MIRASTACK_METRICS_ADDR": "127.0.0.1:0"}
BLOCKED = "mirastack_agent_event_loop_blocked_seconds"


async def test_a_blocked_agent_can_still_be_read() -> None:
    """While the author's code blocks the loop, the metrics say for how long; SIGKILL ends it."""
    async with (
        LocalEngine() as engine,
        agent_process("measured.py", engine=engine.address, **ON) as agent,
    ):
        registered = await engine.wait_registered("measured", timeout=30)
        port = await metrics_port(agent)
        blocking = asyncio.create_task(registered.execute("block"))
        async with asyncio.timeout(60):
            while (page := await asyncio.to_thread(scrape, port)).value(BLOCKED) < 1:
                assert not blocking.done()
        agent.signal(signal.SIGKILL)
        with pytest.raises(AgentCallError):
            await blocking
    assert page.status == 200


async def test_the_port_closes_with_the_agent() -> None:
    """After SIGTERM the process ends with status 0, also with a scraper's connection open."""
    async with agent_process("measured.py", **ON) as agent:
        port = await metrics_port(agent)
        await agent.port()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert (await asyncio.to_thread(scrape, port)).value("mirastack_agent_build_info") == 1
        agent.signal()
        assert await agent.ended() == 0
        assert await reader.read() == b""
        writer.close()
        with pytest.raises(OSError, match="refused"):
            await asyncio.to_thread(scrape, port)
    assert not [line for line in agent.log if "Traceback" in line or "metrics' thread" in line]


async def test_without_the_extra(tmp_path: Path) -> None:
    """The process ends with status 1 and a sentence that says what to install."""
    (tmp_path / "prometheus_client.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'prometheus_client'\", "
        "name='prometheus_client')\n"
    )
    async with agent_process("measured.py", PYTHONPATH=str(tmp_path), **ON) as agent:
        assert await agent.ended() == 1
    text = "\n".join(agent.log)
    assert agent.stdout == []
    assert (
        "MIRASTACK_METRICS_ADDR is set, but prometheus_client is not installed: "
        'pip install "mirastack-agents-sdk-python[metrics]"'
    ) in text
    assert "Traceback" not in text


async def test_off_prometheus_client_is_not_imported(tmp_path: Path) -> None:
    """Unless metrics are on, an agent starts without the package."""
    (tmp_path / "prometheus_client.py").write_text("raise AssertionError('imported')\n")
    async with agent_process("measured.py", PYTHONPATH=str(tmp_path)) as agent:
        await agent.port()
        agent.signal()
        assert await agent.ended() == 0


async def test_a_port_in_use_stops_the_start() -> None:
    """The sentence names the variable and the reason."""
    async with agent_process("measured.py", **ON) as first:
        taken = f"127.0.0.1:{await metrics_port(first)}"
        async with agent_process("measured.py", MIRASTACK_METRICS_ADDR=taken) as second:
            assert await second.ended() == 1
    expected = f"MIRASTACK_METRICS_ADDR: cannot listen on {taken}: "
    assert any(expected in line for line in second.log)


async def test_a_token_file_is_read_again(tmp_path: Path) -> None:
    """The new token is accepted at once, and neither is logged."""
    file = tmp_path / "token"
    file.write_text("first-token\n")
    async with agent_process("measured.py", MIRASTACK_METRICS_TOKEN_FILE=str(file), **ON) as agent:
        port = await metrics_port(agent)
        for token in ("first-token", "second-token"):
            file.write_text(f"{token}\n")
            page = await asyncio.to_thread(scrape, port, authorization=f"Bearer {token}")
            assert page.status == 200
        assert (await asyncio.to_thread(scrape, port)).status == 401
    assert "-token" not in "\n".join(agent.log).replace("metrics-token", "")


async def test_a_missing_token_file_stops_the_start(tmp_path: Path) -> None:
    """The sentence names the variable."""
    missing = str(tmp_path / "missing")
    async with agent_process("measured.py", MIRASTACK_METRICS_TOKEN_FILE=missing, **ON) as agent:
        assert await agent.ended() == 1
    assert any("MIRASTACK_METRICS_TOKEN_FILE" in line for line in agent.log)
