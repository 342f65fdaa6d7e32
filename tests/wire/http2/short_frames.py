"""The shortest frames of a call, and a connection that is ready for them."""

from mirastack_sdk._wire.http2.codes import PREFACE, FrameType, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.frames import frame, settings_frame

# Indexes into the static table.
REQUEST = b"\x83\x86\x84"
END_STREAM = 0x1
END_HEADERS = 0x4
PADDED = 0x8


def request(stream_id: int, *, block: bytes = REQUEST, ended: bool = False) -> bytes:
    """Return a request of one frame."""
    flags = END_HEADERS | (END_STREAM if ended else 0)
    return frame(FrameType.HEADERS, flags, stream_id, block)


def data(stream_id: int, content: bytes, *, ended: bool = False) -> bytes:
    """Return a DATA frame."""
    return frame(FrameType.DATA, END_STREAM if ended else 0, stream_id, content)


def connected(role: Role) -> Connection:
    """Return a connection that has received its peer's SETTINGS and sent everything."""
    connection = Connection(role)
    connection.data_to_send()
    connection.receive((PREFACE if role is Role.SERVER else b"") + settings_frame(()), 0.0)
    connection.data_to_send()
    return connection
