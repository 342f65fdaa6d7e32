"""TLS connections from first byte to last: none outlives its server, and no call is lost."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable

import pytest
from h2.connection import H2Connection

from mirastack_sdk._files.named_file import NamedFile
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import DataReceived
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk._wire.tls.tls_contexts import KeyPair
from mirastack_sdk._wire.tls.tls_server import ServerSecurity
from mirastack_sdk.errors import EngineError
from mirastack_sdk.security import Security
from tests.e2e.in_process import served
from tests.reliability.tls.certificates import LOOPBACK, Authority
from tests.reliability.tls.engines import (
    heartbeat,
    linked,
    raw_engine,
    server_context,
    trusting,
)
from tests.reliability.tls.peers import (
    TIMEOUT,
    Keeper,
    caller,
    client_context,
    raw_tls,
    read_to_the_end,
    until,
)
from tests.wire.raw_peer import PATH_HEADERS
from tests.wire.raw_peer import frame as message

ANSWERED = ((":status", "200"), ("content-type", "application/grpc+proto"))
# HeartbeatResponse(acknowledged=True)
ACKNOWLEDGED = b"\x08\x01"
# Less than a failed handshake is given to be read, or a handshake to be done.
AT_ONCE = 0.5


def protected(authority: Authority, handshake_seconds: float) -> ServerSecurity:
    """A server's certificate, and a handshake timeout."""
    issued = authority.issue(*LOOPBACK)
    identity = KeyPair(
        NamedFile("certificate", str(issued.certificate)), NamedFile("key", str(issued.key))
    )
    return ServerSecurity(identity, handshake_seconds=handshake_seconds)


@pytest.fixture
def security(authority: Authority) -> ServerSecurity:
    """A server's certificate, and a handshake timeout."""
    return protected(authority, 10.0)


@pytest.fixture
async def server(security: ServerSecurity) -> AsyncIterator[Server]:
    """A server without services, over TLS."""
    server = Server([], {}, tls=security)
    await server.start()
    yield server
    await server.close()


