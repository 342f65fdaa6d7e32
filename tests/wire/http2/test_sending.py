"""The frames that a connection sends: within the windows, and none for closed streams."""

import gc
import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mirastack_sdk._wire.http2.codes import ErrorCode, FrameType, Role, Setting
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.frames import (
    HEADER_SIZE,
    settings_frame,
    unpack_header,
    window_update_frame,
)
from mirastack_sdk._wire.http2.streams import Stream
from tests.wire.http2.programs import request_headers, response_headers
from tests.wire.http2.short_frames import END_HEADERS, connected, request

_OUTSIDE_LATIN_1 = (("x-price", "20 \u20ac"),)


def _frames(data: bytes) -> list[tuple[int, int, int]]:
    """Length, type and flags of each frame."""
    frames, position = [], 0
    while position < len(data):
        head, flags, _ = unpack_header(data, position)
        length, frame_type = head >> 8, head & 0xFF
        frames.append((length, frame_type, flags))
        position += HEADER_SIZE + length
    assert position == len(data)
    return frames


def _frame_types(data: bytes) -> list[int]:
    return [frame_type for _, frame_type, _ in _frames(data)]


def _streams_in_memory() -> int:
    gc.collect()
    return sum(isinstance(one, Stream) for one in gc.get_objects())


def test_an_empty_frame_that_ends_nothing_is_not_sent() -> None:
    """Section 6.9.1: only an empty frame that ends the stream may pass a closed window."""
    client = Connection(Role.CLIENT)
    client.data_to_send()
    stream_id = client.request(request_headers(0, 0))
    client.send_data(stream_id, b"")
    assert _frame_types(client.data_to_send()) == [FrameType.HEADERS]
    client.send_data(stream_id, b"", end_stream=True)
    assert _frame_types(client.data_to_send()) == [FrameType.DATA]


def test_outgoing_bytes_are_those_that_are_handed_over() -> None:
    """Every kind of frame counts, and what has been handed over no longer does."""
    client = connected(Role.CLIENT)
    client.data_to_send()
    for number in range(3):
        client.ping(bytes(8))
        stream_id = client.request(request_headers(number, 0))
        client.send_data(stream_id, b"some data")
        client.reset(stream_id)
    outgoing = client.outgoing_bytes
    assert outgoing == len(client.data_to_send()) > 100
    assert client.outgoing_bytes == 0


