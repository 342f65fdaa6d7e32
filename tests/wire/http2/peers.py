"""One end of a connection and its application, with the same commands for both libraries."""

from abc import ABC, abstractmethod

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import (
    ConnectionEnded,
    DataReceived,
    Event,
    GoAwayReceived,
    Headers,
    HeadersReceived,
    PingAcknowledged,
    StreamReset,
    TrailersReceived,
)
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.http2.state import ConnectionState
from tests.wire.http2.conversation import Conversation
from tests.wire.http2.turns import all_events


class Peer(ABC):
    """Sends and records; an `eager` one reads, and so opens its window, at once."""

    def __init__(self, role: Role, *, eager: bool) -> None:
        self.role = role
        self.eager = eager
        self.conversations: dict[int, Conversation] = {}
        self.pings: list[bytes] = []
        self.pongs: list[bytes] = []
        self.goaways: list[tuple[int, int, str]] = []

    def open(self, headers: Headers, *, end: bool) -> None:
        """Send a request, where the peer's limits allow one more."""
        stream_id = self.start(headers, end=end)
        if stream_id is None:
            return
        conversation = self.conversations[stream_id] = Conversation()
        conversation.said.begin(headers)
        if end:
            conversation.said.finish()

    def respond(self, stream_id: int, headers: Headers, *, end: bool = False) -> None:
        """Send a response's headers."""
        said = self.conversations[stream_id].said
        said.begin(headers)
        if end:
            said.finish()
        self.send_headers(stream_id, headers, end=end)

    def send_body(
        self, stream_id: int, data: bytes, *, padding: int = 0, end: bool = False
    ) -> None:
        """Send part of a body."""
        said = self.conversations[stream_id].said
        said.add(data)
        if end:
            said.finish()
        self.send_data(stream_id, data, padding=padding, end=end)

    def finish(self, stream_id: int, trailers: Headers | None) -> None:
        """End a body, with trailers or without."""
        self.conversations[stream_id].said.finish(trailers)
        if trailers is None:
            self.send_data(stream_id, b"", padding=0, end=True)
        else:
            self.send_headers(stream_id, trailers, end=True)

    def cancel(self, stream_id: int, code: ErrorCode) -> None:
        """Reset a stream, if the implementation still has it."""
        if self.reset(stream_id, code):
            self.conversations[stream_id].said.abort(code)

    def ping(self, payload: bytes) -> None:
        """Send a ping and remember it."""
        self.pings.append(payload)
        self.send_ping(payload)

    def heard_headers(self, stream_id: int, headers: Headers) -> None:
        if stream_id not in self.conversations:
            assert self.role is Role.SERVER
            self.conversations[stream_id] = Conversation()
        self.conversations[stream_id].heard.begin(headers)

    def heard_data(self, stream_id: int, data: bytes) -> None:
        self.conversations[stream_id].heard.add(data)
        if self.eager:
            self.read(stream_id)

    def heard_end(self, stream_id: int, trailers: Headers | None = None) -> None:
        self.conversations[stream_id].heard.finish(trailers)

    def heard_reset(self, stream_id: int, code: int) -> None:
        self.conversations[stream_id].heard.abort(code)

    @abstractmethod
    def start(self, headers: Headers, *, end: bool) -> int | None: ...

    @abstractmethod
    def send_headers(self, stream_id: int, headers: Headers, *, end: bool) -> None: ...

    @abstractmethod
    def send_data(self, stream_id: int, data: bytes, *, padding: int, end: bool) -> None: ...

    @abstractmethod
    def reset(self, stream_id: int, code: ErrorCode) -> bool:
        """Return whether there was anything to reset."""

    @abstractmethod
    def send_ping(self, payload: bytes) -> None: ...

    @abstractmethod
    def read(self, stream_id: int) -> None:
        """Return to the window as much as has arrived."""

    @abstractmethod
    def open_wide(self, stream_id: int) -> None:
        """Open the window for everything that the other side has."""

    @abstractmethod
    def tune(self, choice: int, value: int) -> None:
        """Change a setting or do something optional, if the implementation can."""

    @abstractmethod
    def receive(self, data: bytes, now: float) -> None: ...

    @abstractmethod
    def take(self, limit: int) -> bytes: ...

    @abstractmethod
    def send_window(self, stream_id: int) -> int | None:
        """Return what may be sent on a stream (0: on the connection); `None` if it is closed."""

    @abstractmethod
    def receive_window(self, stream_id: int) -> int | None: ...

    @property
    @abstractmethod
    def open_streams(self) -> int: ...

    @property
    def takes_late_trailers(self) -> bool:
        """Whether trailers may come for a stream that has been reset meanwhile."""
        return True

    @abstractmethod
    def say_goodbye(self, code: ErrorCode, reason: str) -> None: ...


