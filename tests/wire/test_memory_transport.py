"""A connection in memory behaves as one over a socket does."""

import asyncio

import pytest

from mirastack_sdk._wire.socket.memory_transport import MemoryTransport, connect_in_memory

TIMEOUT = 20.0
MUCH = b"x" * 400_000


class Peer(asyncio.Protocol):
    """Notes what happens to it; `keep_open` keeps its own end open when the other one closes."""

    def __init__(self, *, keep_open: bool = False) -> None:
        self.received = b""
        self.events: list[str] = []
        self.error: Exception | None = None
        self.lost = asyncio.Event()
        self.ended = asyncio.Event()
        self.arrived = asyncio.Event()
        self.keep_open = keep_open
        self.transport: MemoryTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, MemoryTransport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        self.arrived.set()

    def eof_received(self) -> bool:
        self.events.append("end")
        self.ended.set()
        return self.keep_open

    def pause_writing(self) -> None:
        self.events.append("pause")

    def resume_writing(self) -> None:
        self.events.append("resume")

    def connection_lost(self, exc: Exception | None) -> None:
        self.error = exc
        self.lost.set()


def connected(*, keep_open: bool = False) -> tuple[Peer, Peer]:
    client, server = Peer(), Peer(keep_open=keep_open)
    assert connect_in_memory(client, server) is client.transport
    return client, server


async def test_bytes_arrive_in_order_and_later() -> None:
    """Both directions work, and nothing arrives within `write` itself."""
    client, server = connected()
    client.transport.write(b"ab")
    client.transport.write(bytearray(b"cd"))
    client.transport.write(b"")
    server.transport.write(b"answer")
    assert server.received == b""
    client.transport.close()
    await asyncio.wait_for(server.lost.wait(), TIMEOUT)
    assert server.received == b"abcd"


async def test_closing_delivers_what_was_written() -> None:
    """Both ends are lost without an error, and later writes go nowhere."""
    client, server = connected()
    client.transport.write(MUCH)
    client.transport.close()
    client.transport.close()
    client.transport.write(b"late")
    assert client.transport.is_closing()
    for peer in (client, server):
        await asyncio.wait_for(peer.lost.wait(), TIMEOUT)
        assert peer.error is None
    assert server.received == MUCH
    assert server.events == ["end"]


async def test_an_end_may_stay_open_when_the_other_one_closes() -> None:
    """It is lost when it closes itself."""
    client, server = connected(keep_open=True)
    client.transport.close()
    await asyncio.wait_for(client.lost.wait(), TIMEOUT)
    await asyncio.wait_for(server.ended.wait(), TIMEOUT)
    assert not server.lost.is_set()
    server.transport.close()
    await asyncio.wait_for(server.lost.wait(), TIMEOUT)


async def test_aborting_delivers_nothing() -> None:
    """The other end sees a reset connection."""
    client, server = connected()
    client.transport.write(b"lost")
    client.transport.abort()
    client.transport.abort()
    for peer in (client, server):
        await asyncio.wait_for(peer.lost.wait(), TIMEOUT)
    assert server.received == b""
    assert client.error is None
    assert isinstance(server.error, ConnectionResetError)


async def test_an_end_that_does_not_read_pauses_the_writer() -> None:
    """The writer sees what a socket would not have taken, and goes on when it is read."""
    client, server = connected()
    server.transport.pause_reading()
    client.transport.write(MUCH)
    assert client.events == ["pause"]
    assert 0 < client.transport.get_write_buffer_size() < len(MUCH)
    client.transport.write(b"more")
    assert client.events == ["pause"]
    server.transport.resume_reading()
    server.transport.resume_reading()
    await asyncio.wait_for(server.arrived.wait(), TIMEOUT)
    assert client.events == ["pause", "resume"]
    assert client.transport.get_write_buffer_size() == 0


async def test_an_end_that_has_closed_receives_nothing() -> None:
    """What arrives afterwards is dropped."""
    client, server = connected()
    server.transport.close()
    client.transport.write(b"late")
    await asyncio.wait_for(server.lost.wait(), TIMEOUT)
    await asyncio.wait_for(client.lost.wait(), TIMEOUT)
    assert server.received == b""


@pytest.mark.parametrize("method", ["close", "abort"])
async def test_an_end_that_is_lost_can_be_ended_again(method: str) -> None:
    """It is lost once."""
    client, _ = connected()
    getattr(client.transport, method)()
    await asyncio.wait_for(client.lost.wait(), TIMEOUT)
    client.lost.clear()
    getattr(client.transport, method)()
    await asyncio.sleep(0)
    assert not client.lost.is_set()
