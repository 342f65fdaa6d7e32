"""One call over a new connection, without imports, warm-up or waits."""

import socket
from dataclasses import dataclass, field

from benchmarks.errors import MeasurementError
from benchmarks.frames import (
    LARGEST_WINDOW,
    PREFACE,
    Flag,
    Kind,
    Setting,
    frame,
    header_block,
    message_frame,
    read_frames,
    settings,
    widest_connection_window,
)
from benchmarks.windows import Windows

STREAM = 1
_PREFIX_BYTES = 5


@dataclass(slots=True)
class _Call:
    """The state of the one call: bytes in, bytes out."""

    body: bytes
    sent: int = 0
    ended: bool = False
    answer: bytearray = field(default_factory=bytearray)
    windows: Windows = field(default_factory=Windows)

    def send(self) -> bytes:
        """Return the bytes that may be sent now."""
        frames = []
        while credit := self.windows.take(len(self.body) - self.sent):
            part = self.body[self.sent : self.sent + credit]
            self.sent += credit
            last = self.sent == len(self.body)
            frames.append(frame(Kind.DATA, Flag.END_STREAM if last else Flag.NONE, STREAM, part))
        return b"".join(frames)

    def receive(self, kind: int, flags: int, stream: int, payload: bytes) -> bytes:
        """Process one frame; return the response."""
        match kind:
            case Kind.DATA:
                self.answer += payload
            case Kind.RST_STREAM | Kind.GOAWAY:
                raise MeasurementError("the call was refused")
            case Kind.WINDOW_UPDATE:
                self.windows.on_update(stream, payload)
            case Kind.SETTINGS if not flags & Flag.ACK:
                self.windows.on_settings(payload)
                return frame(Kind.SETTINGS, Flag.ACK, 0)
            case Kind.PING if not flags & Flag.ACK:
                return frame(Kind.PING, Flag.ACK, 0, payload)
            case _:
                pass
        if kind in {Kind.DATA, Kind.HEADERS} and flags & Flag.END_STREAM:
            self.ended = True
        return b""


def call(port: int, path: str, message: bytes, content_type: str, timeout: float = 30.0) -> bytes:
    """Return the message of the response.

    Raises `MeasurementError` when there is none within `timeout` seconds.
    """
    one = _Call(message_frame(message))
    try:
        with socket.create_connection(("127.0.0.1", port), timeout) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(opening(port, path, content_type) + one.send())
            _converse(connection, one)
    except OSError as error:
        raise MeasurementError(f"no answer: {error}") from error
    if len(one.answer) < _PREFIX_BYTES:
        raise MeasurementError("the call ended without a message")
    return bytes(one.answer[_PREFIX_BYTES:])


def _converse(connection: socket.socket, one: _Call) -> None:
    unread = bytearray()
    while not one.ended:
        data = connection.recv(1 << 18)
        if not data:
            raise MeasurementError("the connection was closed")
        unread += data
        answers = [one.receive(*received) for received in read_frames(unread)]
        if response := b"".join(answers) + one.send():
            connection.sendall(response)


def opening(port: int, path: str, content_type: str) -> bytes:
    """Return what opens a connection and its one stream."""
    headers = header_block(
        [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", path),
            (":authority", f"127.0.0.1:{port}"),
            ("content-type", content_type),
            ("te", "trailers"),
        ]
    )
    return (
        PREFACE
        + settings({Setting.INITIAL_WINDOW_SIZE: LARGEST_WINDOW})
        + widest_connection_window()
        + frame(Kind.HEADERS, Flag.END_HEADERS, STREAM, headers)
    )
