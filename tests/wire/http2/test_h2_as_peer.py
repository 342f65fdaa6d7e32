"""Exchanges with the h2 library: each side receives what the other sent."""

from h2.settings import SettingCodes
from hypothesis import given

from mirastack_sdk._wire.http2.codes import Role
from tests.wire.http2.effort import thorough
from tests.wire.http2.exchange import Exchange
from tests.wire.http2.h2_peer import H2Peer
from tests.wire.http2.peers import OurPeer
from tests.wire.http2.programs import Program, programs


def _h2(role: Role, program: Program) -> H2Peer:
    settings: dict[SettingCodes | int, int] = {
        SettingCodes.INITIAL_WINDOW_SIZE: program.initial_window,
        SettingCodes.MAX_FRAME_SIZE: program.max_frame_size,
        SettingCodes.MAX_CONCURRENT_STREAMS: program.max_concurrent_streams,
        SettingCodes.HEADER_TABLE_SIZE: program.header_table_size,
    }
    return H2Peer(role, settings, eager=program.eager[0])


def _ours(role: Role, program: Program) -> OurPeer:
    return OurPeer(role, program.limits, eager=program.eager[1], room=program.room)


@thorough
@given(programs())
def test_h2_as_client(program: Program) -> None:
    """Our server and h2's client agree on every stream, window and ping, and h2 on every frame."""
    client, server = _h2(Role.CLIENT, program), _ours(Role.SERVER, program)
    Exchange(client, server, program).run()


@thorough
@given(programs())
def test_h2_as_server(program: Program) -> None:
    """Our client and h2's server agree on every stream, window and ping, and h2 on every frame."""
    client, server = _ours(Role.CLIENT, program), _h2(Role.SERVER, program)
    Exchange(client, server, program).run()
