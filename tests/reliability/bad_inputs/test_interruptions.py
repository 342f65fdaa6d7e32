"""Clients that stop midway, send in pieces, or leave while they are served."""

import asyncio

import pytest

from tests.reliability.bad_inputs.agent import running_agent
from tests.reliability.bad_inputs.client import Client
from tests.reliability.bad_inputs.requests import (
    GREETING,
    call,
    data,
    execute,
    execute_reply,
    headers,
)
from tests.wire.http2.conformance import frames
from tests.wire.raw_peer import frame as message

CALLS = 20
WAITING = b"".join(call(execute("wait"), stream_id=number) for number in range(1, 2 * CALLS, 2))
PARTS = {
    "headers": headers(),
    "a header block without its end": headers(flags=0),
    "part of a prefix": headers() + data(b"\0\0", flags=0),
    "part of a body": headers() + data(message(execute())[:-3], flags=0),
    "a body without its end": headers() + data(message(execute()), flags=0),
    "part of a frame": headers() + data(message(execute()))[:20],
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize("how", ["close", "end", "reset"])
async def test_a_client_that_goes_in_the_middle_of_a_request_leaves_nothing(
    how: str, part: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much of a request has arrived, nothing of it outlives the connection."""
    async with running_agent(monkeypatch) as agent, await Client.connect(agent.port) as neighbour:
        neighbour.send(GREETING + call())
        await neighbour.reply(1)
        before = agent.holdings()
        async with await Client.connect(agent.port) as client:
            client.send(GREETING + call() + part.replace(b"\0\0\0\1", b"\0\0\0\3"))
            await client.reply(1)
            {"close": client.leave, "end": client.end, "reset": client.vanish}[how]()
            assert await agent.settled(before) == before
        neighbour.send(call(stream_id=3))
        assert (await neighbour.reply(3)).headers["grpc-status"] == "0"


@pytest.mark.parametrize("part", [PARTS["headers"], PARTS["part of a body"]], ids=["early", "late"])
async def test_a_request_that_is_reset_leaves_nothing(
    part: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream that is reset before its request is complete leaves nothing; others go on."""
    async with running_agent(monkeypatch) as agent, await Client.connect(agent.port) as client:
        client.send(GREETING + part + frames.rst_stream(1) + call(stream_id=3))
        assert (await client.reply(3)).headers["grpc-status"] == "0"
        assert agent.holdings().streams == agent.holdings().calls == 0


@pytest.mark.parametrize("how", ["close", "end", "reset"])
async def test_executions_end_with_their_connection(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Executions are cancelled when their client is gone."""
    async with running_agent(monkeypatch) as agent:
        before = agent.holdings()
        async with await Client.connect(agent.port) as client:
            client.send(GREETING + WAITING)
            await agent.running(CALLS)
            {"close": client.leave, "end": client.end, "reset": client.vanish}[how]()
            assert await agent.settled(before) == before


async def test_executions_end_when_their_connection_breaks_the_protocol(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Executions are cancelled when their connection is closed for an error."""
    async with running_agent(monkeypatch) as agent:
        before = agent.holdings()
        async with await Client.connect(agent.port) as client:
            client.send(GREETING + WAITING)
            await agent.running(CALLS)
            client.send(headers(stream_id=2))
            await client.until_closed()
            assert await agent.settled(before) == before


async def test_executions_that_are_reset_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reset cancels its own execution only."""
    async with running_agent(monkeypatch) as agent, await Client.connect(agent.port) as client:
        client.send(GREETING + WAITING)
        await agent.running(CALLS)
        client.send(b"".join(frames.rst_stream(number) for number in range(1, CALLS, 2)))
        await agent.running(CALLS // 2)
        client.send(call(stream_id=999))
        assert execute_reply((await client.reply(999)).data).success


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16])
async def test_a_call_in_pieces_is_served(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call is served however its bytes are split."""
    said = GREETING + call() + call(stream_id=3)
    async with running_agent(monkeypatch) as agent, await Client.connect(agent.port) as client:
        for at in range(0, len(said), size):
            client.send(said[at : at + size])
            await asyncio.sleep(0)
        for number in (1, 3):
            assert execute_reply((await client.reply(number)).data).success
