"""The streams on this SDK's wire, with the generated messages."""

import asyncio
import signal
from collections.abc import AsyncIterator

from benchmarks.agents.by_hand import HOST, print_port
from benchmarks.streams.methods import COLLECT, SEND, TEXT
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.codec.methods import (
    Handlers,
    Method,
    StreamUnaryHandler,
    UnaryStreamHandler,
)
from mirastack_sdk._wire.server.grpc_server import Server

_SEND = Method("Send", SEND, wire.ChatStreamRequest, wire.ChatTokenResponse, server_streaming=True)
_COLLECT = Method(
    "Collect", COLLECT, wire.ChatTokenResponse, wire.ChatTokenResponse, client_streaming=True
)


class Streams:
    """The service."""

    def __mapping__(self) -> Handlers:
        return {
            SEND: UnaryStreamHandler(_SEND, self.send),
            COLLECT: StreamUnaryHandler(_COLLECT, self.collect),
        }

    async def send(self, request: wire.ChatStreamRequest) -> AsyncIterator[wire.ChatTokenResponse]:
        """Respond with as many messages as are asked for."""
        for _ in range(int(request.params_json)):
            yield wire.ChatTokenResponse(token=TEXT)

    async def collect(
        self, requests: AsyncIterator[wire.ChatTokenResponse]
    ) -> wire.ChatTokenResponse:
        """Respond with the number of messages."""
        count = 0
        async for request in requests:
            count += request.token == TEXT
        return wire.ChatTokenResponse(token=str(count))


async def main() -> None:
    """Serve until the process is asked to end."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = Server([Streams()], CODECS)
    await server.start(HOST)
    print_port(server.port)
    await stop.wait()
    await server.close()


if __name__ == "__main__":
    asyncio.run(main())
