"""A connection with two streams: the one a case is about, and one that must not be affected."""

import enum
from typing import NamedTuple

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import (
    DataReceived,
    Event,
    HeadersReceived,
    TrailersReceived,
)
from mirastack_sdk._wire.http2.limits import Limits
from tests.wire.http2.conformance.blocks import (
    FIRST_DYNAMIC,
    REQUEST,
    RESPONSE,
    TRAILERS,
    block,
    indexed,
    inserted,
)
from tests.wire.http2.conformance.frames import (
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    PREFACE,
    Frame,
    data,
    headers,
    read,
    rst_stream,
    settings,
)

NEIGHBOUR = 1
SUBJECT = 3
NEWCOMER = 10_001
_KEPT = ("x-kept", "in the dynamic table")


class Subject(enum.Enum):
    """The state of the case's stream at the start (RFC 9113 section 5.1)."""

    IDLE = "idle"
    REQUESTED = "open, without a response yet"
    OPEN = "open"
    HALF_CLOSED_LOCAL = "half-closed (local)"
    HALF_CLOSED_REMOTE = "half-closed (remote)"
    CLOSED = "closed by END_STREAM of both ends"
    RESET_BY_US = "closed by our RST_STREAM"
    RESET_BY_PEER = "closed by the peer's RST_STREAM"


_ENDED_BY_PEER = {Subject.HALF_CLOSED_REMOTE, Subject.CLOSED}
_ENDED_BY_US = {Subject.HALF_CLOSED_LOCAL, Subject.CLOSED}


class Reaction(NamedTuple):
    """The events for the connection's owner, and the frames for the peer."""

    events: list[Event]
    frames: list[Frame]


class Scene:
    """One end of a connection, and its peer as hand-made frames."""

    def __init__(
        self, role: Role, subject: Subject = Subject.OPEN, limits: Limits | None = None
    ) -> None:
        self.role = role
        self.connection = Connection(role, limits)
        self.now = 0.0
        opening = (PREFACE if role is Role.SERVER else b"") + settings()
        self.opening_frames = self.receive(opening).frames
        begin = self._begin_at_server if role is Role.SERVER else self._begin_at_client
        begin(subject)
        if subject is Subject.RESET_BY_US:
            self.connection.reset(SUBJECT, ErrorCode.CANCEL)
        if subject is Subject.RESET_BY_PEER:
            self.receive(rst_stream(SUBJECT))
        self.connection.data_to_send()
        self.open_before = self.connection.open_streams
        opened = NEIGHBOUR if subject is Subject.IDLE else SUBJECT
        self.last_opened_by_peer = opened if role is Role.SERVER else 0

    def receive(self, sent: bytes, *, bytewise: bool = False) -> Reaction:
        """Receive bytes from the peer, in one piece or byte by byte."""
        events: list[Event] = []
        pieces = [sent[at : at + 1] for at in range(len(sent))] if bytewise else [sent]
        for piece in pieces:
            events += self.connection.receive(piece, self.now)
        return Reaction(events, self.sent())

    def sent(self) -> list[Frame]:
        """Return the frames that are ready to be sent."""
        frames: list[Frame] = []
        while piece := self.connection.data_to_send():
            frames += read(piece.removeprefix(PREFACE))
        return frames

    def neighbour_completes(self) -> None:
        """Assert that the other stream ends normally."""
        assert not self.connection.ended
        if self.role is Role.SERVER:
            heard = self.receive(data(NEIGHBOUR, b"late", end=True))
            assert heard == ([DataReceived(NEIGHBOUR, b"late", True)], [])
            self.connection.send_headers(NEIGHBOUR, RESPONSE)
            self.connection.send_data(NEIGHBOUR, b"reply")
            self.connection.send_headers(NEIGHBOUR, TRAILERS, end_stream=True)
            assert [(kind, flags, number) for kind, flags, number, _ in self.sent()] == [
                (HEADERS, END_HEADERS, NEIGHBOUR),
                (DATA, 0, NEIGHBOUR),
                (HEADERS, END_HEADERS | END_STREAM, NEIGHBOUR),
            ]
            return
        self.connection.send_data(NEIGHBOUR, b"rest", end_stream=True)
        assert self.sent() == [Frame(DATA, END_STREAM, NEIGHBOUR, b"rest")]
        answer = data(NEIGHBOUR, b"late") + headers(NEIGHBOUR, block(*TRAILERS), end=True)
        assert self.receive(answer) == (
            [DataReceived(NEIGHBOUR, b"late", False), TrailersReceived(NEIGHBOUR, TRAILERS)],
            [],
        )

    def newcomer_opens(self, *, table_kept: bool = True) -> None:
        """Assert that another stream opens, and that the state of HPACK is unchanged."""
        first = REQUEST if self.role is Role.SERVER else RESPONSE
        number = NEWCOMER if self.role is Role.SERVER else self.connection.request(REQUEST)
        sent = block(*first) + (indexed(FIRST_DYNAMIC) if table_kept else b"")
        expected = (*first, _KEPT) if table_kept else first
        self.sent()
        assert self.receive(headers(number, sent)) == (
            [HeadersReceived(number, expected, False)],
            [],
        )

    def _begin_at_server(self, subject: Subject) -> None:
        self.receive(headers(NEIGHBOUR, block(*REQUEST) + inserted(*_KEPT)))
        if subject is Subject.IDLE:
            return
        self.receive(headers(SUBJECT, block(*REQUEST), end=subject in _ENDED_BY_PEER))
        if subject in _ENDED_BY_US:
            self.connection.send_headers(SUBJECT, RESPONSE, end_stream=True)

    def _begin_at_client(self, subject: Subject) -> None:
        self.connection.request(REQUEST)
        self.receive(headers(NEIGHBOUR, block(*RESPONSE) + inserted(*_KEPT)))
        if subject is Subject.IDLE:
            return
        self.connection.request(REQUEST, end_stream=subject in _ENDED_BY_US)
        if subject is not Subject.REQUESTED:
            self.receive(headers(SUBJECT, block(*RESPONSE), end=subject in _ENDED_BY_PEER))
