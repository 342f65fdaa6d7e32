"""A conformance case: what the peer sends, and the one outcome that the rule allows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import pytest

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import (
    ConnectionEnded,
    Event,
    HeadersReceived,
    StreamReset,
)
from mirastack_sdk._wire.http2.limits import Limits
from tests.wire.http2.conformance.frames import GOAWAY, RST_STREAM, Frame, goaway, ping
from tests.wire.http2.conformance.scene import SUBJECT, Reaction, Scene, Subject

BOTH = (Role.SERVER, Role.CLIENT)
SERVER = (Role.SERVER,)
CLIENT = (Role.CLIENT,)


class Outcome(Protocol):
    """What must happen after the peer's frames."""

    @property
    def goes_on(self) -> bool:
        """Whether the connection stays open."""
        ...

    def check(self, scene: Scene, reaction: Reaction) -> None:
        """Fail if the reaction differs from the outcome."""
        ...


@dataclass(frozen=True, slots=True)
class EndsConnection:
    """A connection error: GOAWAY with the code and the last stream, and nothing after it.

    `after` are the events before the error, `behind` the frames before the GOAWAY.
    """

    code: ErrorCode
    last_stream: int | None = None
    after: tuple[Event, ...] = ()
    behind: tuple[Frame, ...] = ()
    goes_on = False

    def check(self, scene: Scene, reaction: Reaction) -> None:
        *before, last = reaction.events
        assert tuple(before) == self.after
        assert isinstance(last, ConnectionEnded)
        assert last.code == self.code
        assert last.reason
        goaway_frame = goaway(self._last_stream(scene), self.code, last.reason.encode())
        assert reaction.frames == [*self.behind, Frame(GOAWAY, 0, 0, goaway_frame[9:])]
        assert_over(scene.connection)

    def _last_stream(self, scene: Scene) -> int:
        if self.last_stream is not None and scene.role is Role.SERVER:
            return self.last_stream
        return scene.last_opened_by_peer


@dataclass(frozen=True, slots=True)
class EndsStream:
    """A stream error: RST_STREAM with the code; the stream is forgotten, others go on.

    `known` means that the stream was open, so its owner gets an event. `after` are the events
    before the error, `behind` the frames before the RST_STREAM.
    """

    code: ErrorCode
    stream_id: int = SUBJECT
    known: bool = True
    after: tuple[Event, ...] = ()
    behind: tuple[Frame, ...] = ()
    goes_on = True

    def check(self, scene: Scene, reaction: Reaction) -> None:
        events = reaction.events[len(self.after) :]
        assert tuple(reaction.events[: len(self.after)]) == self.after
        expected = [(self.stream_id, self.code, False, False)] if self.known else []
        assert [_without_reason(event) for event in events] == expected
        rst_stream = Frame(RST_STREAM, 0, self.stream_id, self.code.to_bytes(4))
        assert reaction.frames == [*self.behind, rst_stream]
        opened = sum(isinstance(event, HeadersReceived) for event in self.after)
        if scene.role is Role.CLIENT:
            opened = 0
        assert scene.connection.open_streams == scene.open_before + opened - self.known


@dataclass(frozen=True, slots=True)
class Ignored:
    """No event and no frame."""

    goes_on = True

    def check(self, scene: Scene, reaction: Reaction) -> None:
        assert reaction == ([], [])


class Means:
    """Exactly these events, and exactly these frames in response."""

    goes_on = True

    def __init__(self, *events: Event, answer: Sequence[Frame] = ()) -> None:
        self.events = list(events)
        self.answer = list(answer)

    def check(self, scene: Scene, reaction: Reaction) -> None:
        assert reaction == (self.events, self.answer)


@dataclass(frozen=True, slots=True)
class Case:
    """One rule of a section, and frames that break or keep it.

    `keeps_table` means that the frames leave HPACK's dynamic table unchanged; `stays` that more
    streams may be opened afterwards.
    """

    name: str
    rule: str
    sent: bytes
    outcome: Outcome
    subject: Subject = Subject.OPEN
    roles: Sequence[Role] = BOTH
    limits: Limits | None = None
    keeps_table: bool = True
    stays: bool = True

    def play(self, role: Role) -> None:
        """Test the rule with the frames in one piece and byte by byte."""
        for bytewise in (False, True):
            scene = Scene(role, self.subject, self.limits)
            self.outcome.check(scene, scene.receive(self.sent, bytewise=bytewise))
            if self.outcome.goes_on:
                scene.neighbour_completes()
            if self.outcome.goes_on and self.stays:
                scene.newcomer_opens(table_kept=self.keeps_table)


def each(cases: Iterable[Case]) -> pytest.MarkDecorator:
    """Make a test of each case and role, named after the section."""
    return pytest.mark.parametrize(("case", "role"), list(_parameters(cases)))


def assert_over(connection: Connection) -> None:
    """Assert that a connection has forgotten its streams and accepts nothing more."""
    assert connection.ended
    assert connection.open_streams == 0
    assert not connection.may_open_stream
    assert connection.receive(ping(), 0.0) == []
    assert connection.data_to_send() == b""


def _parameters(cases: Iterable[Case]) -> Iterator[object]:
    for case in cases:
        for role in case.roles:
            yield pytest.param(case, role, id=f"{case.name}-{role.value}")


def _without_reason(event: Event) -> tuple[int, int, bool, bool]:
    assert isinstance(event, StreamReset)
    assert event.reason
    return event.stream_id, event.code, event.remote, event.unprocessed
