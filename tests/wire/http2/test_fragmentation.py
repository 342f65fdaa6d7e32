"""A byte stream means the same wherever TCP cuts it."""

from collections.abc import Callable

import pytest
from hpack import Encoder

from mirastack_sdk._wire.http2.codes import PREFACE, ErrorCode, FrameType, Role, Setting
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import (
    DataReceived,
    Event,
    GoAwayReceived,
    HeadersReceived,
    PingAcknowledged,
    SettingsReceived,
    StreamReset,
    TrailersReceived,
)
from mirastack_sdk._wire.http2.frames import (
    SETTINGS_ACK,
    frame,
    goaway_frame,
    header_frames,
    rst_stream_frame,
    settings_frame,
    window_update_frame,
)
from tests.wire.http2.programs import chunk, request_headers, response_headers, trailers
from tests.wire.http2.short_frames import END_HEADERS, END_STREAM, PADDED, data


class _Writer:
    """Header blocks as an encoder with a dynamic table writes them."""

    def __init__(self) -> None:
        self._encoder = Encoder()

    def frames(
        self, stream_id: int, headers: tuple[tuple[str, str], ...], *, most: int, end: bool = False
    ) -> bytes:
        """Return the frames of a block, with at most `most` bytes of it in each."""
        fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return header_frames(stream_id, self._encoder.encode(fields), most, end_stream=end)


_SETTINGS = settings_frame([(Setting.INITIAL_WINDOW_SIZE, 70_000), (0xAAAA, 1)])


def _to_a_server() -> bytes:
    writer = _Writer()
    padded = frame(FrameType.DATA, PADDED | END_STREAM, 3, b"\x07" + chunk(20, 3) + bytes(7))
    return b"".join(
        (
            PREFACE,
            _SETTINGS,
            SETTINGS_ACK,
            window_update_frame(0, 1_000),
            writer.frames(1, request_headers(3, 7), most=16_384),
            data(1, chunk(300, 1)),
            writer.frames(3, request_headers(4, 33), most=25),
            frame(FrameType.PING, 0, 0, b"12345678"),
            padded,
            data(1, b""),
            data(1, chunk(100, 2)),
            frame(FrameType.PRIORITY, 0, 5, b"\0\0\0\0\x10"),
            writer.frames(5, request_headers(5, 9), most=40, end=True),
            writer.frames(1, trailers(3, 1), most=16_384, end=True),
            window_update_frame(3, 5),
            rst_stream_frame(3, ErrorCode.CANCEL),
            frame(0xBB, 0xFF, 0, b"unknown"),
            writer.frames(7, request_headers(3, 7), most=16_384),
            data(7, chunk(50, 4), ended=True),
            goaway_frame(0, ErrorCode.NO_ERROR, "that was all"),
        )
    )


def _to_a_client() -> bytes:
    writer = _Writer()
    early = frame(FrameType.HEADERS, END_HEADERS, 1, b"\x08\x03103")
    return b"".join(
        (
            _SETTINGS,
            SETTINGS_ACK,
            early,
            writer.frames(1, response_headers(5, 8), most=30),
            data(1, chunk(200, 1)),
            writer.frames(3, response_headers(6, 0), most=16_384),
            frame(FrameType.DATA, PADDED, 3, b"\x03" + chunk(60, 2) + bytes(3)),
            frame(FrameType.PING, 0x1, 0, b"12345678"),
            writer.frames(1, trailers(4, 20), most=11, end=True),
            data(3, chunk(10, 3), ended=True),
            rst_stream_frame(5, ErrorCode.REFUSED_STREAM),
            writer.frames(7, response_headers(0, 0) + trailers(5, 0), most=16_384, end=True),
            window_update_frame(0, 7),
            goaway_frame(9, ErrorCode.ENHANCE_YOUR_CALM, "too much"),
        )
    )


def _server() -> Connection:
    return Connection(Role.SERVER)


def _client() -> Connection:
    client = Connection(Role.CLIENT)
    for _ in range(5):
        client.request(request_headers(0, 0), end_stream=True)
    client.data_to_send()
    return client


def _outcome(connection: Connection, *pieces: bytes) -> tuple[list[Event], bytes]:
    events = [event for piece in pieces for event in connection.receive(piece, 0.0)]
    return events, connection.data_to_send()


_ENDS = pytest.mark.parametrize(
    ("make", "transcript"),
    [
        pytest.param(_server, _to_a_server(), id="server"),
        pytest.param(_client, _to_a_client(), id="client"),
    ],
)


@_ENDS
def test_every_byte_boundary(make: Callable[[], Connection], transcript: bytes) -> None:
    """Cut in two anywhere, a transcript causes the same events and responses."""
    whole = _outcome(make(), transcript)
    for cut in range(1, len(transcript)):
        assert _outcome(make(), transcript[:cut], transcript[cut:]) == whole, f"cut at {cut}"


@_ENDS
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 9, 10, 17])
def test_pieces_of_one_size(make: Callable[[], Connection], transcript: bytes, size: int) -> None:
    """The same holds byte by byte, and in pieces of any other size."""
    pieces = [transcript[start : start + size] for start in range(0, len(transcript), size)]
    assert _outcome(make(), *pieces) == _outcome(make(), transcript)


@_ENDS
def test_the_transcripts_mean_something(make: Callable[[], Connection], transcript: bytes) -> None:
    """The transcripts contain every kind of frame."""
    heard = {type(event) for event in _outcome(make(), transcript)[0]}
    both = {HeadersReceived, DataReceived, TrailersReceived, StreamReset, SettingsReceived}
    assert heard - {PingAcknowledged} == both | {GoAwayReceived}
