"""A server's connection, when events, closing and slow readers coincide."""

import asyncio
import gc
import logging
from contextlib import suppress

import pytest
from hpack import Encoder

from mirastack_sdk._wire.codec.message_codec import channel_codecs
from mirastack_sdk._wire.grpc.request_check import Rejection
from mirastack_sdk._wire.http2.codes import (
    LARGEST_MAX_FRAME_SIZE,
    LARGEST_WINDOW,
    PREFACE,
    ErrorCode,
    Flag,
    FrameType,
    Setting,
)
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.http2.frames import frame as http2_frame
from mirastack_sdk._wire.http2.frames import (
    header_frames,
    rst_stream_frame,
    settings_frame,
    window_update_frame,
)
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.server import server_connection
from mirastack_sdk._wire.server.server_connection import ServerConnection
from mirastack_sdk._wire.server.server_state import ServerState
from tests.wire.notes import ECHO, Note, Notes, note_codecs, same
from tests.wire.raw_peer import PATH_HEADERS, RawPeer, frame
from tests.wire.server.test_grpc_server import serving


@pytest.mark.parametrize("path", [ECHO, "/test.Notes/Sing"], ids=["known", "unknown"])
async def test_a_call_that_is_reset_at_once_harms_nobody(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A request and its reset may arrive in one segment; the connection goes on, nothing fails."""
    async with serving() as server, await RawPeer.connect(server.port) as peer:
        stream_id = peer.http2.get_next_available_stream_id()
        peer.http2.send_headers(stream_id, headers_to(path))
        peer.http2.send_data(stream_id, frame(b"x"), end_stream=True)
        peer.http2.reset_stream(stream_id)
        answer = await peer.answer(peer.request(ECHO, frame(b"next")))
        assert answer.data == frame(b"next")
        gc.collect()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_the_end_of_a_message_may_look_like_a_message() -> None:
    """A message in two DATA frames is one, whatever the second one contains."""
    inner = frame(b"inner")
    message = frame(b"outer" + inner)
    async with serving() as server, await RawPeer.connect(server.port) as peer:
        stream_id = peer.begin(ECHO, message.removesuffix(inner))
        peer.finish(stream_id, inner)
        assert (await peer.answer(stream_id)).data == message


async def test_calls_that_are_reset_at_once_do_not_run() -> None:
    """Of 20,000 calls that are reset at once nearly none runs, and the connection ends soon."""
    begun: list[Note] = []

    async def count(note: Note) -> Note:
        begun.append(note)
        return note

    block = Encoder().encode(headers_to(ECHO))
    attack = b"".join(
        header_frames(number, block, 16_384, end_stream=False)
        + http2_frame(FrameType.DATA, Flag.END_STREAM, number, frame(b"x"))
        + rst_stream_frame(number, ErrorCode.CANCEL)
        for number in range(1, 40_001, 2)
    )
    async with serving(count) as server, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(PREFACE + settings_frame([]) + attack)
        received = b""
        with suppress(ConnectionError):
            while piece := await reader.read(65_536):
                received += piece
        writer.close()
    assert b"too many resets" in received
    # The ones whose reset came in another read.
    assert len(begun) < 200


async def test_a_deadline_and_a_reset_cancel_a_call_once() -> None:
    """The reset that follows the deadline does not interrupt what the handler cleans up."""
    ended: list[str] = []
    interrupted, release = asyncio.Event(), asyncio.Event()

    async def clean_up(note: Note) -> Note:
        if note.text == "next":
            return note
        try:
            await asyncio.Event().wait()
        finally:
            interrupted.set()
            await release.wait()
            ended.append("cleaned up")
        return note

    async with (
        serving(clean_up) as server,
        await RawPeer.connect(server.port) as peer,
        asyncio.timeout(10),
    ):
        stream_id = peer.request(ECHO, frame(b"x"), grpc_timeout="50m")
        await interrupted.wait()
        peer.http2.reset_stream(stream_id)
        assert (await peer.answer(peer.request(ECHO, frame(b"next")))).status == "0"
        release.set()
        assert await server.drain(5) == 0
    assert ended == ["cleaned up"]


async def test_responses_that_fit_all_windows_are_not_made_ahead() -> None:
    """A client with large windows and frames, which does not read, gets few responses made."""
    made, size = 0, 2**20

    async def large(note: Note) -> Note:
        nonlocal made
        made += 1
        return Note("x" * size)

    block = Encoder().encode(headers_to(ECHO))
    calls = b"".join(
        header_frames(number, block, 16_384, end_stream=False)
        + http2_frame(FrameType.DATA, Flag.END_STREAM, number, frame(b"x"))
        for number in range(1, 401, 2)
    )
    settings = [
        (Setting.INITIAL_WINDOW_SIZE, LARGEST_WINDOW),
        (Setting.MAX_FRAME_SIZE, LARGEST_MAX_FRAME_SIZE),
    ]
    async with serving(large, limit=2**26) as server, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=2**16)
        writer.write(PREFACE + settings_frame(settings) + window_update_frame(0, 2**30) + calls)
        await reader.readexactly(9)
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.3)
        assert made < 30
        read = 0
        while read < 200 * size:
            read += len(await reader.read(2**20))
        writer.close()
    assert made == 200


async def test_drain_ends_when_a_slow_reader_has_read_its_answer() -> None:
    """The drain ends when a response that waited for the socket is written, not later."""
    size = 30_000_000

    async def large(note: Note) -> Note:
        return Note("x" * size)

    async with serving(large, limit=2**26) as server, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        # After its windows are open this client sends nothing that tells how far it has read.
        writer.write(
            PREFACE
            + settings_frame([(Setting.INITIAL_WINDOW_SIZE, LARGEST_WINDOW)])
            + window_update_frame(0, 2**30)
            + header_frames(1, Encoder().encode(headers_to(ECHO)), 16_384, end_stream=False)
            + http2_frame(FrameType.DATA, Flag.END_STREAM, 1, frame(b"x"))
        )
        read = len(await reader.read(65_536))
        drained = asyncio.create_task(server.drain(60))
        while read < size:
            read += len(await reader.read(2**20))
        assert await drained == 0
        writer.close()


async def test_a_connection_that_is_being_accepted_is_not_asked_before_it_is_there() -> None:
    """A server counts connections once they are made: only then can they be drained."""
    heard: list[ServerConnection] = []
    connection = ServerConnection(state_of(Notes(same)), heard.append)
    assert not heard
    connection.connection_made(StuckTransport())
    assert heard == [connection]


async def test_a_connection_made_while_the_server_leaves_is_asked_to_leave() -> None:
    """A client that was being accepted when the drain began gets GOAWAY first."""
    state = state_of(Notes(same))
    state.draining = True
    transport = StuckTransport()
    ServerConnection(state, lambda _: None).connection_made(transport)
    assert b"draining" in transport.written
    assert not transport.closed


async def test_a_connection_made_after_the_end_is_closed() -> None:
    """A client that was being accepted when the server closed is disconnected."""
    state = state_of(Notes(same))
    state.draining = state.closed = True
    transport = StuckTransport()
    ServerConnection(state, lambda _: None).connection_made(transport)
    assert transport.closed


async def test_a_client_that_breaks_the_protocol_and_does_not_read_is_disconnected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A GOAWAY that the client does not read delays the end only briefly."""
    monkeypatch.setattr(server_connection, "_CLOSE_SECONDS", 0.01)
    connection = ServerConnection(state_of(Notes(same)), lambda _: None)
    transport = StuckTransport()
    connection.connection_made(transport)
    connection.data_received(PREFACE + settings_frame([(4, 2**31)]))
    assert transport.closed
    async with asyncio.timeout(5):
        await transport.aborted.wait()


async def test_a_lost_connection_frees_its_queued_responses() -> None:
    """Unread responses are freed with the connection, not by the next run of `gc`."""
    connection = ServerConnection(state_of(Notes(same)), lambda _: None)
    connection.connection_made(StuckTransport())
    connection.data_received(
        PREFACE
        + settings_frame([(Setting.INITIAL_WINDOW_SIZE, 0)])
        + header_frames(1, Encoder().encode(headers_to(ECHO)), 16_384, end_stream=False)
        + http2_frame(FrameType.DATA, Flag.END_STREAM, 1, frame(b"x"))
    )
    http2 = connection._http2  # noqa: SLF001 - what no client can see
    assert http2.queued_bytes > 0
    connection.connection_lost(None)
    assert (http2.queued_bytes, http2.open_streams, http2.data_to_send()) == (0, 0, b"")


def headers_to(path: str) -> list[tuple[str, str]]:
    """Return the headers of a request."""
    return list((PATH_HEADERS | {":path": path}).items())


def block_to(path: str) -> bytes:
    """Return the header block of a request."""
    return Encoder().encode(headers_to(path))


def state_of(service: Notes) -> ServerState:
    """Return the state of a server."""
    return ServerState(
        methods=service.__mapping__(), codecs=channel_codecs(note_codecs(), 1000), limits=Limits()
    )


class StuckTransport(asyncio.Transport):
    """A transport whose peer never reads."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False
        self.aborted = asyncio.Event()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted.set()


def test_large_header_lists_are_not_remembered() -> None:
    """The result for small headers is remembered, that for large ones is not."""
    state = ServerState(methods={}, codecs={}, limits=Limits())
    small: Headers = ((":method", "POST"), (":path", "/a.B/C"))
    for headers in (small, (*small, ("x-large", "x" * 60_000))):
        assert isinstance(state.request_check.check(headers), Rejection)
    assert state.request_check.remembered == 1


async def test_a_flood_of_strangers_is_no_flood_of_lines(caplog: pytest.LogCaptureFixture) -> None:
    """Junk, plain HTTP, broken HTTP/2 and TLS: one line for each kind within ten seconds."""
    caplog.set_level(logging.INFO)
    strange = [
        b"GET / HTTP/1.1\r\nhost: x\r\n\r\n",
        b"\x16\x03\x01\x00\x05hello",
        b"junk\r\n\r\n",
        PREFACE + http2_frame(FrameType.PING, 0, 0, bytes(8)),
        PREFACE + settings_frame([]) + http2_frame(FrameType.DATA, 0, 0, b""),
    ]
    async with serving() as server:
        for number in range(100):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(strange[number % len(strange)])
            await reader.read()
            writer.close()
    assert len(caplog.records) < 10
