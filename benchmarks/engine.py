"""An engine that costs almost nothing: it answers with constants and ignores headers."""

import socket
import threading

from benchmarks.actions import CACHE_KEY, CACHED
from benchmarks.agents.by_hand import HOST, print_port
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

_KEY = CACHE_KEY.encode()
_CACHED = CACHED.encode()
# CacheGetResponse: value, found.
_FOUND = message_frame(b"\x0a" + bytes([len(_CACHED)]) + _CACHED + b"\x10\x01")
# The response to RegisterPlugin, Heartbeat and DeregisterPlugin: field 1 is true.
_DONE = message_frame(b"\x08\x01")
_HEADERS = header_block([(":status", "200"), ("content-type", "application/grpc")])
_TRAILERS = header_block([("grpc-status", "0")])
_OPENING = settings({Setting.INITIAL_WINDOW_SIZE: LARGEST_WINDOW}) + widest_connection_window()


class CannedAnswers:
    """Frames in, frames out, for one connection; the message identifies the method."""

    def __init__(self) -> None:
        self._unread = bytearray()
        self._has_opened = False
        self._parts: dict[int, bytes] = {}

    def receive(self, data: bytes) -> bytes:
        """Return the response to the bytes."""
        self._unread += data
        if not self._has_opened:
            if len(self._unread) < len(PREFACE):
                return b""
            del self._unread[: len(PREFACE)]
            self._has_opened = True
        return b"".join([self._answer(*received) for received in read_frames(self._unread)])

    def _answer(self, kind: int, flags: int, stream: int, payload: bytes) -> bytes:
        if kind == Kind.DATA:
            return self._on_data(flags, stream, payload)
        if kind == Kind.PING and not flags & Flag.ACK:
            return frame(Kind.PING, Flag.ACK, 0, payload)
        if kind == Kind.SETTINGS and not flags & Flag.ACK:
            return frame(Kind.SETTINGS, Flag.ACK, 0)
        return b""

    def _on_data(self, flags: int, stream: int, payload: bytes) -> bytes:
        if not flags & Flag.END_STREAM:
            self._parts[stream] = self._parts.get(stream, b"") + payload
            return b""
        message = self._parts.pop(stream, b"") + payload
        return (
            frame(Kind.HEADERS, Flag.END_HEADERS, stream, _HEADERS)
            + frame(Kind.DATA, Flag.NONE, stream, _FOUND if _KEY in message else _DONE)
            + frame(Kind.HEADERS, Flag.END_HEADERS | Flag.END_STREAM, stream, _TRAILERS)
        )


def _serve(connection: socket.socket) -> None:
    # A thread that waits for one socket responds faster than a loop that waits for many.
    answers = CannedAnswers()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(_OPENING)
        while data := connection.recv(1 << 16):
            if response := answers.receive(data):
                connection.sendall(response)


def main() -> None:
    """Serve until the process ends."""
    with socket.create_server((HOST, 0)) as listening:
        print_port(listening.getsockname()[1])
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=_serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
