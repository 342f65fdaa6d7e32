"""However many clients do the same wrong thing, the log says so once in ten seconds."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress

import pytest

from tests.reliability.bad_inputs.agent import running_agent
from tests.reliability.bad_inputs.client import Client
from tests.reliability.bad_inputs.requests import GREETING, call, data, headers, request_block
from tests.wire.http2.conformance import frames
from tests.wire.raw_peer import frame as message

CLIENTS = 40
MOST_LINES = 2

type Words = Callable[[int], bytes]

WORDS: Mapping[str, Words] = {
    "nothing": lambda _: b"",
    "different-bytes": lambda at: b"%d bottles\r\n" % at,
    "ssh": lambda _: b"SSH-2.0-OpenSSH_9.7\r\n",
    "proxy-protocol": lambda at: b"PROXY TCP4 10.0.0.1 10.0.0.2 %d 2\r\n" % at + GREETING,
    "half-a-preface": lambda _: frames.PREFACE[:12],
    "no-settings": lambda _: frames.PREFACE + call(),
    "garbage": lambda _: frames.PREFACE + b"\xff" * 100,
    "frame-too-large": lambda _: GREETING + b"\xff\xff\xff" + bytes(6),
    "header-block-that-cannot-be-read": lambda _: GREETING + headers(b"\xff" * 20),
    "headers-too-large": lambda _: GREETING + headers(flags=0) + _continuations(20),
    "response-as-a-request": lambda _: GREETING + headers(request_block({":method": None})),
    "goaway": lambda _: GREETING + frames.raw(frames.GOAWAY, 0, 0, bytes(8)),
    "unknown-method": lambda at: GREETING + call(b"", {":path": f"/no.Service/Method{at}"}),
    "unknown-content-type": lambda at: GREETING + call(b"", {"content-type": f"text/{at}"}),
    "unreadable-message": lambda at: GREETING + call(b"\xff" + bytes([at])),
    "message-too-large": lambda _: GREETING + headers() + data(b"\0\xff\xff\xff\xff"),
    "compression": lambda _: GREETING + headers() + data(b"\1" + message(b"x")[1:]),
    "no-token": lambda _: GREETING + call(),
}
"""What each client says, by its number."""


def _continuations(count: int) -> bytes:
    return frames.raw(frames.CONTINUATION, 0, 1, b"\0" * 16_384) * count


async def _say(port: int, words: bytes) -> None:
    """Say something, and read until the agent has answered or closed."""
    async with await Client.connect(port) as client:
        client.send(words)
        with suppress(ConnectionError):
            client.end()
            await client.until_closed()


@pytest.mark.parametrize("case", WORDS)
async def test_many_clients_are_a_line(
    case: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever they say, and although each says it in another way."""
    environ = {"MIRASTACK_AUTH_TOKEN": "s" * 32} if case == "no-token" else {}
    async with running_agent(monkeypatch, **environ) as agent:
        caplog.set_level(logging.INFO)
        caplog.clear()
        await asyncio.gather(*(_say(agent.port, WORDS[case](at)) for at in range(CLIENTS)))
        assert len(caplog.records) <= MOST_LINES, [one.getMessage() for one in caplog.records]
