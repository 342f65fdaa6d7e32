"""An engine made of h2 and a socket, which sends exactly the bytes that a test writes."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

from tests.wire.raw_peer import frame


@dataclass(slots=True)
class Request:
    """One call: its headers and its message, as received."""

    headers: dict[str, str]
    data: bytes = b""

    @property
    def method(self) -> str:
        """The last part of the path."""
        return self.headers[":path"].rpartition("/")[2]

    @property
    def json(self) -> object:
        """The message, read as JSON."""
        return json.loads(self.data[5:])


type Answer = Callable[[Request], bytes]


@dataclass(slots=True)
class RawEngine:
    """Responds to each call with the JSON that `answer` returns."""

    answer: Answer
    requests: list[Request] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        http2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        http2.initiate_connection()
        writer.write(http2.data_to_send())
        streams: dict[int, Request] = {}
        while data := await reader.read(65536):
            for event in http2.receive_data(data):
                match event:
                    case RequestReceived(stream_id=number, headers=headers):
                        fields = {str(name): str(value) for name, value in headers or []}
                        streams[number or 0] = Request(fields)
                    case DataReceived(stream_id=number, data=body):
                        streams[number or 0].data += body or b""
                        http2.acknowledge_received_data(event.flow_controlled_length or 0, number)
                    case StreamEnded(stream_id=number):
                        self._reply(http2, number or 0, streams.pop(number or 0))
                    case _:
                        pass
            writer.write(http2.data_to_send())
        writer.close()

    def _reply(self, http2: H2Connection, number: int, request: Request) -> None:
        self.requests.append(request)
        body = self.answer(request)
        http2.send_headers(number, [(":status", "200"), ("content-type", "application/grpc+json")])
        http2.send_data(number, frame(body))
        http2.send_headers(number, [("grpc-status", "0")], end_stream=True)


@asynccontextmanager
async def raw_engine(answer: Answer) -> AsyncIterator[tuple[RawEngine, str]]:
    """Serve a raw engine; gives it and its address."""
    engine = RawEngine(answer)
    server = await asyncio.start_server(engine.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield engine, f"127.0.0.1:{port}"
