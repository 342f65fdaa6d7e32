"""The server, tested by a client made of h2 alone."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from h2.errors import ErrorCodes

from mirastack_sdk._wire.grpc.current_call import current_call
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.server.grpc_server import Server
from tests.wire.notes import ECHO, Gate, Note, Notes, note_codecs, same
from tests.wire.raw_peer import RawPeer, frame

type Reply = Callable[[Note], Awaitable[Note]]


@asynccontextmanager
async def serving(
    respond: Reply = same, *, limit: int = 1000, limits: Limits | None = None
) -> AsyncIterator[Server]:
    """Serve notes on a free port of this machine."""
    server = Server(
        [Notes(respond)], note_codecs(), max_message_bytes=limit, limits=limits or Limits()
    )
    await server.start()
    try:
        yield server
    finally:
        await server.close()


@pytest.mark.contract("Two encodings: a request is answered in the encoding it came in")
@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/grpc", b"hello", b"hello"),
        ("application/grpc+proto", b"hello", b"hello"),
        ("application/grpc+json", b'{"text":"hello"}', b'{"text": "hello"}'),
        ("application/grpc+json; charset=utf-8", b'{"text":"hello"}', b'{"text": "hello"}'),
    ],
)
async def test_answers_in_the_encoding_of_the_request(
    content_type: str, body: bytes, expected: bytes
) -> None:
    """Each content-type of the contract gets its response in its own encoding."""
    async with serving() as server, await RawPeer.connect(server.port) as peer:
        answer = await peer.answer(peer.request(ECHO, frame(body), content_type=content_type))
        assert answer.status == "0"
        assert answer.data == frame(expected)
        subtype = "json" if "json" in content_type else "proto"
        assert answer.headers["content-type"] == f"application/grpc+{subtype}"


@pytest.mark.contract("Two encodings: both kinds of client may be connected at once")
async def test_both_encodings_share_a_connection() -> None:
    """Calls in different encodings run side by side on one connection."""
    async with serving() as server, await RawPeer.connect(server.port) as peer:
        plain = peer.request(ECHO, frame(b"a"))
        as_json = peer.request(ECHO, frame(b'{"text":"b"}'), content_type="application/grpc+json")
        assert (await peer.answer(plain)).data == frame(b"a")
        assert (await peer.answer(as_json)).data == frame(b'{"text": "b"}')


@pytest.mark.parametrize("compressed", [0, 1])
async def test_a_compressed_request_is_refused(compressed: int) -> None:
    """The response to any compression names `identity` (gRPC's compression protocol)."""
    async with serving() as server, await RawPeer.connect(server.port) as peer:
        encoding = None if compressed else "gzip"
        sent = peer.request(ECHO, frame(b"x", compressed=compressed), grpc_encoding=encoding)
        answer = await peer.answer(sent)
        assert (answer.status, answer.headers["grpc-accept-encoding"]) == ("12", "identity")


async def test_unknown_method_is_unimplemented_with_a_content_type() -> None:
    """An unknown method is UNIMPLEMENTED; without a content-type grpc-go would say UNKNOWN."""
    async with serving() as server, await RawPeer.connect(server.port) as peer:
        answer = await peer.answer(peer.request("/test.Notes/Sing", frame(b"x")))
        assert (answer.headers[":status"], answer.status) == ("200", "12")
        assert answer.headers["content-type"] == "application/grpc+proto"
        assert "/test.Notes/Sing" in (answer.message or "")


@pytest.mark.contract("Environment: MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES in either direction")
async def test_a_reply_above_the_limit_is_resource_exhausted() -> None:
    """The size limit applies to responses, too."""

    async def long(note: Note) -> Note:
        return Note("x" * 2000)

    async with serving(long) as server, await RawPeer.connect(server.port) as peer:
        answer = await peer.answer(peer.request(ECHO, frame(b"x")))
        assert (answer.status, answer.data) == ("8", b"")


async def test_an_unexpected_exception_stays_inside(caplog: pytest.LogCaptureFixture) -> None:
    """A failing handler is INTERNAL without the cause, which goes to the log."""

    async def fail(note: Note) -> Note:
        raise RuntimeError("secret detail")

    async with serving(fail) as server, await RawPeer.connect(server.port) as peer:
        answer = await peer.answer(peer.request(ECHO, frame(b"x")))
        assert (answer.status, answer.message) == ("13", "internal error")
        assert "secret detail" in caplog.text


async def test_a_handler_knows_its_call() -> None:
    """A handler can read metadata, deadline, method and encoding."""

    async def describe(note: Note) -> Note:
        call = current_call()
        assert call.deadline is not None
        left = call.deadline - asyncio.get_running_loop().time()
        assert 0 < left <= 5
        return Note(f"{call.method} {call.encoding.value} {call.metadata['x-who']}")

    async with serving(describe) as server, await RawPeer.connect(server.port) as peer:
        sent = peer.request(ECHO, frame(b"x"), x_who="me", grpc_timeout="5S")
        assert (await peer.answer(sent)).data == frame(f"{ECHO} proto me".encode())


async def test_a_handlers_own_timeout_error_is_not_the_callers_deadline() -> None:
    """A TimeoutError of the handler's own is an internal error, not DEADLINE_EXCEEDED."""

    async def fail(note: Note) -> Note:
        raise TimeoutError

    async with serving(fail) as server, await RawPeer.connect(server.port) as peer:
        answer = await peer.answer(peer.request(ECHO, frame(b"x"), grpc_timeout="5S"))
        assert answer.status == "13"


async def test_drain_answers_what_runs_and_what_crosses_its_goaway() -> None:
    """While draining, requests that crossed the GOAWAY are served, and no later ones."""
    gate = Gate()
    async with serving(gate.respond) as server, await RawPeer.connect(server.port) as peer:
        running = peer.request(ECHO, frame(b"running"))
        await gate.entered.wait()
        drained = asyncio.create_task(server.drain(30))
        await asyncio.sleep(0)
        crossing = peer.request(ECHO, frame(b"crossing"))
        async with asyncio.timeout(10):
            while len(peer.goaways) < 2:
                await peer.read()
        assert peer.goaways == [2**31 - 1, crossing]
        late = peer.request(ECHO, frame(b"late"))
        gate.opened.set()
        assert (await peer.answer(running)).data == frame(b"running")
        assert (await peer.answer(crossing)).data == frame(b"crossing")
        assert await drained == 0
        assert not peer.answers[late].ended


async def test_drain_waits_for_requests_that_are_still_coming() -> None:
    """A request that began before the drain may finish, and is served."""
    async with serving() as server, await RawPeer.connect(server.port) as peer:
        stream_id = peer.begin(ECHO, frame(b"slow")[:4])
        assert (await peer.answer(peer.request(ECHO, frame(b"fast")))).status == "0"
        drained = asyncio.create_task(server.drain(30))
        await asyncio.sleep(0)
        peer.finish(stream_id, frame(b"slow")[4:])
        assert (await peer.answer(stream_id)).data == frame(b"slow")
        assert await drained == 0


async def test_close_refuses_requests_that_are_still_coming() -> None:
    """A request that is incomplete when the server closes is refused as unprocessed."""
    async with serving() as server, await RawPeer.connect(server.port) as peer:
        stream_id = peer.begin(ECHO, frame(b"slow")[:4])
        assert (await peer.answer(peer.request(ECHO, frame(b"fast")))).status == "0"
        assert await server.drain(0) == 0
        await server.close()
        assert (await peer.answer(stream_id)).reset == ErrorCodes.REFUSED_STREAM


async def test_drain_cancels_and_answers_what_outruns_the_grace_period() -> None:
    """A call that exceeds the grace period is cancelled with UNAVAILABLE."""
    gate = Gate()
    async with serving(gate.respond) as server, await RawPeer.connect(server.port) as peer:
        running = peer.request(ECHO, frame(b"running"))
        await gate.entered.wait()
        assert await server.drain(0) == 1
        answer = await peer.answer(running)
        assert (answer.status, answer.message) == ("14", "the server is shutting down")
        assert gate.cancelled.is_set()


async def test_drain_stops_listening() -> None:
    """No new connection is accepted once draining has begun."""
    async with serving() as server:
        await server.drain(0)
        with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
            await RawPeer.connect(server.port)


async def test_drain_serves_connections_that_wait_in_the_backlog() -> None:
    """Connections that the system has accepted are served, however many: none is reset."""
    async with serving() as server, asyncio.timeout(30):
        waiting = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
        draining = asyncio.create_task(server.drain(30))
        await asyncio.sleep(0)
        for one in waiting:
            async with RawPeer(*await asyncio.open_connection(sock=one)) as peer:
                assert (await peer.answer(peer.request(ECHO, frame(b"x")))).status == "0"
        assert await draining == 0


async def test_close_says_goaway_and_returns_while_clients_are_connected() -> None:
    """Closing ends idle connections with GOAWAY instead of waiting for their clients."""
    async with serving() as server, await RawPeer.connect(server.port) as peer:
        await peer.answer(peer.request(ECHO, frame(b"x")))
        async with asyncio.timeout(5):
            await server.close()
            await peer.read_to_the_end()
        assert peer.goaway


async def test_a_server_starts_again_on_its_port() -> None:
    """After close() the same server can serve on the same port."""
    async with serving() as server:
        port = server.port
        await server.drain(0)
        await server.close()
        await server.start(port=port)
        async with await RawPeer.connect(port) as peer:
            assert (await peer.answer(peer.request(ECHO, frame(b"x")))).status == "0"


@pytest.mark.contract(
    "Environment: MIRASTACK_PLUGIN_ADDR, by default all interfaces and a free port"
)
async def test_every_interface_shares_one_free_port() -> None:
    """An empty host and port 0 listen on every interface at a single free port."""
    server = Server([Notes(same)], note_codecs())
    await server.start("", 0)
    try:
        async with await RawPeer.connect(server.port) as peer:
            assert (await peer.answer(peer.request(ECHO, frame(b"x")))).status == "0"
    finally:
        await server.close()


async def test_answers_are_not_held_back() -> None:
    """Connections have TCP_NODELAY: responses do not wait for the peer's delayed ACK."""
    delays: list[int] = []

    async def look(note: Note) -> Note:
        (connection,) = server._connections  # noqa: SLF001 - what the peer cannot see
        sock = connection._transport.get_extra_info("socket")  # noqa: SLF001 - as above
        delays.append(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        return note

    async with serving(look) as server, await RawPeer.connect(server.port) as peer:
        await peer.answer(peer.request(ECHO, frame(b"x")))
    assert delays == [1]
