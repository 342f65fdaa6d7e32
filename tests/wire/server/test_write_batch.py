"""Connections that are read in one iteration of the loop: their responses are written together."""

import asyncio
import random
import socket
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from mirastack_sdk._wire.http2.codes import (
    LARGEST_WINDOW,
    PREFACE,
    Flag,
    FrameType,
    Role,
    Setting,
)
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.frames import (
    HEADER_SIZE,
    header_frames,
    rst_stream_frame,
    settings_frame,
    window_update_frame,
)
from mirastack_sdk._wire.http2.frames import frame as http2_frame
from mirastack_sdk._wire.server.server_connection import ServerConnection
from mirastack_sdk._wire.server.server_state import ServerState
from mirastack_sdk._wire.socket.protocol import WriteBatch, WriteCoalescer, waiting_callbacks
from mirastack_sdk._wire.tls.tls_layer import TlsLayer
from tests.reliability.tls.certificates import LOOPBACK, Authority
from tests.wire.notes import ECHO, Note, Notes
from tests.wire.raw_peer import frame
from tests.wire.server.test_grpc_server import serving
from tests.wire.server.test_server_connection import block_to, state_of

OPENING = PREFACE + settings_frame([(Setting.INITIAL_WINDOW_SIZE, LARGEST_WINDOW)])
WIDE = window_update_frame(0, LARGEST_WINDOW - 2**16)
LARGE = 100_000
SIZE_LIMIT = 2 * LARGE
EXAMPLES = 30

type Event = tuple[str, str]


def request(text: str, stream_id: int = 1) -> bytes:
    """A whole call with one note."""
    head = header_frames(stream_id, block_to(ECHO), 16_384, end_stream=False)
    return head + http2_frame(FrameType.DATA, Flag.END_STREAM, stream_id, frame(text.encode()))


class Transport(asyncio.Transport):
    """Notes each write, which fails where `fails` says so."""

    def __init__(self, name: str, events: list[Event]) -> None:
        super().__init__()
        self.fails = False
        self.written = b""
        self._name = name
        self._events = events

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self.fails:
            raise RuntimeError("the write has failed")
        self.written += data
        self._events.append(("wrote", self._name))

    def close(self) -> None:
        self._events.append(("closed", self._name))

    def is_closing(self) -> bool:
        return False


class Clients:
    """Connections of one server; `events` are the notes that are handled, and the writes."""

    def __init__(self, names: str, *, on_note: Callable[[str], object] = len) -> None:
        self.events: list[Event] = []
        self._on_note = on_note
        self.state: ServerState = state_of(Notes(self._respond))
        for codec in self.state.codecs.values():
            codec.max_message_bytes = SIZE_LIMIT
        self.transports = {name: Transport(name, self.events) for name in names}
        self.connections = {name: self._connect(name) for name in names}
        self.events.clear()

    async def send_at_once(self, *names: str) -> list[Event]:
        """Send a note of each client, all read in one iteration; return what happens."""
        loop = asyncio.get_running_loop()
        for name in names:
            loop.call_soon(self.connections[name].data_received, request(name))
        for _ in range(5):
            await asyncio.sleep(0)
        return self.events

    async def _respond(self, note: Note) -> Note:
        self.events.append(("handled", note.text))
        self._on_note(note.text)
        return Note("x" * LARGE) if note.text.isupper() else note

    def _connect(self, name: str) -> ServerConnection:
        connection = ServerConnection(self.state, lambda _: None)
        connection.connection_made(self.transports[name])
        connection.data_received(OPENING + WIDE)
        return connection


