"""RFC 9113 section 10.5: headers that are cheap to send and expensive to process."""

from mirastack_sdk._wire.http2.codes import Role
from mirastack_sdk._wire.http2.limits import Limits, Rate
from tests.wire.http2.conformance.blocks import FIRST_DYNAMIC, RESPONSE, TRAILERS, indexed, request
from tests.wire.http2.conformance.frames import headers
from tests.wire.http2.conformance.scene import Scene

_LIMITS = Limits(many_headers=Rate(burst=30, per_second=0, per_data_frame=15))
# One header costs a byte, and sixteen headers one of the budget.
_MANY_HEADERS = request() + indexed(FIRST_DYNAMIC) * 160


def test_rfc9113_10_5_many_headers() -> None:
    """Requests of many headers that nobody answers end the connection."""
    scene = Scene(Role.SERVER, limits=_LIMITS)
    for number in (5, 7, 9):
        assert not scene.receive(headers(number, _MANY_HEADERS, end=True)).frames
    scene.neighbour_completes()
    # The neighbour's answer has earned 15.
    for number in (11, 13):
        scene.receive(headers(number, _MANY_HEADERS, end=True))
    assert scene.connection.ended


def test_many_headers_of_answered_calls() -> None:
    """A client whose calls are answered may send many headers in each of them."""
    scene = Scene(Role.SERVER, limits=_LIMITS)
    for number in range(5, 105, 2):
        scene.receive(headers(number, _MANY_HEADERS, end=True))
        scene.connection.send_headers(number, RESPONSE)
        scene.connection.send_data(number, b"reply")
        scene.connection.send_headers(number, TRAILERS, end_stream=True)
        scene.sent()
    scene.neighbour_completes()