@pytest.mark.parametrize(
    "words", [b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"], ids=["silent", "half a hello"]
)
async def test_a_handshake_that_does_not_end_is_ended(
    authority: Authority, words: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A client that does not finish the handshake in time is disconnected without a trace."""
    security = protected(authority, 0.1)
    server = Server([], {}, tls=security)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(words)
    assert await read_to_the_end(reader) == b""
    writer.close()
    assert "the client did not finish the TLS handshake in time" in caplog.text
    await until(lambda: security.sockets == 0)
    await server.close()


async def test_a_server_that_closes_waits_for_no_handshake(
    authority: Authority, security: ServerSecurity
) -> None:
    """Sockets whose handshake has only begun are closed with the server."""
    server = Server([], {}, tls=security)
    await server.start()
    opened = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(5)]
    await until(lambda: security.sockets == 5)
    await server.close()
    await until(lambda: security.sockets == 0, AT_ONCE)
    for _, writer in opened:
        writer.close()


async def test_who_failed_the_handshake_does_not_hold_the_server(
    authority: Authority, security: ServerSecurity
) -> None:
    """A client that reads its alert and stays is disconnected when the server closes."""
    server = Server([], {}, tls=security)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"no TLS at all")
    await read_to_the_end(reader)
    assert security.sockets == 1
    await server.close()
    await until(lambda: security.sockets == 0, AT_ONCE)
    writer.close()


async def test_a_close_notify_ends_the_connection(
    server: Server, security: ServerSecurity, authority: Authority
) -> None:
    """A close_notify ends the connection, and nothing is left of it."""
    async with raw_tls(server.port, client_context(authority)) as (reader, writer):
        await reader.readexactly(9)
        assert security.sockets == 1
        writer.close()
        await until(lambda: security.sockets == 0)


def _answers(http2: Connection, number: int) -> None:
    http2.send_message(number, ANSWERED, (message(ACKNOWLEDGED),), (("grpc-status", "0"),))


def _large_answers(http2: Connection, number: int) -> None:
    # A field that is unknown, of 2,000 bytes.
    large = ACKNOWLEDGED + b"\xfa\x01\xd0\x0f" + b"x" * 2_000
    http2.send_message(number, ANSWERED, (message(large),), (("grpc-status", "0"),))


def _refusals(http2: Connection, number: int) -> None:
    status = (("grpc-status", "9"), ("grpc-message", "told so"))
    http2.send_headers(number, (*ANSWERED, *status), end_stream=True)


def _late_refusals(http2: Connection, number: int) -> None:
    status = (("grpc-status", "9"), ("grpc-message", "told so"))
    http2.send_message(number, ANSWERED, (message(ACKNOWLEDGED),), status)


def _answers_and_resets(http2: Connection, number: int) -> None:
    _answers(http2, number)
    http2.reset(number, ErrorCode.NO_ERROR)


type Reply = Callable[[Connection, int], None]

REPLIES: list[tuple[Reply, int]] = [
    (_answers, 1),
    (_answers, 200),
    (_answers, 900),
    (_large_answers, 30),
    (_refusals, 200),
    (_late_refusals, 200),
    (_answers_and_resets, 200),
]


async def _outcome(link: EngineLink) -> str:
    try:
        return "acknowledged" if (await heartbeat(link)).acknowledged else "no answer"
    except EngineError as error:
        return error.reason


@pytest.mark.parametrize("over", [None, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(("reply", "calls"), REPLIES)
async def test_answers_that_come_together_with_the_end(
    authority: Authority, reply: Reply, calls: int, over: ssl.TLSVersion | None
) -> None:
    """An engine answers all calls, says GOAWAY and closes, in one go: every answer counts."""

    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http2 = Connection(Role.SERVER)
        complete: list[int] = []
        while len(complete) < calls:
            writer.write(http2.data_to_send())
            data = b"" if http2.has_unread_frames else await reader.read(65_536)
            data_events = [one for one in http2.receive(data, 0.0) if isinstance(one, DataReceived)]
            complete += [one.stream_id for one in data_events if one.ended]
        for number in complete:
            reply(http2, number)
        http2.end()
        while sent := http2.data_to_send():
            writer.write(sent)
        writer.close()

    context = server_context(authority.issue(*LOOPBACK), "h2") if over else None
    if context is not None and over is not None:
        context.maximum_version = over
    means = trusting(authority) if over else {}
    async with raw_engine(leave, context) as port, linked(port, means) as link:
        outcomes = await asyncio.gather(*(_outcome(link) for _ in range(calls)))
    expected = "rejected" if reply in {_refusals, _late_refusals} else "acknowledged"
    assert set(outcomes) == {expected}


def _nothing(http2: H2Connection) -> None:
    """The connection is idle."""


def _calls(http2: H2Connection) -> None:
    http2.send_headers(1, list(PATH_HEADERS.items()))
    http2.send_data(1, message(b""), end_stream=True)


def _half_a_request(http2: H2Connection) -> None:
    http2.send_headers(1, list(PATH_HEADERS.items()))
    http2.send_data(1, message(b"whole")[:7])


def _leaves(http2: H2Connection) -> None:
    http2.close_connection()


def _gives_up(http2: H2Connection) -> None:
    _half_a_request(http2)
    http2.reset_stream(1)


def _pings(http2: H2Connection) -> None:
    http2.ping(b"12345678")


def _makes_many_calls(http2: H2Connection) -> None:
    for number in range(1, 101, 2):
        http2.send_headers(number, list(PATH_HEADERS.items()), end_stream=True)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    "act",
    [_nothing, _calls, _half_a_request, _leaves, _gives_up, _pings, _makes_many_calls],
)
async def test_an_orderly_close_is_answered_by_one(
    server: Server,
    security: ServerSecurity,
    authority: Authority,
    version: ssl.TLSVersion,
    act: Callable[[H2Connection], None],
) -> None:
    """A client that says close_notify gets one, not the end of the stream alone."""
    context = client_context(authority)
    context.maximum_version = version

    def close_in_order() -> None:
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT)
        with context.wrap_socket(
            connection, server_hostname="127.0.0.1", suppress_ragged_eofs=False
        ) as wrapped:
            http2 = H2Connection()
            http2.initiate_connection()
            act(http2)
            wrapped.sendall(http2.data_to_send())
            assert wrapped.recv(9)
            while True:
                # What the server has sent before must be read before the end.
                wrapped.settimeout(0.2)
                try:
                    wrapped.recv(65_536)
                except TimeoutError:
                    break
            wrapped.settimeout(TIMEOUT)
            wrapped.unwrap().close()

    await asyncio.to_thread(close_in_order)
    await until(lambda: security.sockets == 0)


async def test_an_agent_that_stops_answers_what_runs(authority: Authority) -> None:
    """A call that is running when the agent stops gets its complete response over TLS."""
    started, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Keeper):
        async def health_check(self) -> None:
            started.set()
            await go_on.wait()

    security = Security(server=authority.issue(*LOOPBACK).server())
    serving = served(Slow(), security)
    port = await serving.__aenter__()
    with caller(port, Security(client=authority.trusted())) as client:
        call = asyncio.create_task(client.health())
        async with asyncio.timeout(TIMEOUT):
            await started.wait()
            ending = asyncio.create_task(serving.__aexit__(None, None, None))
            go_on.set()
            assert (await call).healthy
            await ending
