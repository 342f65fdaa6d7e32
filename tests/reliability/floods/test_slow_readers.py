"""Slow but correct clients, which the defences against slow attacks must not affect."""

import asyncio

import pytest

from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.server.client_watch import ClientTimeouts
from mirastack_sdk._wire.server.grpc_server import Server
from tests.reliability.bad_inputs.client import Client
from tests.reliability.floods.bytes_of_attacks import CLOSED, WIDE_STREAMS, calls
from tests.wire.http2.conformance import frames
from tests.wire.notes import Note, Notes, note_codecs

SIZE = 50_000
STREAMS = (1, 3, 5)
# Every so often there is room for a little more, for much longer than a stalled reader has.
TICK = 0.05
TICKS = 25
TIMEOUTS = ClientTimeouts(stalled_reader=0.2, overfull=0.2)
OPENINGS = {
    # Room is what the streams lack, in turn; or the connection, of which all streams have a part.
    "narrow streams": (CLOSED + frames.window_update(0, 2**20), STREAMS),
    "a narrow connection": (WIDE_STREAMS, (0,)),
}


async def _large(note: Note) -> Note:
    return Note("x" * SIZE)


@pytest.mark.parametrize("limit", [2**24, 1], ids=["", "over the bound"])
@pytest.mark.parametrize(("opening", "narrow"), OPENINGS.values(), ids=OPENINGS)
async def test_a_slow_reader_gets_everything(
    opening: bytes, narrow: tuple[int, ...], limit: int
) -> None:
    """A client that opens its window a little now and then is served, however long it takes."""
    server = Server(
        [Notes(_large)], note_codecs(), timeouts=TIMEOUTS, limits=Limits(max_queued_bytes=limit)
    )
    await server.start()
    try:
        await _read_slowly(server.port, opening, narrow)
    finally:
        await server.close()


async def _read_slowly(port: int, opening: bytes, narrow: tuple[int, ...]) -> None:
    whole = SIZE + 5
    room = whole * len(STREAMS) // TICKS // len(narrow)
    loop = asyncio.get_running_loop()
    async with await Client.connect(port) as client:
        client.send(opening + calls("x", STREAMS))
        began = loop.time()
        for _ in range(TICKS * 2):
            if await client.has_replies(STREAMS, TICK):
                break
            client.send(b"".join(frames.window_update(one, room) for one in narrow))
    assert [client.replies[one].data[:5] for one in STREAMS] == [b"\0" + SIZE.to_bytes(4)] * 3
    assert [len(client.replies[one].data) for one in STREAMS] == [whole] * 3
    assert loop.time() - began > TIMEOUTS.stalled_reader * 2
