"""When a connection's output is written: once a turn, and at the end of a read without one more."""

import asyncio
from collections.abc import Callable

import pytest

from mirastack_sdk._wire.http2.codes import Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.socket.protocol import Flusher


class _Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))


async def test_what_a_read_leads_to_needs_no_turn_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is written when the read has been worked off; outside of one a turn is asked for, once."""
    connection, transport = Connection(Role.CLIENT), _Transport()
    flusher = Flusher(connection, transport)
    turns: list[Callable[[], object]] = []
    with monkeypatch.context() as patched:
        patched.setattr(asyncio.get_running_loop(), "call_soon", turns.append)
        flusher.hold()
        flusher.soon()
        held = list(turns)
        flusher.now()
        connection.ping(b"12345678")
        flusher.soon()
        flusher.soon()
        flusher.now()
    assert held == []
    assert turns == [flusher.now]
    assert len(transport.written) == 2
