"""Our client and our server, with only a bad network in between."""

from hypothesis import given

from mirastack_sdk._wire.http2.codes import LARGEST_STREAM_ID, ErrorCode, Role
from mirastack_sdk._wire.http2.limits import Limits
from tests.wire.http2.effort import thorough
from tests.wire.http2.exchange import Exchange
from tests.wire.http2.peers import OurPeer
from tests.wire.http2.programs import Program, programs


@thorough
@given(programs(leaving=True))
def test_our_client_and_our_server(program: Program) -> None:
    """Each side receives what the other sent, and a server that drains loses no call."""
    client_limits = Limits(
        initial_window=program.initial_window, max_frame_size=program.max_frame_size
    )
    client = OurPeer(Role.CLIENT, client_limits, eager=program.eager[0], room=program.room)
    server = OurPeer(Role.SERVER, program.limits, eager=program.eager[1], room=program.room)
    Exchange(client, server, program).run()
    drained = [goaway for goaway in client.goaways if goaway[2] == "draining"]
    served = max(server.conversations, default=0)
    expected = [(last, ErrorCode.NO_ERROR, "draining") for last in (LARGEST_STREAM_ID, served)]
    assert drained in ([], expected)