@pytest.mark.parametrize("whole", [1, 2, 3])
def test_a_block_is_cut_where_a_frame_is_full(whole: int) -> None:
    """Sections 4.3 and 6.10: no frame is too long, and the last one has END_HEADERS."""
    most = 16_384
    for size in range(whole * most - 20, whole * most + 20):
        client = connected(Role.CLIENT)
        client.request((("x", "v" * size),))
        frames = _frames(client.data_to_send())
        lengths = [length for length, _, _ in frames]
        assert all(length == most for length in lengths[:-1])
        assert 0 < lengths[-1] <= most
        assert len(frames) == -(-sum(lengths) // most)
        ends = [bool(flags & END_HEADERS) for _, _, flags in frames]
        assert ends == [False] * (len(frames) - 1) + [True]


def test_headers_that_cannot_be_sent_open_no_stream() -> None:
    """Invalid headers open no stream, because the peer would not know it."""
    client = connected(Role.CLIENT)
    with pytest.raises(ValueError, match="latin-1"):
        client.request((*request_headers(0, 0), *_OUTSIDE_LATIN_1))
    assert client.open_streams == 0
    assert client.data_to_send() == b""
    assert client.request(request_headers(0, 0)) == 1


def test_trailers_that_cannot_be_sent_fail_where_they_are_given() -> None:
    """Invalid trailers fail at once, even behind queued data."""
    server = connected(Role.SERVER)
    server.receive(request(1, ended=True), 0.0)
    server.send_headers(1, response_headers(0, 0))
    server.send_data(1, bytes(100_000))
    with pytest.raises(ValueError, match="latin-1"):
        server.send_headers(1, _OUTSIDE_LATIN_1, end_stream=True)
    assert len(server.data_to_send(10**6)) > 65_535


def _answering(*sizes: int) -> Connection:
    """A server's connection with wide windows, and a response of each size that waits."""
    server = connected(Role.SERVER)
    server.receive(settings_frame([(Setting.INITIAL_WINDOW_SIZE, 2**30)]), 0.0)
    server.receive(window_update_frame(0, 2**30), 0.0)
    for number, size in enumerate(sizes):
        server.receive(request(2 * number + 1, ended=True), 0.0)
        server.send_headers(2 * number + 1, response_headers(0, 0))
        server.send_data(2 * number + 1, bytes(size), end_stream=True)
    return server


def _streams_of_data(connection: Connection) -> list[int]:
    """The streams whose data is sent, frame by frame, to the end."""
    streams = list[int]()
    while data := connection.data_to_send(1):
        position = 0
        while position < len(data):
            head, _, stream_id = unpack_header(data, position)
            length, frame_type = head >> 8, head & 0xFF
            position += HEADER_SIZE + length
            if frame_type == FrameType.DATA:
                streams.append(stream_id)
    return streams


def test_a_small_response_overtakes_a_large_one() -> None:
    """It is sent after one turn of the large one, which goes on afterwards."""
    streams = _streams_of_data(_answering(2_000_000, 20_000))
    assert streams.index(3) < 10
    assert streams.index(3) < len(streams) / 10
    assert streams[-1] == 1


def test_large_responses_take_turns() -> None:
    """None of three waits for more than one turn of each of the others."""
    streams = _streams_of_data(_answering(1_000_000, 1_000_000, 1_000_000))
    turns = [stream for stream, _ in itertools.groupby(streams)]
    assert turns == [1, 3, 5] * (len(turns) // 3)
    assert len(turns) > 30


def test_a_reset_response_waits_no_more() -> None:
    """What it had queued does not count as waiting any more, with others or alone."""
    server = _answering(100_000, 200_000, 300_000)
    for _ in range(2):
        # The headers, and a turn of the first response.
        server.data_to_send(1)
    started = server.queued_bytes
    assert 500_000 < started < 600_000
    server.reset(3, ErrorCode.CANCEL)
    assert server.queued_bytes == started - 200_000
    server.reset(1, ErrorCode.CANCEL)
    server.reset(5, ErrorCode.CANCEL)
    assert server.queued_bytes == 0


def test_a_closed_window_keeps_no_stream_that_has_been_reset() -> None:
    """A stream that is reset leaves the queue, even while the connection's window is closed."""
    before = _streams_in_memory()
    server = connected(Role.SERVER)
    for stream_id in range(1, 2_001, 2):
        server.receive(request(stream_id, ended=True), 0.0)
        server.send_headers(stream_id, response_headers(0, 0))
        server.send_data(stream_id, bytes(70_000), end_stream=True)
        server.data_to_send(10**6)
    assert server.open_streams == 1_000
    for stream_id in range(3, 2_001, 2):
        server.reset(stream_id, ErrorCode.CANCEL)
    assert _streams_in_memory() - before == 1


@given(
    sizes=st.lists(st.integers(0, 40_000), min_size=1, max_size=3),
    stream_window=st.integers(0, 70_000),
    used_up=st.integers(0, 65_535),
    trailer_size=st.sampled_from([1, 20_000]),
)
@example(sizes=[16_384], stream_window=16_384, used_up=65_535 - 16_384, trailer_size=1)
@example(sizes=[16_384], stream_window=16_383, used_up=0, trailer_size=1)
@example(sizes=[100], stream_window=70_000, used_up=65_535 - 99, trailer_size=1)
@example(sizes=[0], stream_window=0, used_up=65_535, trailer_size=1)
@example(sizes=[16_385], stream_window=70_000, used_up=0, trailer_size=1)
def test_a_message_is_sent_like_its_parts(
    sizes: list[int], stream_window: int, used_up: int, trailer_size: int
) -> None:
    """In one step or in several, through any window, the same bytes are sent at the same time."""
    body = tuple(bytes([number]) * size for number, size in enumerate(sizes))
    headers, trailers = response_headers(0, 0), (("grpc-status", "0"), ("x", "v" * trailer_size))
    at_once, in_parts = (
        _with_a_small_window(stream_window=stream_window, used_up=used_up) for _ in range(2)
    )
    at_once.send_message(3, headers, body, trailers)
    in_parts.send_headers(3, headers)
    for piece in body:
        in_parts.send_data(3, piece)
    in_parts.send_headers(3, trailers, end_stream=True)
    for more in (b"", window_update_frame(0, 2**20), window_update_frame(3, 2**20)):
        sent = at_once.data_to_send(10**6)
        assert sent == in_parts.data_to_send(10**6)
        assert at_once.open_streams == in_parts.open_streams
        at_once.receive(more, 0.0)
        in_parts.receive(more, 0.0)
    assert at_once.data_to_send(10**6) == in_parts.data_to_send(10**6)
    assert at_once.open_streams == 0


def _with_a_small_window(*, stream_window: int, used_up: int) -> Connection:
    """Return a server's connection with stream 3 whose connection window is nearly used up."""
    server = connected(Role.SERVER)
    server.receive(request(1, ended=True), 0.0)
    server.send_headers(1, response_headers(0, 0))
    server.send_data(1, bytes(used_up), end_stream=True)
    server.data_to_send(10**6)
    server.receive(settings_frame([(Setting.INITIAL_WINDOW_SIZE, stream_window)]), 0.0)
    server.receive(request(3, ended=True), 0.0)
    server.data_to_send(10**6)
    return server
