"""Calls of every kind may be cancelled in large numbers, and cost their connection nothing."""

from collections.abc import Callable, Mapping

import pytest

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk.testing import Encoding
from tests.reliability.bad_inputs.agent import running_agent
from tests.reliability.bad_inputs.client import Client
from tests.reliability.bad_inputs.requests import (
    CONFIG,
    CONTENT_TYPES,
    GREETING,
    HEALTH,
    PLUGIN,
    call,
    execute,
    execute_reply,
    headers,
    request_block,
)
from tests.wire.http2.conformance import frames

# More than the requests that may be reset before they run.
WAVES, CALLS = 5, 900

type Begin = Callable[[int], bytes]


def _path(path: str, body: bytes = b"") -> Begin:
    return lambda stream_id: call(body, {":path": path}, stream_id=stream_id)


def _config_update() -> bytes:
    update = wire.ConfigUpdatedRequest(config={"a": "b"})
    return CODECS[Encoding.PROTOBUF].for_type(wire.ConfigUpdatedRequest).encode(update)


def _headers(path: str) -> Begin:
    return lambda stream_id: headers(request_block({":path": path}), stream_id=stream_id)


def _json(stream_id: int) -> bytes:
    changed = {"content-type": CONTENT_TYPES[Encoding.JSON]}
    return call(execute("wait", encoding=Encoding.JSON), changed, stream_id=stream_id)


BEGUN: Mapping[str, Begin] = {
    "running": lambda stream_id: call(execute("wait"), stream_id=stream_id),
    "running-in-json": _json,
    "answered": lambda stream_id: call(stream_id=stream_id),
    "health": _path(HEALTH),
    "config": _path(CONFIG, _config_update()),
    "info": _path(f"{PLUGIN}Info"),
    "standard-health": _path("/grpc.health.v1.Health/Check"),
    "stream-of-health": _path("/grpc.health.v1.Health/Watch"),
    "stream-of-reflection": _headers("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"),
    "unknown-method": _path(f"{PLUGIN}Explode"),
    "unreadable": lambda stream_id: call(b"\xff", stream_id=stream_id),
    "deadline": lambda stream_id: call(
        execute("wait"), {"grpc-timeout": "1m"}, stream_id=stream_id
    ),
}


@pytest.mark.parametrize("case", BEGUN)
async def test_waves_of_cancelled_calls(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waves as large as the limit, one after the other; a call that runs meanwhile goes on."""
    async with running_agent(monkeypatch) as agent, await Client.connect(agent.port) as client:
        client.send(GREETING + frames.window_update(0, 2**30) + call(execute("wait")))
        await agent.running(1)
        before = agent.holdings()
        stream_id = 3
        for _ in range(WAVES):
            begun = range(stream_id, stream_id + 2 * CALLS, 2)
            client.send(b"".join(map(BEGUN[case], begun)))
            # All have begun once this one has been answered.
            client.send(call(stream_id=begun.stop))
            assert execute_reply((await client.reply(begun.stop)).data).success
            client.send(b"".join(map(frames.rst_stream, begun)))
            stream_id = begun.stop + 2
        client.send(call(stream_id=stream_id))
        assert execute_reply((await client.reply(stream_id)).data).success
        assert client.goaway is None
        assert await agent.settled(before) == before
