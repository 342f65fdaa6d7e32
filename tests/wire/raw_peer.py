"""An HTTP/2 client made of h2 and a socket: sends any request, and records the response."""

import asyncio
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    DataReceived,
    Event,
    PingAckReceived,
    PingReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from hyperframe.frame import Frame, GoAwayFrame

PATH_HEADERS = {
    ":method": "POST",
    ":scheme": "http",
    ":authority": "localhost",
    ":path": "/",
    "te": "trailers",
    "content-type": "application/grpc",
}


@dataclass(slots=True)
class Answer:
    """The response on one stream."""

    headers: dict[str, str] = field(default_factory=dict)
    data: bytes = b""
    trailers: dict[str, str] = field(default_factory=dict)
    ended: bool = False
    reset: int | None = None

    @property
    def status(self) -> str | None:
        """The gRPC status number, from headers or trailers."""
        return self.trailers.get("grpc-status", self.headers.get("grpc-status"))

    @property
    def message(self) -> str | None:
        """The gRPC message, from headers or trailers."""
        return self.trailers.get("grpc-message", self.headers.get("grpc-message"))


class RawPeer:
    """One connection; `async with await RawPeer.connect(port)`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.http2 = H2Connection(
            H2Configuration(
                client_side=True,
                header_encoding="latin-1",
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        # h2 takes nothing more after a GOAWAY, not even the answers that RFC 9113 lets come.
        self.http2._frame_dispatch_table[GoAwayFrame] = self._on_goaway  # noqa: SLF001 - no other way
        self.http2.initiate_connection()
        self.answers: dict[int, Answer] = {}
        self.goaways: list[int] = []
        self.pings: list[bytes] = []
        self.pongs: list[bytes] = []

    @property
    def goaway(self) -> bool:
        """Whether the server has sent GOAWAY; `goaways` are the last streams that it named."""
        return bool(self.goaways)

    @classmethod
    async def connect(cls, port: int) -> Self:
        """Connect to a server on this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def __aenter__(self) -> Self:
        self.flush()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()

    def flush(self) -> None:
        """Send everything that h2 has queued."""
        self._writer.write(self.http2.data_to_send())

    def request(self, path: str, body: bytes | None, **headers: str | None) -> int:
        """Send a request; a header given as `None` is left out, `_` in names stands for `-`."""
        fields = {**PATH_HEADERS, ":path": path}
        for name, value in headers.items():
            wire_name = name.replace("_", "-") if not name.startswith("method") else ":method"
            if value is None:
                fields.pop(wire_name, None)
            else:
                fields[wire_name] = value
        ordered = sorted(fields.items(), key=lambda pair: not pair[0].startswith(":"))
        return self.request_with(ordered, body)

    def request_with(self, headers: list[tuple[str, str]], body: bytes | None) -> int:
        """Send a request with exactly these headers."""
        stream_id = self.http2.get_next_available_stream_id()
        self.answers[stream_id] = Answer()
        self.http2.send_headers(stream_id, headers, end_stream=body is None)
        if body is not None:
            self.http2.send_data(stream_id, body, end_stream=True)
        self.flush()
        return stream_id

    def begin(self, path: str, part: bytes) -> int:
        """Send the beginning of a request; `finish` sends the rest."""
        stream_id = self.http2.get_next_available_stream_id()
        self.answers[stream_id] = Answer()
        self.http2.send_headers(stream_id, list({**PATH_HEADERS, ":path": path}.items()))
        self.http2.send_data(stream_id, part)
        self.flush()
        return stream_id

    def finish(self, stream_id: int, rest: bytes) -> None:
        """Send the rest of a request."""
        self.http2.send_data(stream_id, rest, end_stream=True)
        self.flush()

    async def answer(self, stream_id: int) -> Answer:
        """Wait for the end of a stream."""
        answer = self.answers[stream_id]
        async with asyncio.timeout(10):
            while not answer.ended:
                await self.read()
        return answer

    async def read_to_the_end(self) -> None:
        """Read until the server closes the connection."""
        while data := await self._reader.read(65536):
            self._receive(data)

    async def read(self) -> None:
        """Process what the server has sent."""
        data = await self._reader.read(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        self._receive(data)

    def _receive(self, data: bytes) -> None:
        for event in self.http2.receive_data(data):
            self._take(event)
        self.flush()

    def _on_goaway(self, frame: GoAwayFrame) -> tuple[list[Frame], list[Event]]:
        self.goaways.append(frame.last_stream_id)
        return [], []

    def _take(self, event: object) -> None:
        match event:
            case ResponseReceived(stream_id=int(number), headers=headers):
                self.answers[number].headers = dict(_text(headers))
            case TrailersReceived(stream_id=int(number), headers=headers):
                self.answers[number].trailers = dict(_text(headers))
            case DataReceived(stream_id=int(number), data=bytes(data)):
                self.answers[number].data += data
                self.http2.acknowledge_received_data(event.flow_controlled_length or 0, number)
            case StreamEnded(stream_id=int(number)):
                self.answers[number].ended = True
            case StreamReset(stream_id=int(number), error_code=code):
                self.answers[number].ended = True
                self.answers[number].reset = code
            case PingReceived(ping_data=bytes(payload)):
                self.pings.append(payload)
            case PingAckReceived(ping_data=bytes(payload)):
                self.pongs.append(payload)
            case _:
                pass


def _text(headers: object) -> list[tuple[str, str]]:
    assert isinstance(headers, list)
    return [(str(name), str(value)) for name, value in headers]


def frame(data: bytes, *, compressed: int = 0) -> bytes:
    """Return a gRPC message frame."""
    return bytes([compressed]) + len(data).to_bytes(4) + data
