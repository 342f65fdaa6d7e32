"""Clients that do not speak HTTP/2, or break the rules of its connection preface."""

import pytest
from h2.errors import ErrorCodes as ErrorCode

from tests.reliability.bad_inputs.agent import running_agent
from tests.reliability.bad_inputs.cases import BadInput, Ended, Served, each_of, meet
from tests.reliability.bad_inputs.client import Client
from tests.reliability.bad_inputs.requests import GREETING, call
from tests.wire.http2.conformance import frames

_TLS = bytes.fromhex("16030100c8010000c40303") + bytes(197)
_PROXY_V2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12)

# Each gets a GOAWAY that says that this is not HTTP/2, and is closed.
STRANGERS = [
    BadInput(name, f"{name} is no HTTP/2", sent, Ended(), after=b"")
    for name, sent in {
        "HTTP/1.1 GET": b"GET /metrics HTTP/1.1\r\nHost: agent\r\n\r\n",
        "HTTP/1.1 POST": b"POST / HTTP/1.1\r\nHost: agent\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 upgrade to h2c": b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, "
        b"HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
        "HTTP/1.1 CONNECT": b"CONNECT agent:443 HTTP/1.1\r\n\r\n",
        "HTTP/0.9": b"GET /\r\n",
        "TLS": _TLS,
        "SSH": b"SSH-2.0-OpenSSH_9.7\r\n",
        "SMTP": b"EHLO example.org\r\n",
        "Redis": b"*1\r\n$4\r\nPING\r\n",
        "PROXY protocol 1": b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n" + GREETING,
        "PROXY protocol 2": _PROXY_V2 + GREETING,
        "zeros": bytes(4096),
        "ones": b"\xff" * 4096,
        "an empty line first": b"\r\n" + GREETING,
        "the preface in lower case": frames.PREFACE.lower() + frames.settings(),
        "the preface with another end": frames.PREFACE.replace(b"SM", b"MS") + frames.settings(),
        "a frame without the preface": frames.settings() + call(),
    }.items()
]

STUMBLERS = [
    BadInput(
        "headers before settings", "SETTINGS come first", call(), Ended(), after=frames.PREFACE
    ),
    BadInput(
        "a ping before settings",
        "SETTINGS come first",
        frames.raw(frames.PING, 0, 0, bytes(8)) + frames.settings(),
        Ended(),
        after=frames.PREFACE,
    ),
    BadInput(
        "an acknowledgement first",
        "An acknowledgement is no settings",
        frames.raw(frames.SETTINGS, frames.ACK, 0) + call(),
        Ended(),
        after=frames.PREFACE,
    ),
    BadInput(
        "the preface twice",
        "A second preface reads as a frame that is too large",
        frames.PREFACE + call(),
        Ended(ErrorCode.FRAME_SIZE_ERROR),
    ),
    BadInput(
        "garbage after the preface",
        "A frame is at most as large as was agreed on",
        b"\xff" * 100,
        Ended(ErrorCode.FRAME_SIZE_ERROR),
        after=frames.PREFACE,
    ),
    BadInput(
        "settings twice", "A client may change its mind", frames.settings() + call(), Served()
    ),
    BadInput(
        "no pause after the greeting",
        "A client need not wait for the agent's first words",
        call(),
        Served(),
    ),
]


@each_of(STRANGERS)
async def test_a_stranger_is_sent_away(case: BadInput, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client of another protocol gets GOAWAY, and is disconnected at once."""
    await meet(case, monkeypatch)


@each_of(STUMBLERS)
async def test_first_words(case: BadInput, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that breaks the preface of RFC 9113 §3.4 is closed."""
    await meet(case, monkeypatch)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        frames.PREFACE[:1],
        frames.PREFACE[:12],
        frames.PREFACE,
        GREETING[:-1],
        GREETING,
        GREETING + call()[:20],
    ],
    ids=[
        "nothing",
        "a byte",
        "half a preface",
        "a preface",
        "most",
        "a greeting",
        "part of a call",
    ],
)
@pytest.mark.parametrize("how", ["close", "end", "reset"])
async def test_a_client_that_leaves_early_leaves_nothing(
    how: str, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever a client stops, and however it closes, nothing of its connection is left."""
    async with running_agent(monkeypatch) as agent:
        before = agent.holdings()
        async with await Client.connect(agent.port) as client:
            client.send(said)
            await agent.connected(1)
            {"close": client.leave, "end": client.end, "reset": client.vanish}[how]()
            assert await agent.settled(before) == before
