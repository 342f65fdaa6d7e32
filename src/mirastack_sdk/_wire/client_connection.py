"""One connection to a server: calls become streams, what comes back their answers."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from grpclib.exceptions import GRPCError

from mirastack_sdk._wire.answers import Answer, CallLostError, is_grpc, reset_status
from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import (
    ConnectionEnded,
    DataReceived,
    GoAwayReceived,
    Headers,
    HeadersReceived,
    SettingsReceived,
    StreamReset,
    TrailersReceived,
)
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.http2_protocol import Http2Protocol
from mirastack_sdk._wire.message_reader import Body, MessageReader
from mirastack_sdk._wire.status import CallRefused
from mirastack_sdk._wire.tls_failures import TlsError, TlsProblem, speaks_tls
from mirastack_sdk._wire.turns import Turns
from mirastack_sdk.errors import WireError

# Sent when a call has expired without a byte from the server, and how long its answer may take.
_PROBE = b"stillup?"
_PROBE_SECONDS = 5.0


@dataclass(slots=True, eq=False)
class _Pending:
    """A call whose answer has not come."""

    answer: asyncio.Future[Answer]
    reader: MessageReader
    sent_at: float
    headers: Headers = ()

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class ClientConnection(Http2Protocol):
    """Carries calls until the server leaves or the connection is lost.

    `ready` is done when the server has said how many calls it takes. `on_room` hears whenever a
    call has ended, and when the connection takes no more.
    """

    def __init__(self, limits: Limits, max_message_bytes: int, on_room: Callable[[], None]) -> None:
        now = asyncio.get_running_loop().time()
        super().__init__(Connection(Role.CLIENT, limits, now=now), Turns())
        self._max_message_bytes = max_message_bytes
        self._on_room = on_room
        self._pending: dict[int, _Pending] = {}
        self.ready: asyncio.Future[None] = self._loop.create_future()
        self.is_leaving = False
        self.is_closed = False
        self._probe: asyncio.TimerHandle | None = None
        self._event_handlers = {
            SettingsReceived: self._on_settings,
            HeadersReceived: self._on_headers,
            DataReceived: self._on_data,
            TrailersReceived: self._on_trailers,
            StreamReset: self._on_reset,
            GoAwayReceived: self._on_goaway,
            ConnectionEnded: self._on_protocol_error,
        }

    @property
    def room(self) -> int:
        """How many calls may begin now."""
        return 0 if self.is_leaving else self._http2.room

    async def exchange(self, headers: Headers, body: Body, deadline: float | None) -> Answer:
        """Send one request and return its answer; only where there is room.

        `deadline` is an instant of the loop's clock. Raises `TimeoutError` then, `CallLostError`
        where no answer will come, `GRPCError` where the server resets the call. Cancelling it
        resets the call.
        """
        stream_id = self._http2.request(headers)
        for piece in body[:-1]:
            self._http2.send_data(stream_id, piece)
        self._http2.send_data(stream_id, body[-1], end_stream=True)
        self._flusher.soon()
        pending = _Pending(
            self._loop.create_future(), MessageReader(self._max_message_bytes), self._loop.time()
        )
        self._pending[stream_id] = pending
        timer = None if deadline is None else self._loop.call_at(deadline, self._expire, pending)
        try:
            return await pending.answer
        finally:
            if timer is not None:
                timer.cancel()
            self._end(stream_id)

    def close(self, reason: str = "the channel was closed") -> None:
        """Say GOAWAY and close; calls that still run are lost."""
        self.is_leaving = True
        self._lose_all(reason)
        self._http2.end(ErrorCode.NO_ERROR, "closed")
        self._flusher.now()
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Take what the server has sent."""
        if not self.ready.done() and speaks_tls(data):
            error = TlsError(TlsProblem.SPEAKS_TLS)
            self._lose_all(str(error), error)
            self._transport.abort()
            return
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what waits: no answer will come."""
        self.is_leaving = self.is_closed = True
        if self._probe is not None:
            self._probe.cancel()
        detail = f": {exc}" if exc is not None else ""
        lost = exc if isinstance(exc, TlsError) else None
        self._lose_all(f"the connection was lost{detail}", lost)
        self._on_room()

    def _on_settings(self, event: SettingsReceived) -> None:  # noqa: ARG002 - the connection has taken them
        if not self.ready.done():
            self.ready.set_result(None)
        self._on_room()

    def _on_headers(self, event: HeadersReceived) -> None:
        pending = self._pending.get(event.stream_id)
        if pending is None:
            return
        pending.headers = event.headers
        if event.ended or not is_grpc(event.headers):
            # A status without a message; or a proxy's page, whose body says nothing to us.
            self._resolve(event.stream_id, pending, event.headers)

    def _on_data(self, event: DataReceived) -> None:
        pending = self._pending.get(event.stream_id)
        if pending is None:
            return
        try:
            pending.reader.feed(event.data)
        except (WireError, CallRefused) as error:
            pending.fail(error)
            self._end(event.stream_id)
            return
        if event.ended:
            self._resolve(event.stream_id, pending, ())
        elif pending.reader.missing:
            self._http2.make_room(event.stream_id, pending.reader.missing)

    def _on_trailers(self, event: TrailersReceived) -> None:
        pending = self._pending.get(event.stream_id)
        if pending is not None:
            self._resolve(event.stream_id, pending, event.headers)

    def _on_reset(self, event: StreamReset) -> None:
        pending = self._pending.pop(event.stream_id, None)
        if pending is None:
            return
        if event.unprocessed:
            pending.fail(CallLostError(event.reason, unprocessed=True))
        else:
            status = reset_status(event.code)
            pending.fail(GRPCError(status, f"the call was reset: {event.reason} ({event.code})"))
        self._close_if_idle()
        self._on_room()

    def _on_goaway(self, event: GoAwayReceived) -> None:  # noqa: ARG002 - the connection has taken it
        self.is_leaving = True
        self._close_if_idle()
        self._on_room()

    def _on_protocol_error(self, event: ConnectionEnded) -> None:
        self._lose_all(f"the server broke the protocol: {event.reason}")
        self._flusher.now()
        self._transport.close()

    def _resolve(self, stream_id: int, pending: _Pending, trailers: Headers) -> None:
        try:
            message = pending.reader.finish()
        except WireError as error:
            pending.fail(error)
        else:
            if not pending.answer.done():
                pending.answer.set_result(Answer(pending.headers, message, trailers))
        self._end(stream_id)

    def _end(self, stream_id: int) -> None:
        """Let go of a call, answered or not."""
        if self._pending.pop(stream_id, None) is None:
            return
        self._http2.reset(stream_id, ErrorCode.CANCEL)
        self._flusher.soon()
        self._close_if_idle()
        self._on_room()

    def _close_if_idle(self) -> None:
        if self.is_leaving and not self._pending:
            self._http2.end(ErrorCode.NO_ERROR, "done")
            self._flusher.now()
            self._transport.close()

    def _lose_all(self, reason: str, error: CallLostError | None = None) -> None:
        lost, self._pending = self._pending, {}
        for pending in lost.values():
            pending.fail(error or CallLostError(reason))
        if not self.ready.done():
            self.ready.set_exception(error or CallLostError(reason))
            # Whoever waits for it hears of it; nobody has to.
            self.ready.exception()

    def _expire(self, pending: _Pending) -> None:
        pending.fail(TimeoutError("the deadline has passed"))
        if self._heard_at < pending.sent_at and self._probe is None:
            # Not a byte since: the server may be slow, or the path to it dead without a word.
            self._http2.ping(_PROBE)
            self._flusher.soon()
            asked_at = self._loop.time()
            self._probe = self._loop.call_later(_PROBE_SECONDS, self._judge, asked_at)

    def _judge(self, asked_at: float) -> None:
        self._probe = None
        if self._heard_at < asked_at:
            self._lose_all("the server does not answer any more, not even a ping")
            self.is_leaving = True
            self._transport.abort()
