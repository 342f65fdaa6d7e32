"""Calls with streams as they are on the wire: each frame, in its order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress

import pytest
from h2.errors import ErrorCodes

from mirastack_sdk._wire.http2.codes import PREFACE
from mirastack_sdk._wire.http2.limits import Limits, Rate
from mirastack_sdk._wire.server.client_watch import ClientTimeouts
from mirastack_sdk._wire.server.server_state import Capacity
from tests.wire.raw_peer import RawPeer, frame
from tests.wire.streaming.four_kinds import JOIN, SPLIT, TALK, Streams, calling, serving
from tests.wire.streaming.probes import Probe, until, until_closed

_SETTINGS = bytes.fromhex("000000 04 00 00000000")
_SETTINGS_ACK = bytes.fromhex("000000 04 01 00000000")
_HEADERS = {
    ":method": "POST",
    ":scheme": "http",
    ":authority": "localhost",
    "te": "trailers",
    "content-type": "application/grpc",
}


async def read_until(reader: asyncio.StreamReader, end: bytes) -> bytes:
    received = b""
    async with asyncio.timeout(20):
        while not received.endswith(end):
            received += await reader.read(65_536)
    return received


async def test_the_bytes_of_a_stream_of_responses() -> None:
    """HEADERS once, a DATA frame for each message, and HEADERS with the status at the end."""
    # ":method: POST", ":scheme: http", ":path: /test.Streams/Split", "te: trailers" and
    # "content-type: application/grpc" as literals without indexing (RFC 7541, appendix C.2.2).
    block = b"\x83\x86\x04\x13/test.Streams/Split\x00\x02te\x08trailers\x0f\x10\x10application/grpc"
    request = (
        len(block).to_bytes(3)
        + bytes.fromhex("01 04 00000001")
        + block
        + bytes.fromhex("000007 00 01 00000001  00 00000002")
        + b"ab"
    )
    trailers = bytes.fromhex("01 05 00000001")
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(PREFACE + _SETTINGS + request)
        received = await read_until(reader, b"\x0bgrpc-status\x010")
        writer.close()
    begin = received.index(_SETTINGS_ACK) + len(_SETTINGS_ACK)
    messages = (
        bytes.fromhex("000006 00 00 00000001  00 00000001")
        + b"a"
        + bytes.fromhex("000006 00 00 00000001  00 00000001")
        + b"b"
    )
    headers, _, rest = received[begin:].partition(messages)
    assert headers[3:9] == bytes.fromhex("01 04 00000001")
    assert rest[3:9] == trailers


async def test_the_bytes_of_a_stream_of_requests() -> None:
    """A DATA frame for each message, and an empty one that ends the stream."""
    received = asyncio.get_running_loop().create_future()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(_SETTINGS + _SETTINGS_ACK)
        received.set_result(await read_until(reader, bytes.fromhex("000000 00 01 00000001")))
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server, calling(server.sockets[0].getsockname()[1]) as channel:
        calls = asyncio.ensure_future(channel.stream_unary(JOIN, [b"a", b"bc"]))
        data = await received
        calls.cancel()
        await asyncio.wait([calls])
    assert data.endswith(
        bytes.fromhex("000006 00 00 00000001  00 00000001")
        + b"a"
        + bytes.fromhex("000007 00 00 00000001  00 00000002")
        + b"bc"
        + bytes.fromhex("000000 00 01 00000001")
    )


async def test_a_status_without_messages_is_a_single_frame() -> None:
    """Trailers-Only (gRPC over HTTP/2, "Responses"), and the rest of the request is not wanted."""

    async def refuse(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for part in parts:
            yield {b"y": part}[part]

    async with serving(Streams(talk=refuse)) as server, await RawPeer.connect(server.port) as peer:
        answer = await peer.answer(peer.begin(TALK.path, frame(b"x")))
    assert (answer.status, answer.trailers, answer.data) == ("13", {}, b"")
    assert answer.headers["content-type"] == "application/grpc+proto"


async def test_no_messages_and_ok_have_trailers() -> None:
    """An empty stream of responses is a success."""
    async with serving() as server, await RawPeer.connect(server.port) as peer:
        answer = await peer.answer(peer.request(SPLIT.path, frame(b"")))
    assert answer.headers.keys() == {":status", "content-type"}
    assert (answer.trailers, answer.data) == ({"grpc-status": "0"}, b"")


async def test_the_client_is_told_to_stop_when_it_has_got_everything() -> None:
    """RST_STREAM with NO_ERROR comes behind the trailers, even if they wait for the window."""

    async def split(word: bytes) -> AsyncIterator[bytes]:
        yield b"x" * 100_000

    async def talk(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield b"x" * 100_000

    async with (
        serving(Streams(split=split, talk=talk)) as server,
        await RawPeer.connect(server.port) as peer,
    ):
        answer = await peer.answer(peer.begin(TALK.path, frame(b"x")))
        assert (len(answer.data), answer.status) == (100_005, "0")
        await peer.answer(peer.request(SPLIT.path, frame(b"x")))
        assert answer.reset == ErrorCodes.NO_ERROR


@pytest.mark.parametrize("size", [1, 4, 5, 6, 7, 100])
async def test_small_messages_are_no_flood(size: int) -> None:
    """A client may send each message in a frame of its own, as grpc-go does, without an end."""
    count = 5_000
    async with serving() as server, await RawPeer.connect(server.port) as peer:
        stream_id = peer.begin(JOIN.path, frame(b""))
        for _ in range(count // 100):
            for _ in range(100):
                piece = frame(b"x" * max(0, size - 5))
                peer.http2.send_data(stream_id, piece)
            peer.flush()
            while peer.http2.local_flow_control_window(stream_id) < 20_000:
                await peer.read()
        peer.finish(stream_id, frame(b""))
        answer = await peer.answer(stream_id)
    assert (answer.status, len(answer.data)) == ("0", 5 + count * max(0, size - 5))


async def test_a_sequence_of_bytes_is_a_flood() -> None:
    """Frames that are smaller than any message use up the budget, as in unary calls."""
    async with serving() as server, await RawPeer.connect(server.port) as peer:
        stream_id = peer.begin(JOIN.path, b"\0\0\1\0\0")
        for _ in range(3_000):
            peer.http2.send_data(stream_id, b"x")
        peer.flush()
        async with asyncio.timeout(20):
            await peer.read_to_the_end()
        assert peer.goaway


async def test_calls_that_are_cancelled_in_mid_stream_are_no_flood() -> None:
    """A client may cancel any number of streams that run, whether its requests are complete."""
    handlers: list[Probe] = []

    def talk(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        handlers.append(Probe(size=1, pause_after=1))
        return handlers[-1].messages()

    async with (
        asyncio.timeout(60),
        serving(Streams(talk=talk), limits=Limits(resets=Rate(burst=5, per_second=0))) as server,
        await RawPeer.connect(server.port) as peer,
    ):
        for _ in range(5):
            streams = [peer.begin(TALK.path, frame(b"x")) for _ in range(20)]
            while not all(peer.answers[number].data for number in streams):
                await peer.read()
            for number in streams:
                peer.http2.reset_stream(number)
            peer.flush()
        await peer.answer(peer.request(SPLIT.path, frame(b"x")))
        assert not peer.goaway
        await until_closed(*handlers)
    assert len(handlers) == 100


async def test_a_stream_may_rest_but_not_inside_a_message() -> None:
    """The time for a body limits each message that is waited for, and no pause between two."""
    timeouts = ClientTimeouts(body=0.2)
    handlers: list[Probe] = []

    def join(parts: AsyncIterator[bytes]) -> Awaitable[bytes]:
        handlers.append(Probe())
        return handlers[-1].collect(parts)

    async with (
        serving(Streams(join=join), timeouts=timeouts) as server,
        await RawPeer.connect(server.port) as peer,
    ):
        resting = peer.begin(JOIN.path, frame(b"x"))
        partial = peer.begin(JOIN.path, frame(b"x") + b"\0\0")
        answer = await peer.answer(partial)
        assert (answer.status, answer.message) == ("4", "the request was not complete in time")
        await until_closed(handlers[1])
        peer.finish(resting, frame(b"y"))
        assert (await peer.answer(resting)).data == frame(b"2")


async def test_messages_that_each_come_in_time_are_not_late_together() -> None:
    """Each message has the time for itself, however often a check finds one of them incomplete."""
    timeouts = ClientTimeouts(body=0.4)
    async with (
        serving(timeouts=timeouts) as server,
        await RawPeer.connect(server.port) as peer,
    ):
        loop = asyncio.get_running_loop()
        begin, message = loop.time(), frame(b"x")
        stream_id = peer.begin(TALK.path, message[:3])
        answer = peer.answers[stream_id]
        while loop.time() < begin + 0.8:
            expected = answer.data + message
            peer.http2.send_data(stream_id, message[3:] + message[:3])
            peer.flush()
            while answer.data != expected:
                await peer.read()
        peer.finish(stream_id, message[3:])
        assert (await peer.answer(stream_id)).status == "0"


async def test_a_client_may_leave_a_stream_unread() -> None:
    """A stream that waits for its client is not dropped: its handler is suspended, little waits."""
    timeouts = ClientTimeouts(stalled_reader=0.1, keepalive_time=5.0)
    handler = Probe()
    async with (
        serving(Streams(split=handler.messages), timeouts=timeouts) as server,
        await RawPeer.connect(server.port) as peer,
    ):
        stream_id = peer.request(SPLIT.path, frame(b""))
        stopped_at = await unread(peer, stream_id, handler)
        loop = asyncio.get_running_loop()
        begin = loop.time()
        while loop.time() < begin + 1.0:
            await peer.answer(peer.request(JOIN.path, frame(b"x")))
        assert not peer.answers[stream_id].ended
        peer.http2.increment_flow_control_window(1_000_000, stream_id)
        peer.flush()
        while handler.sent <= stopped_at:
            await peer.read()
        peer.http2.reset_stream(stream_id)
        peer.flush()
        await until_closed(handler)


async def unread(peer: RawPeer, stream_id: int, handler: Probe) -> int:
    """Read until the window of a stream is full; return how much has been sent."""
    peer.http2.acknowledge_received_data = lambda *_: None  # type: ignore[method-assign] # h2 widens the window otherwise
    while len(peer.answers[stream_id].data) < 60_000:
        await peer.read()
    peer.http2.increment_flow_control_window(1_000_000)
    peer.flush()
    return await handler.settled()


async def test_unread_streams_that_hold_up_new_calls_are_dropped() -> None:
    """Beyond the limit for queued data the client must read, or lose what it does not read."""
    timeouts = ClientTimeouts(overfull=0.2)
    handlers: list[Probe] = []

    def split(word: bytes) -> AsyncIterator[bytes]:
        handlers.append(Probe(size=2_000_000))
        return handlers[-1].messages()

    async with (
        serving(
            Streams(split=split), timeouts=timeouts, capacity=Capacity(streaming_calls=10)
        ) as server,
        await RawPeer.connect(server.port) as peer,
    ):
        peer.http2.acknowledge_received_data = lambda *_: None  # type: ignore[method-assign] # h2 widens the window otherwise
        streams = [peer.request(SPLIT.path, frame(b"")) for _ in range(6)]
        async with asyncio.timeout(20):
            while not any(peer.answers[number].ended for number in streams):
                await peer.read()
        dropped = [peer.answers[n] for n in streams if peer.answers[n].ended]
        assert {answer.reset for answer in dropped} == {ErrorCodes.ENHANCE_YOUR_CALM}
        await until(lambda: sum(h.closed.is_set() for h in handlers) >= len(dropped))


async def test_a_handler_that_swallows_its_deadline_does_not_end_with_ok() -> None:
    """A stream that was cut short must not look complete, even if its generator just returns."""

    async def split(word: bytes) -> AsyncIterator[bytes]:
        yield b"x"
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    async with serving(Streams(split=split)) as server, await RawPeer.connect(server.port) as peer:
        answer = await peer.answer(peer.request(SPLIT.path, frame(b""), grpc_timeout="100m"))
    assert (answer.data, answer.status) == (frame(b"x"), "4")
