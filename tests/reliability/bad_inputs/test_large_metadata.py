"""Metadata that is larger than announced costs its call, and no other on the connection."""

from collections.abc import Mapping

import pytest

from mirastack_sdk.testing import Encoding
from tests.reliability.bad_inputs.agent import RunningAgent, running_agent
from tests.reliability.bad_inputs.client import Client
from tests.reliability.bad_inputs.requests import (
    CONTENT_TYPES,
    GREETING,
    HEALTH,
    PLUGIN,
    call,
    data,
    execute,
    execute_reply,
    request_block,
)
from tests.wire.http2.conformance import frames
from tests.wire.http2.conformance.blocks import block, inserted
from tests.wire.raw_peer import frame as message

RESOURCE_EXHAUSTED = "8"
_REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
LARGE = "v" * 100_000

BLOCKS: Mapping[str, bytes] = {
    "one-value-that-is-a-little-too-large": request_block({}, ("x-large", "v" * 65_536)),
    "one-value-near-the-bound": request_block({}, ("x-large", "v" * 250_000)),
    "many-values": request_block({}, *((f"x-{at}", "v" * 400) for at in range(300))),
    "one-name-again-and-again": request_block({}, *(("x-again", "v" * 40) for _ in range(2_000))),
    "many-empty-values": request_block({}, *((f"x-{at}", "") for at in range(2_500))),
    "binary": request_block({}, ("trace-bin", "QUJD" * 25_000)),
    "large-name": request_block({}, ("x" * 100_000, "v")),
    "token": request_block({}, ("authorization", f"Bearer {LARGE}")),
    "trace": request_block({}, ("traceparent", LARGE)),
    "cookie": request_block({}, ("cookie", LARGE)),
    "user-agent": request_block({}, ("user-agent", LARGE)),
    "authority": request_block({":authority": LARGE}),
    "timeout": request_block({}, ("grpc-timeout", "9" * 100_000)),
    "json": request_block({"content-type": CONTENT_TYPES[Encoding.JSON]}, ("x-large", LARGE)),
    "health-check": request_block({":path": HEALTH}, ("x-large", LARGE)),
    "unknown-method": request_block({":path": f"{PLUGIN}Explode"}, ("x-large", LARGE)),
    "path": request_block({":path": f"{PLUGIN}{LARGE}"}),
    "stream-of-messages": request_block({":path": _REFLECTION}, ("x-large", LARGE)),
    "written-to-the-table": request_block() + inserted("x-large", LARGE),
}


def in_frames(sent: bytes, stream_id: int, *, end: bool = False) -> bytes:
    """A header block in HEADERS and CONTINUATION frames of the largest size."""
    return frames.in_fragments(stream_id, sent, *range(16_384, len(sent), 16_384), end=end)


async def _still_serves(client: Client, agent: RunningAgent, stream_id: int) -> None:
    client.send(call(stream_id=stream_id))
    reply = await client.reply(stream_id)
    assert execute_reply(reply.data).success
    assert agent.holdings().handlers == 1


@pytest.mark.parametrize("case", BLOCKS)
async def test_only_the_call_with_it_fails(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three such calls fail; one that runs meanwhile goes on, and others are served."""
    async with running_agent(monkeypatch) as agent, await Client.connect(agent.port) as client:
        client.send(GREETING + call(execute("wait")))
        await agent.running(1)
        for stream_id in (3, 7, 11):
            sent = in_frames(BLOCKS[case], stream_id)
            client.send(sent + data(message(execute()), stream_id=stream_id))
            reply = await client.reply(stream_id)
            assert reply.headers["grpc-status"] == RESOURCE_EXHAUSTED
            await _still_serves(client, agent, stream_id + 2)
        assert client.goaway is None


async def test_only_the_call_with_large_trailers_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client may end its request with trailers."""
    async with running_agent(monkeypatch) as agent, await Client.connect(agent.port) as client:
        client.send(GREETING + call(execute("wait")))
        await agent.running(1)
        client.send(in_frames(request_block(), 3))
        client.send(data(message(execute()), flags=0, stream_id=3))
        client.send(in_frames(block(("x-large", LARGE)), 3, end=True))
        assert (await client.reply(3)).reset is not None
        await _still_serves(client, agent, 5)
        assert client.goaway is None
