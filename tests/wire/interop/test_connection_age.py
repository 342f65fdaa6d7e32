"""A maximum connection age, of which an independent client must notice nothing."""

import asyncio

import pytest

from mirastack_sdk._wire.server.client_watch import ClientTimeouts
from mirastack_sdk._wire.server.connection_age import ConnectionAge
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk._wire.server.server_state import Capacity
from tests.e2e.balancer import balancer
from tests.wire.interop.peers import (
    CODECS,
    TIMEOUT,
    TestService,
    ask,
    grpcio_channel,
    our_channel,
    turns,
    unary_call,
)

CALLERS = 20
CONNECTIONS = 8


def short_lived(work: int) -> Server:
    """Serve each connection for 50 ms, and check that every 10 ms."""

    async def respond(data: bytes) -> bytes:
        await turns(work)
        return data

    return Server(
        [TestService(respond)],
        CODECS,
        capacity=Capacity(age=ConnectionAge(0.05)),
        timeouts=ClientTimeouts(overfull=0.02),
    )


@pytest.mark.parametrize("work", [0, 50], ids=["answered at once", "answered later"])
@pytest.mark.parametrize("client", ["grpcio", "ours"])
async def test_no_call_is_lost_to_old_connections(work: int, client: str) -> None:
    """Callers call until the client has opened eight connections; every call succeeds."""
    server = short_lived(work)
    await server.start()
    async with (
        asyncio.timeout(60),
        balancer([server.port]) as shared,
        grpcio_channel(shared.port) as theirs,
        our_channel(shared.port) as ours,
    ):
        rpc = unary_call(theirs)

        async def call(data: bytes) -> bytes:
            if client == "ours":
                return await ask(ours, data)
            return await rpc(data, timeout=TIMEOUT)

        async def caller(number: int) -> int:
            made = 0
            while len(shared.chosen) < CONNECTIONS:
                sent = b"%d.%d" % (number, made)
                assert await call(sent) == sent
                made += 1
            return made

        made = await asyncio.gather(*map(caller, range(CALLERS)))
    await server.close()
    assert min(made) > 1
