"""A client's connection to one peer, in an encoding that may change between calls."""

from asyncio import BaseTransport

from grpclib.client import Channel as GrpclibChannel
from grpclib.client import Handler as ClientHandler
from grpclib.client import Stream
from grpclib.const import Cardinality
from grpclib.metadata import Deadline, _Metadata, _MetadataLike
from grpclib.protocol import EventsProcessor, H2Protocol
from grpclib.protocol import Stream as WireStream
from multidict import MultiDict

from mirastack_sdk._wire.channel_codec import ChannelCodec, Codecs, channel_codecs
from mirastack_sdk._wire.encoding import Encoding
from mirastack_sdk._wire.framing import read_message
from mirastack_sdk._wire.server import DEFAULT_MAX_MESSAGE_BYTES


class Channel(GrpclibChannel):
    """Carries calls to `host:port`; connects at the first one, and again when it was lost.

    `encoding` is that of the calls that follow. `close()` ends it; calls after that connect anew.
    """

    def __init__(
        self,
        host: str,
        port: int,
        codecs: Codecs,
        *,
        encoding: Encoding,
        max_message_bytes: int = DEFAULT_MAX_MESSAGE_BYTES,
    ) -> None:
        self._channel_codecs = channel_codecs(codecs, max_message_bytes)
        super().__init__(host, port, codec=self._channel_codecs[encoding])
        self.encoding = encoding

    def _protocol_factory(self) -> H2Protocol:
        return _ClientConnection(ClientHandler(), self._config, self._h2_config)

    def request[Request, Reply](
        self,
        name: str,
        cardinality: Cardinality,
        request_type: type[Request],
        reply_type: type[Reply],
        *,
        timeout: float | None = None,
        deadline: Deadline | None = None,
        metadata: _MetadataLike | None = None,
    ) -> Stream[Request, Reply]:
        """Open one call; it is sent when its message is. `timeout` is in seconds."""
        if timeout is not None:
            limit = Deadline.from_timeout(timeout)
            deadline = limit if deadline is None else min(limit, deadline)
        return _ClientStream(
            self,
            name,
            _Metadata(MultiDict(metadata or ())),
            cardinality,
            request_type,
            reply_type,
            codec=self._channel_codecs[self.encoding],
            status_details_codec=None,
            dispatch=self.__dispatch__,
            deadline=deadline,
        )


class _ClientStream[Request, Reply](Stream[Request, Reply]):
    """One call, whose reply is read against the size limit."""

    _codec: ChannelCodec

    async def recv_message(self) -> Reply | None:
        """Return the reply, or `None` when the server sent none."""
        if not self._recv_initial_metadata_done:
            await self.recv_initial_metadata()
        with self._wrapper:
            data = await read_message(self._stream, self._codec.max_message_bytes)
        return None if data is None else self._codec.decode(data, self._recv_type)


class _ClientConnection(H2Protocol):
    """One connection to a server."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.processor = _AnswersFirst(self.handler, self.connection)


class _AnswersFirst(EventsProcessor):
    """Ends with its connection only the calls that have no answer yet.

    A server that shuts down sends the last answers and GOAWAY in one breath: grpclib would end the
    calls whose answers have arrived before their tasks get to read them.
    """

    def close(self, reason: str = "Connection closed") -> None:
        answered = {number: s for number, s in self.streams.items() if _is_answered(s)}
        for number in answered:
            del self.streams[number]
        super().close(reason)
        # Each call releases its own stream when it has read its answer.
        self.streams.update(answered)


def _is_answered(stream: WireStream) -> bool:
    return stream.trailers is not None or any(
        name == "grpc-status" for name, _ in stream.headers or ()
    )
