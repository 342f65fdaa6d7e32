"""What a connection sends: within the windows, nothing superfluous, nothing for the dead."""

from mirastack_sdk._wire.http2.codes import ErrorCode, FrameType, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.frames import HEADER_SIZE, read_header
from tests.wire.http2.programs import request_headers


def _frame_types(data: bytes) -> list[int]:
    types, position = [], 0
    while position < len(data):
        length, frame_type, _, _ = read_header(data, position)
        types.append(frame_type)
        position += HEADER_SIZE + length
    return types


def test_an_empty_frame_that_ends_nothing_is_not_sent() -> None:
    """Section 6.9.1 lets a closed window be passed only by an empty frame that ends the stream."""
    client = Connection(Role.CLIENT)
    client.data_to_send()
    stream_id = client.request(request_headers(0, 0))
    client.send_data(stream_id, b"")
    assert _frame_types(client.data_to_send()) == [FrameType.HEADERS]
    client.send_data(stream_id, b"", end_stream=True)
    assert _frame_types(client.data_to_send()) == [FrameType.DATA]
    client.reset(stream_id, ErrorCode.CANCEL)
