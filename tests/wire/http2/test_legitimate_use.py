"""Heavy but legitimate use exhausts no budget, however fast or long."""

from collections.abc import Iterator

import pytest

from mirastack_sdk._wire.http2.codes import ErrorCode, FrameType, Role, Setting
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import ConnectionEnded, Event, StreamReset
from mirastack_sdk._wire.http2.frames import (
    SETTINGS_ACK,
    frame,
    rst_stream_frame,
    settings_frame,
    window_update_frame,
)
from tests.wire.http2.programs import request_headers
from tests.wire.http2.short_frames import REQUEST, connected, data, request

_MESSAGE = b"\0\0\0\0\x64" + bytes(100)
_PING = frame(FrameType.PING, 0, 0, b"12345678")
_REPLY = (((":status", "200"), ("content-type", "application/grpc")), (("grpc-status", "0"),))


def _receive(connection: Connection, sent: bytes, now: float) -> list[Event]:
    events = connection.receive(sent, now)
    assert not any(isinstance(event, ConnectionEnded) for event in events), events
    return events


def _receive_all(connection: Connection, sent: bytes, now: float) -> None:
    """Receive what takes several turns."""
    _receive(connection, sent, now)
    while connection.has_unread_frames:
        _receive(connection, b"", now)


def _server() -> Connection:
    server = connected(Role.SERVER)
    server.receive(window_update_frame(0, 2**30), 0.0)
    return server


def _take(connection: Connection) -> int:
    """Take everything that is ready to be sent; return its size."""
    size = 0
    while sent := connection.data_to_send():
        size += len(sent)
    return size


def _respond(server: Connection, stream_id: int) -> None:
    server.send_headers(stream_id, _REPLY[0])
    server.send_data(stream_id, _MESSAGE)
    server.send_headers(stream_id, _REPLY[1], end_stream=True)


def _calls(count: int) -> Iterator[tuple[int, bytes]]:
    for stream_id in range(1, 2 * count, 2):
        yield stream_id, request(stream_id) + data(stream_id, _MESSAGE, ended=True)


def test_cancellations_among_many_calls() -> None:
    """Of 50,000 calls at 1,000 a second the client gives up every fiftieth: 20 a second."""
    server = _server()
    for number, (stream_id, call) in enumerate(_calls(50_000)):
        now = number / 1_000
        _receive(server, call, now)
        if number % 50:
            _respond(server, stream_id)
        else:
            _receive(server, rst_stream_frame(stream_id, ErrorCode.CANCEL), now)
        _take(server)
    assert server.open_streams == 0


def test_all_calls_cancelled_at_once() -> None:
    """A client that cancels as many calls as it may run does not lose the connection."""
    server = _server()
    for stream_id in range(1, 2_001, 2):
        _receive(server, request(stream_id), 0.0)
    resets = b"".join(rst_stream_frame(number, ErrorCode.CANCEL) for number in range(1, 2_001, 2))
    assert len(_receive(server, resets, 0.0)) == 1_000
    assert server.open_streams == 0


def test_every_call_expires() -> None:
    """A client gives up each of 50,000 calls after a second, and still has its connection."""
    server = _server()
    for number, (stream_id, call) in enumerate(_calls(50_000)):
        now = number / 500
        expired = stream_id - 2 * 500
        if expired > 0:
            _receive(server, rst_stream_frame(expired, ErrorCode.CANCEL), now)
        _receive(server, call, now)
    assert server.open_streams == 500


@pytest.mark.parametrize("waves", [3, 10])
def test_waves_of_calls_expire_at_once(waves: int) -> None:
    """Neither does a client that gives up as many calls as it may run, again and again."""
    server = _server()
    calls = _calls(waves * 990)
    for wave in range(waves):
        begun = [next(calls) for _ in range(990)]
        _receive_all(server, b"".join(call for _, call in begun), wave * 3.0)
        assert server.open_streams == 990
        resets = b"".join(rst_stream_frame(number, ErrorCode.CANCEL) for number, _ in begun)
        _receive_all(server, resets, wave * 3.0 + 0.01)
        assert server.open_streams == 0


def test_responses_that_cross_resets() -> None:
    """A reset of a call that has just been answered costs nothing, at any rate."""
    server = _server()
    for stream_id, call in _calls(20_000):
        _receive(server, call, 0.0)
        _respond(server, stream_id)
        _take(server)
        assert not _receive(server, rst_stream_frame(stream_id, ErrorCode.CANCEL), 0.0)


def test_calls_of_a_server_that_was_busy() -> None:
    """A server that did not read for a while gets calls together with their resets."""
    server = _server()
    begun_and_given_up = (
        call + rst_stream_frame(stream_id, ErrorCode.CANCEL) for stream_id, call in _calls(3_000)
    )
    _receive_all(server, b"".join(begun_and_given_up), 60.0)
    assert server.open_streams == 0


def test_uploads_that_are_cancelled() -> None:
    """A client may cancel 300 incomplete requests a second for minutes."""
    server = _server()
    for number in range(30_000):
        stream_id = 2 * number + 1
        _receive(server, request(stream_id), number / 300)
        _receive(server, rst_stream_frame(stream_id, ErrorCode.CANCEL), number / 300 + 0.001)
    assert server.open_streams == 0


def test_a_ping_and_window_updates_with_every_reply() -> None:
    """grpc-go pings for each burst of data: 20,000 calls in a second are allowed."""
    server = _server()
    for number, (stream_id, call) in enumerate(_calls(20_000)):
        now = number / 20_000
        _receive(server, call, now)
        _respond(server, stream_id)
        _take(server)
        room = window_update_frame(0, len(_MESSAGE))
        _receive(server, _PING + room + window_update_frame(stream_id, len(_MESSAGE)), now)
        _take(server)


