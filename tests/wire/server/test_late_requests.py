"""Requests whose deadline has passed: they are answered, and not carried out."""

import asyncio

import pytest

from mirastack_sdk._wire.http2.limits import Limits
from tests.wire.notes import ECHO, Note
from tests.wire.raw_peer import PATH_HEADERS, Answer, RawPeer, frame
from tests.wire.server.test_grpc_server import serving
from tests.wire.streaming.probes import until


@pytest.mark.parametrize("timeout", ["0n", "0S", "1n", "0u", "0m", "0M", "0H", "00000000n", "1u"])
async def test_a_call_that_is_late_already_does_not_run(timeout: str) -> None:
    """A deadline that has passed on arrival ends the call before its handler."""
    heard: list[Note] = []

    async def note_down(note: Note) -> Note:
        heard.append(note)
        return note

    async with serving(note_down) as server, await RawPeer.connect(server.port) as peer:
        answer = await peer.answer(peer.request(ECHO, frame(b"x"), grpc_timeout=timeout))
    assert answer.status == "4"
    assert not heard


async def test_a_call_whose_request_comes_too_late_does_not_run() -> None:
    """The deadline counts from the headers, and not from the last byte of the message."""
    heard: list[Note] = []

    async def note_down(note: Note) -> Note:
        heard.append(note)
        return note

    async with serving(note_down) as server, await RawPeer.connect(server.port) as peer:
        message = frame(b"late")
        stream_id = peer.http2.get_next_available_stream_id()
        peer.answers[stream_id] = Answer()
        fields = {**PATH_HEADERS, ":path": ECHO, "grpc-timeout": "20m"}
        peer.http2.send_headers(stream_id, list(fields.items()))
        peer.http2.send_data(stream_id, message[:-1])
        peer.flush()
        # The answer to another call shows that the headers have arrived.
        assert (await peer.answer(peer.request(ECHO, frame(b"other")))).status == "0"
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.03)
        peer.finish(stream_id, message[-1:])
        assert (await peer.answer(stream_id)).status == "4"
    assert heard == [Note("other")]


async def test_a_call_that_waits_for_a_slow_reader_until_it_is_late_does_not_run() -> None:
    """While too many responses are queued, calls wait; this one is not made up for later."""
    heard: list[str] = []

    async def large(note: Note) -> Note:
        heard.append(note.text)
        return Note("x" * 200_000)

    limits = Limits(max_queued_bytes=100_000)
    async with (
        serving(large, limit=2**20, limits=limits) as server,
        await RawPeer.connect(server.port) as peer,
    ):
        slow = peer.request(ECHO, frame(b"slow"))
        await until(lambda: heard == ["slow"])
        late = peer.request(ECHO, frame(b"late"), grpc_timeout="10m")
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.03)
        last = peer.request(ECHO, frame(b"last"))
        assert [(await peer.answer(one)).status for one in (slow, late, last)] == ["0", "4", "0"]
    assert heard == ["slow", "last"]
