"""One connection to a server: calls become streams, what comes back their answers."""

import asyncio
from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

from grpclib.exceptions import GRPCError

from mirastack_sdk._wire.client.call_response import (
    CallLostError,
    Loss,
    Response,
    WrongServerError,
    is_grpc,
    reset_status,
)
from mirastack_sdk._wire.client.keepalive import Action, Keepalive, KeepaliveTimer
from mirastack_sdk._wire.grpc.message_reader import MessageReader
from mirastack_sdk._wire.grpc.status import CallRefused
from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import (
    Body,
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
from mirastack_sdk._wire.socket.first_bytes import is_http2, who_speaks
from mirastack_sdk._wire.socket.protocol import FairScheduler, Http2Protocol
from mirastack_sdk._wire.tls.tls_errors import TlsError, TlsErrorKind, speaks_tls
from mirastack_sdk.errors import DecodeError, WireError

_STILL_THERE = b"stillup?"
_TOO_MANY_PINGS = "too_many_pings"
_FIRST_BYTES = 64
_UNLIMITED = 2**31


@dataclass(slots=True, eq=False)
class _Pending:
    """A call whose answer has not come."""

    answer: asyncio.Future[Response]
    reader: MessageReader
    sent_at: float
    headers: Headers = ()

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class Owner(Protocol):
    """Whoever keeps a connection, and hears of its changes."""

    @abstractmethod
    def on_capacity(self) -> None:
        """A call has ended, or the connection takes no more."""

    @abstractmethod
    def on_served(self) -> None:
        """The first answer on the connection has come."""

    @abstractmethod
    def on_retired(self, connection: "ClientConnection") -> None:
        """The server takes no more calls on the connection, or is gone."""


class ClientConnection(Http2Protocol):
    """Carries calls until the server leaves or the connection is lost.

    `ready` is done when the server has said how many calls it takes. While calls wait, a server
    that says nothing is asked whether it is still there, and given up when it does not answer.
    """

    def __init__(
        self, limits: Limits, max_message_bytes: int, keepalive: Keepalive, owner: Owner
    ) -> None:
        now = asyncio.get_running_loop().time()
        super().__init__(Connection(Role.CLIENT, limits, now=now), FairScheduler())
        self._max_message_bytes = max_message_bytes
        self._keepalive = keepalive
        self._owner = owner
        self._pending: dict[int, _Pending] = {}
        self.ready: asyncio.Future[None] = self._loop.create_future()
        self.is_retiring = False
        self.is_closed = False
        self.has_served = False
        self._first_bytes = b""
        # How many calls the server takes at once: fewer than it says, where it has refused one.
        self._taken_at_once = _UNLIMITED
        self._watch = KeepaliveTimer(keepalive)
        self._waiting_since = now
        self._next_look: asyncio.TimerHandle | None = None
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
        if self.is_retiring:
            return 0
        return max(0, min(self._http2.room, self._taken_at_once - len(self._pending)))

    async def exchange(self, headers: Headers, body: Body, deadline: float | None) -> Response:
        """Send one request and return its answer; only where there is room.

        `deadline` is an instant of the loop's clock. Raises `TimeoutError` then, `CallLostError`
        where no answer will come, `GRPCError` where the server resets the call. Cancelling it
        resets the call.
        """
        stream_id = self._http2.request(headers)
        for piece in body[:-1]:
            self._http2.send_data(stream_id, piece)
        self._http2.send_data(stream_id, body[-1], end_stream=True)
        self._writer.soon()
        now = self._loop.time()
        pending = _Pending(self._loop.create_future(), MessageReader(self._max_message_bytes), now)
        if not self._pending:
            self._waiting_since = now
        self._pending[stream_id] = pending
        if self._next_look is None:
            self._look_after()
        timer = None if deadline is None else self._loop.call_at(deadline, self._expire, pending)
        try:
            return await pending.answer
        finally:
            if timer is not None:
                timer.cancel()
            self._end(stream_id)

    def close(self, reason: str = "the channel was closed") -> None:
        """Say GOAWAY and close; calls that still run are lost."""
        self.is_retiring = True
        self._lose_all(reason, Loss.ABANDONED)
        self._hang_up("closed")

    def lose(self, reason: str) -> None:
        """Take note that the server is gone without a word; calls that still run are lost."""
        self._lose_all(reason)
        self._leave()

    def data_received(self, data: bytes) -> None:
        """Take what the server has sent."""
        if not self.ready.done():
            self._first_bytes = (self._first_bytes + data)[:_FIRST_BYTES]
            if speaks_tls(self._first_bytes):
                self._begin_not(TlsError(TlsErrorKind.SPEAKS_TLS))
                self._transport.abort()
                return
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what waits: no answer will come."""
        self.is_closed = True
        if self._next_look is not None:
            self._next_look.cancel()
        detail = f": {exc}" if exc is not None else ""
        if isinstance(exc, TlsError):
            self._begin_not(exc)
        self._lose_all(f"the connection was lost{detail}")
        self._http2.abandon()
        self._leave()
        self._owner.on_capacity()

    def _on_settings(self, event: SettingsReceived) -> None:  # noqa: ARG002 - the connection has taken them
        if not self.ready.done():
            self.ready.set_result(None)
        self._owner.on_capacity()

    def _on_headers(self, event: HeadersReceived) -> None:
        pending = self._pending.get(event.stream_id)
        if pending is None:
            return
        pending.headers = event.headers
        if not self.has_served:
            self.has_served = True
            self._owner.on_served()
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
            # Servers count a stream a little longer than we do: room comes when a call has ended.
            self._taken_at_once = max(1, len(self._pending))
            pending.fail(CallLostError(f"the call was refused: {event.reason}", Loss.REFUSED))
        elif event.remote:
            status = reset_status(event.code)
            pending.fail(GRPCError(status, f"the call was reset: {event.reason} ({event.code})"))
        else:
            pending.fail(DecodeError(f"the server broke the protocol: {event.reason}"))
        self._close_if_idle()
        self._owner.on_capacity()

    def _on_goaway(self, event: GoAwayReceived) -> None:
        if event.code == ErrorCode.ENHANCE_YOUR_CALM and event.reason == _TOO_MANY_PINGS:
            self._keepalive.calm()
        self._leave()
        self._close_if_idle()
        self._owner.on_capacity()

    def _on_protocol_error(self, event: ConnectionEnded) -> None:
        self._lose_all(f"the server broke the protocol: {event.reason}")
        self._leave()
        self._hang_up("")

    def _resolve(self, stream_id: int, pending: _Pending, trailers: Headers) -> None:
        if self._taken_at_once < _UNLIMITED:
            self._taken_at_once += 1
        try:
            message = pending.reader.finish()
        except WireError as error:
            pending.fail(error)
        else:
            if not pending.answer.done():
                pending.answer.set_result(Response(pending.headers, message, trailers))
        self._end(stream_id)

    def _end(self, stream_id: int) -> None:
        """Let go of a call, answered or not."""
        if self._pending.pop(stream_id, None) is None:
            return
        self._http2.reset(stream_id, ErrorCode.CANCEL)
        self._writer.soon()
        self._close_if_idle()
        self._owner.on_capacity()

    def _leave(self) -> None:
        if not self.is_retiring:
            self.is_retiring = True
            self._owner.on_retired(self)

    def _close_if_idle(self) -> None:
        if self.is_retiring and not self._pending:
            self._hang_up("done")

    def _hang_up(self, reason: str) -> None:
        """Say GOAWAY and close, without waiting for a server that does not read."""
        self._http2.end(ErrorCode.NO_ERROR, reason)
        self._writer.now()
        if self._transport.get_write_buffer_size():
            self._transport.abort()
        else:
            self._transport.close()

    def _lose_all(self, reason: str, loss: Loss = Loss.LOST) -> None:
        lost, self._pending = self._pending, {}
        for pending in lost.values():
            pending.fail(CallLostError(reason, loss))
        self._begin_not(self._no_beginning(reason, loss))

    def _begin_not(self, error: Exception) -> None:
        if not self.ready.done():
            self.ready.set_exception(error)
            # Whoever waits for it hears of it; nobody has to.
            self.ready.exception()

    def _no_beginning(self, reason: str, loss: Loss) -> Exception:
        if self._first_bytes and not is_http2(self._first_bytes):
            return WrongServerError(who_speaks(self._first_bytes))
        return CallLostError(reason, loss if loss is Loss.ABANDONED else Loss.NEVER_SENT)

    def _expire(self, pending: _Pending) -> None:
        pending.fail(TimeoutError("the deadline has passed"))
        if self._heard_at < pending.sent_at:
            # Not a byte since: the server may be slow, or the path to it dead without a word.
            self._look_after(in_doubt=True)

    def _look_after(self, *, in_doubt: bool = False) -> None:
        """Judge the server's silence, and look again when it may have become too long."""
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None
        look = self._watch.look(
            self._loop.time(),
            heard_at=self._heard_at,
            waiting_since=self._waiting_since if self._pending else None,
            in_doubt=in_doubt,
        )
        if look.action is Action.REST or self.is_closed:
            return
        if look.action is Action.GIVE_UP:
            self.lose("the server does not answer any more, not even a ping")
            self._transport.abort()
            return
        if look.action is Action.ASK:
            self._http2.ping(_STILL_THERE)
            self._writer.soon()
        self._next_look = self._loop.call_later(look.again_in, self._look_after)