@pytest.fixture
async def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no time pass: on a busy machine, responses would be written before the last request."""
    loop = asyncio.get_running_loop()
    now = loop.time()
    monkeypatch.setattr(loop, "time", lambda: now)


@pytest.mark.usefixtures("_still_clock")
async def test_what_is_read_together_is_written_together() -> None:
    """All requests of one iteration are handled first, and then all responses written."""
    events = await Clients("abc").send_at_once("a", "b", "c")
    handled, written = [("handled", name) for name in "abc"], [("wrote", name) for name in "abc"]
    assert events == handled + written


async def test_a_connection_that_is_alone_writes_at_once() -> None:
    """A response that has nothing to wait for costs no further iteration."""
    clients = Clients("ab")
    clients.connections["a"].data_received(request("a"))
    assert clients.events == [("handled", "a"), ("wrote", "a")]


async def test_a_large_response_does_not_wait() -> None:
    """Large responses are written at once, so that few of them are in memory."""
    events = await Clients("Abc").send_at_once("A", "b", "c")
    assert events.index(("wrote", "A")) < events.index(("handled", "b"))


async def test_responses_wait_only_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where requests take long, the responses before are written after the next one."""
    loop = asyncio.get_running_loop()
    now = loop.time()
    monkeypatch.setattr(loop, "time", lambda: now)

    def take_long(_: str) -> None:
        nonlocal now
        now += 0.01

    events = await Clients("abcd", on_note=take_long).send_at_once("a", "b", "c", "d")
    assert events == [
        ("handled", "a"),
        ("handled", "b"),
        ("wrote", "a"),
        ("wrote", "b"),
        ("handled", "c"),
        ("handled", "d"),
        ("wrote", "c"),
        ("wrote", "d"),
    ]


async def test_a_connection_that_ends_first_writes_what_waits() -> None:
    """A client that closes its side right after its request still gets the response."""
    loop = asyncio.get_running_loop()
    clients = Clients("ab")
    loop.call_soon(clients.connections["a"].data_received, request("a"))
    loop.call_soon(clients.connections["a"].eof_received)
    events = await clients.send_at_once("b")
    assert events.index(("wrote", "a")) < events.index(("handled", "b"))


async def test_a_closed_server_writes_what_waits() -> None:
    """A response that waits for other connections leaves before its connection is closed."""
    loop = asyncio.get_running_loop()
    clients = Clients("ab")
    loop.call_soon(clients.connections["a"].data_received, request("a"))
    loop.call_soon(clients.connections["a"].close)
    events = await clients.send_at_once("b")
    assert events.index(("wrote", "a")) < events.index(("closed", "a"))


@pytest.mark.usefixtures("_still_clock")
async def test_a_failed_write_holds_up_no_other() -> None:
    """What the connections behind one that fails have to send is written nevertheless."""
    loop = asyncio.get_running_loop()
    failures: list[str] = []
    loop.set_exception_handler(lambda _, context: failures.append(str(context["exception"])))
    clients = Clients("abc")
    clients.transports["a"].fails = True
    try:
        events = await clients.send_at_once("a", "b", "c")
    finally:
        loop.set_exception_handler(None)
    assert failures == ["the write has failed"]
    assert events[-2:] == [("wrote", "b"), ("wrote", "c")]


async def test_a_connection_that_was_written_to_meanwhile_is_skipped() -> None:
    """Nothing is written twice, and there are no empty writes."""
    events: list[Event] = []
    transport = Transport("a", events)
    batch, writer = WriteBatch(), WriteCoalescer(Connection(Role.SERVER), transport)
    batch.add(writer, 0.0)
    writer.flush()
    written = transport.written
    for _ in range(3):
        await asyncio.sleep(0)
    assert (events, transport.written) == ([("wrote", "a")], written)


def test_a_loop_need_not_tell_what_waits() -> None:
    """On uvloop, which does not tell, each connection writes at once."""
    uvloop = pytest.importorskip("uvloop", reason="uvloop does not run on this system")
    loop = uvloop.new_event_loop()
    try:
        assert not waiting_callbacks(loop)
    finally:
        loop.close()


@pytest.mark.parametrize("seed", range(EXAMPLES))
async def test_connections_get_what_each_would_get_alone(seed: int) -> None:
    """Whatever several clients send at once, each gets the bytes that it gets on its own."""
    numbers = random.Random(seed)  # noqa: S311 - they are no secret
    programs = [_program(numbers) for _ in range(5)]
    alone = [(await _responses([program]))[0] for program in programs]
    assert await _responses(programs) == alone


