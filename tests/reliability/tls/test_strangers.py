"""Strangers that fill a port, and come again whenever they are disconnected."""

import asyncio
import ssl
from pathlib import Path

import pytest

from mirastack_sdk.security import Security
from tests.e2e.agent_process import AgentProcess, agent_process
from tests.reliability.tls.certificates import LOOPBACK, Authority
from tests.reliability.tls.peers import caller
from tests.reliability.tls.strangers import strangers

AGENT = Path(__file__).parents[1] / "descriptors" / "agents" / "hoarder.py"
# More than are let in, so that some are disconnected, and come again, all the time.
COUNT, LIMIT = 500, 400
ATTEMPTS = 4
SECONDS = 20.0
LARGEST_LOG = 4_000
LARGEST_MEMORY = 200_000_000


def hello() -> bytes:
    """The first message of a handshake, complete."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2"])
    outgoing = ssl.MemoryBIO()
    session = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="agent.test")
    with pytest.raises(ssl.SSLWantReadError):
        session.do_handshake()
    return outgoing.read()


async def is_served(port: int, security: Security) -> None:
    """Connect and call in time."""
    with caller(port, security) as client:
        async with asyncio.timeout(SECONDS):
            assert (await client.info()).name == "hoarder"


async def served_beside_strangers(agent: AgentProcess, security: Security, words: bytes) -> None:
    """Connect and call several times while strangers do the same without calling."""
    port = await agent.port()
    async with strangers(port, COUNT, words):
        for _ in range(ATTEMPTS):
            await is_served(port, security)
        assert agent.memory < LARGEST_MEMORY
        agent.signal()
        assert await agent.ended(timeout=SECONDS) == 0
    assert sum(map(len, agent.log)) < LARGEST_LOG


@pytest.mark.parametrize(
    "words",
    [b"", b"\x16\x03\x01\x02\x00\x01", hello()],
    ids=["silent", "half a hello", "a whole hello"],
)
async def test_who_holds_no_certificate_keeps_nobody_out(
    words: bytes, authority: Authority
) -> None:
    """A client with a valid certificate is served at each attempt, whatever strangers send."""
    own, engine = authority.issue(*LOOPBACK), authority.issue("engine")
    async with agent_process(
        AGENT,
        DESCRIPTORS="4096",
        MIRASTACK_PLUGIN_MAX_CONNECTIONS=str(LIMIT),
        MIRASTACK_PLUGIN_TLS_CERT=str(own.certificate),
        MIRASTACK_PLUGIN_TLS_KEY=str(own.key),
        MIRASTACK_PLUGIN_TLS_CLIENT_CA=str(authority.ca),
    ) as agent:
        await served_beside_strangers(agent, Security(client=authority.trusted(engine)), words)


async def test_who_makes_no_call_keeps_nobody_out() -> None:
    """Without TLS, a client that calls is served at each attempt."""
    async with agent_process(
        AGENT, DESCRIPTORS="4096", MIRASTACK_PLUGIN_MAX_CONNECTIONS=str(LIMIT)
    ) as agent:
        await served_beside_strangers(agent, Security(), b"PRI")