class OurPeer(Peer):
    """The connection under test."""

    def __init__(self, role: Role, limits: Limits, *, eager: bool, room: int = 65_535) -> None:
        super().__init__(role, eager=eager)
        self.connection = Connection(role, limits)
        self._room = room
        self._wide = False

    def start(self, headers: Headers, *, end: bool) -> int | None:
        if not self.connection.may_open_stream:
            return None
        return self.connection.request(headers, end_stream=end)

    def send_headers(self, stream_id: int, headers: Headers, *, end: bool) -> None:
        self.connection.send_headers(stream_id, headers, end_stream=end)

    def send_data(self, stream_id: int, data: bytes, *, padding: int, end: bool) -> None:
        self.connection.send_data(stream_id, data, end_stream=end)

    def reset(self, stream_id: int, code: ErrorCode) -> bool:
        before = self.connection.open_streams
        self.connection.reset(stream_id, code)
        return self.connection.open_streams < before

    def send_ping(self, payload: bytes) -> None:
        self.connection.ping(payload)

    def read(self, stream_id: int) -> None:
        self.connection.make_room(stream_id, self._room)

    def open_wide(self, stream_id: int) -> None:
        self.connection.make_room(stream_id, 2**20)

    def tune(self, choice: int, value: int) -> None:
        pass

    def receive(self, data: bytes, now: float) -> None:
        for event in all_events(self.connection, data, now):
            self._note(event)

    def take(self, limit: int) -> bytes:
        return self.connection.data_to_send(limit)

    def send_window(self, stream_id: int) -> int | None:
        state = inside(self.connection)
        if not stream_id:
            return state.outbox.window
        stream = state.streams.get(stream_id)
        return None if stream is None else stream.send_window

    def receive_window(self, stream_id: int) -> int | None:
        state = inside(self.connection)
        if not stream_id:
            return state.receive_window
        stream = state.streams.get(stream_id)
        return None if stream is None else stream.receive_window

    @property
    def open_streams(self) -> int:
        return self.connection.open_streams

    def say_goodbye(self, code: ErrorCode, reason: str) -> None:
        self.connection.end(code, reason)

    def _note(self, event: Event) -> None:
        match event:
            case HeadersReceived(stream_id, headers, ended):
                self.heard_headers(stream_id, headers)
                if ended:
                    self.heard_end(stream_id)
            case DataReceived(stream_id, data, ended):
                self.heard_data(stream_id, data)
                if ended:
                    self.heard_end(stream_id)
            case TrailersReceived(stream_id, headers):
                self.heard_end(stream_id, headers)
            case StreamReset(stream_id, code, reason, remote):
                assert remote, reason
                self.heard_reset(stream_id, code)
            case _:
                self._note_of_connection(event)

    def _note_of_connection(self, event: Event) -> None:
        match event:
            case PingAcknowledged(b"draining"):
                pass
            case PingAcknowledged(payload):
                self.pongs.append(payload)
            case GoAwayReceived(last, code, reason):
                self.goaways.append((last, code, reason))
            case ConnectionEnded(code, reason):
                raise AssertionError(f"{code.name}: {reason}")
            case _:
                pass


def counts_of(connection: Connection) -> tuple[int, ...]:
    """What a connection counts, which no event and no byte shows at once."""
    state = inside(connection)
    return (
        len(state.streams),
        state.highest_local,
        state.highest_remote,
        state.late_resets,
        state.receive_window,
        state.outbox.window,
    )


def inside(connection: Connection) -> ConnectionState:
    """The state of a connection, for tests of what is left behind."""
    return connection._state  # noqa: SLF001 - nothing public tells windows