def _program(numbers: random.Random) -> list[bytes]:
    """What a client sends in each turn; the answer to its PING shows that it was read."""
    pieces, rest = [], b""
    for turn in range(4):
        parts, rest = [rest], b""
        for stream_id in range(100 * turn + 1, 100 * turn + 2 * numbers.randrange(1, 5), 2):
            whole = request("y" * numbers.randrange(1, 900), stream_id)
            head = header_frames(stream_id, block_to("/test.Notes/Sing"), 16_384, end_stream=True)
            reset = whole + rst_stream_frame(stream_id, 8)
            parts.append(numbers.choice([whole, whole, whole, reset, head]))
        if numbers.randrange(2):
            # Frames of the connection may come between those of a request.
            split = request("z", 100 * turn + 51)
            at = len(split) - HEADER_SIZE - len(frame(b"z"))
            rest = split[at:]
            parts.append(split[:at])
        parts.append(http2_frame(FrameType.PING, 0, 0, turn.to_bytes(8)))
        pieces.append(b"".join(parts))
    return pieces


async def _responses(programs: Sequence[Sequence[bytes]]) -> list[bytes]:
    """What each client gets; all send their next piece when they have got everything so far."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(20), serving() as server:
        clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in programs]
        got = [bytearray() for _ in programs]
        for client in clients:
            client.setblocking(False)
            await loop.sock_sendall(client, OPENING + WIDE)
        for turn, pieces in enumerate(zip(*programs, strict=True)):
            for client, piece in zip(clients, pieces, strict=True):
                # In one iteration of the loop: the server sees all of them together.
                assert client.send(piece) == len(piece)
            pong = http2_frame(FrameType.PING, Flag.ACK, 0, turn.to_bytes(8))
            for client, data in zip(clients, got, strict=True):
                await _receive(client, data, until=pong)
        for client in clients:
            client.close()
    return [bytes(data) for data in got]


async def _receive(client: socket.socket, data: bytearray, *, until: bytes) -> None:
    while until not in data:
        data.extend(await asyncio.get_running_loop().sock_recv(client, 65_536))


async def test_a_client_that_ends_tls_at_once_gets_its_response(tmp_path: Path) -> None:
    """A close_notify in the same read as a request does not overtake the response."""
    authority = Authority(tmp_path)
    identity = authority.issue(*LOOPBACK)
    serving_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving_context.load_cert_chain(identity.certificate, identity.key)
    serving_context.set_alpn_protocols(["h2"])
    clients = Clients("ab")
    peer = TlsPeer(ssl.create_default_context(cafile=authority.ca))
    layer = TlsLayer(
        ServerConnection(clients.state, lambda _: None),
        serving_context,
        server_name=None,
        handshake_seconds=10,
    )
    transport = Transport("tls", clients.events)
    layer.connection_made(transport)
    while not peer.is_open:
        layer.data_received(peer.handshake(transport))
    layer.data_received(peer.send(OPENING + WIDE))
    asyncio.get_running_loop().call_soon(layer.data_received, peer.send(request("a"), last=True))
    await clients.send_at_once("b")
    assert frame(b"a") in peer.read(transport)


class TlsPeer:
    """The client's end of TLS, without a socket."""

    def __init__(self, context: ssl.SSLContext) -> None:
        context.set_alpn_protocols(["h2"])
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=LOOPBACK[0]
        )
        self.is_open = False

    def handshake(self, server: Transport) -> bytes:
        """Take what the server has written; return the client's next flight."""
        self._take(server)
        try:
            self._session.do_handshake()
            self.is_open = True
        except ssl.SSLWantReadError:
            pass
        return self._outgoing.read()

    def send(self, data: bytes, *, last: bool = False) -> bytes:
        """Encrypt data, with a close_notify behind it if it is the last."""
        self._session.write(data)
        if last:
            with pytest.raises(ssl.SSLWantReadError):
                self._session.unwrap()
        return self._outgoing.read()

    def read(self, server: Transport) -> bytes:
        """Decrypt all that the server has written."""
        self._take(server)
        got = b""
        try:
            while data := self._session.read(65_536):
                got += data
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            pass
        return got

    def _take(self, server: Transport) -> None:
        self._incoming.write(server.written)
        server.written = b""
