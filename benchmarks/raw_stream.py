"""One call with a stream of small messages, sent and read at almost no cost."""

import socket
from dataclasses import dataclass, field

from benchmarks.errors import MeasurementError
from benchmarks.frames import Flag, Kind, frame, message_frame, read_frames
from benchmarks.raw_call import STREAM, opening
from benchmarks.windows import Windows

_READ_BYTES = 1 << 18
_CONTENT_TYPE = "application/grpc"


@dataclass(slots=True)
class _StreamedCall:
    """The state of the call: equal requests, one in each frame, and the bytes of the responses."""

    message: bytes
    left: int
    windows: Windows = field(default_factory=Windows)
    received: bytearray = field(default_factory=bytearray)
    ended: bool = False
    unread: bytearray = field(default_factory=bytearray)

    def send(self) -> bytes:
        """Return the requests that may be sent now."""
        if not self.left:
            return b""
        count = self.windows.take_whole(self.left, len(self.message))
        if not count:
            return b""
        self.left -= count
        one = frame(Kind.DATA, Flag.NONE, STREAM, self.message)
        if self.left:
            return one * count
        return one * (count - 1) + frame(Kind.DATA, Flag.END_STREAM, STREAM, self.message)

    def receive(self, data: bytes) -> bytes:
        """Process the bytes of the server; return what is to be sent."""
        self.unread += data
        answers = []
        for kind, flags, stream, payload in read_frames(self.unread):
            if kind == Kind.DATA:
                self.received += payload
            elif kind != Kind.HEADERS:
                answers.append(self._control(kind, flags, stream, payload))
                continue
            if flags & Flag.END_STREAM:
                self.ended = True
        return b"".join(answers) + self.send()

    def _control(self, kind: int, flags: int, stream: int, payload: bytes) -> bytes:
        if kind in {Kind.RST_STREAM, Kind.GOAWAY}:
            raise MeasurementError("the call was refused")
        if kind == Kind.WINDOW_UPDATE:
            self.windows.on_update(stream, payload)
        elif kind == Kind.SETTINGS and not flags & Flag.ACK:
            self.windows.on_settings(payload)
            return frame(Kind.SETTINGS, Flag.ACK, 0)
        elif kind == Kind.PING and not flags & Flag.ACK:
            return frame(Kind.PING, Flag.ACK, 0, payload)
        return b""


def stream(port: int, path: str, message: bytes, count: int, timeout: float = 30.0) -> bytes:
    """Send a message `count` times, and return the responses, each after its prefix.

    Raises `MeasurementError` when the call has not ended within `timeout` seconds of silence.
    """
    call = _StreamedCall(message_frame(message), count)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(opening(port, path, _CONTENT_TYPE) + call.send())
            _converse(connection, call)
    except OSError as error:
        raise MeasurementError(f"no answer: {error}") from error
    return bytes(call.received)


def _converse(connection: socket.socket, call: _StreamedCall) -> None:
    while not call.ended:
        data = connection.recv(_READ_BYTES)
        if not data:
            raise MeasurementError("the connection was closed")
        if answer := call.receive(data):
            connection.sendall(answer)
