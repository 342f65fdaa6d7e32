"""Frames that look wrong but are allowed."""

from mirastack_sdk._wire.http2.codes import PREFACE, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import DataReceived
from mirastack_sdk._wire.http2.frames import SETTINGS_ACK, settings_frame
from mirastack_sdk._wire.http2.limits import Limits
from tests.wire.http2.short_frames import data, request


def test_an_end_passes_a_window_below_zero() -> None:
    """Sections 6.9.1 and 6.9.2: an empty frame needs no window, not even a negative one."""
    server = Connection(Role.SERVER, Limits(initial_window=10))
    early = request(1) + data(1, bytes(1_000))
    server.receive(PREFACE + settings_frame(()) + early + SETTINGS_ACK, 0.0)
    late = server.receive(data(1, b"", ended=True), 0.0)
    assert late == [DataReceived(1, b"", ended=True)]
