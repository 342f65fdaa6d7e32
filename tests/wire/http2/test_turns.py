"""Work that would delay other connections is left for later turns, and none of it is lost."""

import pytest

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.events import ConnectionEnded, HeadersReceived
from mirastack_sdk._wire.http2.limits import Limits
from tests.wire.http2.conformance.blocks import literal
from tests.wire.http2.short_frames import REQUEST, connected, request
from tests.wire.http2.turns import all_events, turns

EFFORT = Limits().max_effort_per_turn
STREAMS = range(1, 1001, 2)
# Each is a block that no other request has, with about so many headers.
BLOCKS = {"few headers": 0, "a hundred headers": 90}


def requests(indexed: int) -> bytes:
    """Return requests with new header blocks."""
    return b"".join(
        request(number, block=REQUEST + b"\x95" * indexed + literal("n", str(number)), ended=True)
        for number in STREAMS
    )


@pytest.mark.parametrize("indexed", BLOCKS.values(), ids=BLOCKS)
def test_a_turn_takes_in_a_bounded_number_of_headers(indexed: int) -> None:
    """However many header blocks arrive at once, a turn ends when its effort is spent."""
    for turn in turns(connected(Role.SERVER), requests(indexed)):
        headers = sum(len(event.headers) for event in turn if isinstance(event, HeadersReceived))
        assert headers <= EFFORT + indexed + 4


@pytest.mark.parametrize("indexed", BLOCKS.values(), ids=BLOCKS)
def test_turns_lose_nothing(indexed: int) -> None:
    """All turns together return every request, in order."""
    events = all_events(connected(Role.SERVER), requests(indexed))
    heard = [event.stream_id for event in events if isinstance(event, HeadersReceived)]
    assert heard == list(STREAMS)


def test_blocks_that_are_known_cost_little() -> None:
    """Two hundred calls with the same headers fit into one turn."""
    sent = b"".join(request(number, ended=True) for number in range(1, 401, 2))
    assert len(turns(connected(Role.SERVER), sent)) == 1


def test_nothing_is_behind_once_the_connection_has_ended() -> None:
    """Frames after a connection error are not processed."""
    server = connected(Role.SERVER)
    server.receive(requests(90), 0.0)
    was_behind = server.has_unread_frames
    server.end(ErrorCode.NO_ERROR, "closed")
    assert (was_behind, server.has_unread_frames) == (True, False)
    assert server.receive(b"", 0.0) == []


def test_a_rule_broken_in_a_later_turn_ends_the_connection() -> None:
    """The order of frames is kept across turns: events before an error come first."""
    events = all_events(connected(Role.SERVER), requests(90) + request(2))
    assert isinstance(events[-1], ConnectionEnded)
    assert len(events) == len(STREAMS) + 1