def test_a_ping_with_every_request() -> None:
    """Servers measure bandwidth as well, with the data of requests."""
    client = connected(Role.CLIENT)
    for number in range(20_000):
        stream_id = client.request(request_headers(0, 0))
        client.send_data(stream_id, _MESSAGE, end_stream=True)
        _take(client)
        answer = request(stream_id, block=b"\x88", ended=True)
        _receive(client, _PING + window_update_frame(0, len(_MESSAGE)) + answer, number / 20_000)
    assert client.open_streams == 0


def test_a_window_update_for_every_frame_of_a_gigabyte() -> None:
    """Two window updates for each DATA frame are allowed, however fast the data is."""
    server = _server()
    _receive(server, request(1, ended=True), 0.0)
    server.send_headers(1, _REPLY[0])
    part, room, sent = bytes(2**20), b"", 0
    for number in range(1_024):
        server.send_data(1, part)
        while size := len(server.data_to_send()):
            sent += size
            frames = size // 16_384
            room = (window_update_frame(0, 16_384) + window_update_frame(1, 16_384)) * frames
            _receive(server, room, number / 2_048)
    assert sent > 2**30


def test_keepalive_for_thirty_days() -> None:
    """A ping every ten seconds is allowed for ever."""
    server = _server()
    for number in range(30 * 24 * 360):
        _receive(server, _PING, 10.0 * number)
        assert _take(server) == len(_PING)


def test_settings_at_the_start() -> None:
    """A few SETTINGS, their acknowledgements and a WINDOW_UPDATE at the start are allowed."""
    server = _server()
    for _ in range(5):
        _receive(server, settings_frame([(Setting.INITIAL_WINDOW_SIZE, 2**20)]), 0.0)
        _receive(server, SETTINGS_ACK + window_update_frame(0, 2**20) + _PING, 0.0)
    assert _take(server)


def test_a_window_that_follows_the_measured_path() -> None:
    """grpc-core changes INITIAL_WINDOW_SIZE as it learns, up to ten times a second, for ever."""
    server = _server()
    for number in range(36_000):
        sizes = [(Setting.INITIAL_WINDOW_SIZE, 65_535 + number % 7)]
        _receive(server, settings_frame(sizes), number / 10)
        assert _take(server)


@pytest.mark.parametrize("chunk", [5, 63, 100])
def test_bodies_in_small_pieces(chunk: int) -> None:
    """A proxy may forward large bodies in small pieces."""
    server = _server()
    for stream_id in range(1, 201, 2):
        server.receive(request(stream_id), 0.0)
        for _ in range(50):
            server.make_room(stream_id, 100_000)
            _receive(server, data(stream_id, bytes(8_192)) + data(stream_id, bytes(chunk)), 0.0)
        _receive(server, data(stream_id, b"", ended=True), 0.0)
        _respond(server, stream_id)
    assert server.open_streams == 0


def test_small_messages_and_their_ends_apart() -> None:
    """Some clients send the message and the end of the stream in frames of their own."""
    server = _server()
    for stream_id in range(1, 40_001, 2):
        empty_message = data(stream_id, bytes(5)) + data(stream_id, b"", ended=True)
        _receive(server, request(stream_id) + empty_message, 0.0)
        _respond(server, stream_id)
    assert server.open_streams == 0


def test_answers_to_calls_that_were_cancelled() -> None:
    """Two thousand cancelled calls may all get responses, with data of any size."""
    client = connected(Role.CLIENT)
    numbers = [client.request(request_headers(0, 0), end_stream=True) for _ in range(2_000)]
    for stream_id in numbers:
        client.reset(stream_id)
    _take(client)
    for stream_id in numbers:
        answer = request(stream_id, block=b"\x88") + data(stream_id, bytes(16_384)) * 3
        trailers = frame(FrameType.HEADERS, 0x5, stream_id, b"\0\x0bgrpc-status\x010")
        assert _receive(client, answer + data(stream_id, b"x") + trailers, 0.0) == []


def test_large_uploads_that_are_refused() -> None:
    """Data in flight may fill the window when a call is refused."""
    server = _server()
    for stream_id in range(1, 65, 2):
        _receive(server, request(stream_id), 0.0)
        server.make_room(stream_id, 2**20)
        server.reset(stream_id, ErrorCode.REFUSED_STREAM)
    for stream_id in range(1, 65, 2):
        assert _receive(server, data(stream_id, bytes(16_384)) * 64, 0.0) == []


def test_requests_with_many_headers() -> None:
    """A hundred headers are allowed at any rate."""
    fields = b"".join(b"\0\x03x%02d\x01a" % number for number in range(97))
    server = _server()
    for stream_id in range(1, 4_001, 2):
        _receive(server, request(stream_id, block=REQUEST + fields, ended=True), 0.0)
        _respond(server, stream_id)


def test_a_server_that_resets_every_call() -> None:
    """An overloaded engine may refuse our calls at any rate."""
    client = connected(Role.CLIENT)
    for _ in range(10_000):
        stream_id = client.request(request_headers(0, 0), end_stream=True)
        refusal = rst_stream_frame(stream_id, ErrorCode.REFUSED_STREAM)
        (event,) = _receive(client, refusal, 0.0)
        assert isinstance(event, StreamReset)
        assert event.unprocessed
