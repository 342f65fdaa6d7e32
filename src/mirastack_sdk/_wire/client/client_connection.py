"""The client's side of one connection: calls become streams, and streams become responses."""

import asyncio
from math import inf

from grpclib.exceptions import GRPCError

from mirastack_sdk._wire.client.call_errors import CallLostError, Loss, WrongServerError
from mirastack_sdk._wire.client.call_response import (
    PendingCall,
    ResponseCheck,
    WaitingCall,
    WaitingStream,
    is_grpc,
    reset_status,
)
from mirastack_sdk._wire.client.connection_owner import Owner
from mirastack_sdk._wire.client.deadline_timer import DeadlineTimer
from mirastack_sdk._wire.client.keepalive import Action, Keepalive, KeepaliveTimer
from mirastack_sdk._wire.grpc.status import CallRefused
from mirastack_sdk._wire.http2.codes import LAST_CLIENT_STREAM_ID, ErrorCode, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import (
    Body,
    ConnectionEnded,
    DataReceived,
    GoAwayReceived,
    Headers,
    HeadersReceived,
    ResponseReceived,
    SettingsReceived,
    StreamReset,
    TrailersReceived,
)
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.socket.first_bytes import is_http2, not_http2, speaks_tls
from mirastack_sdk._wire.socket.protocol import FairScheduler, Http2Protocol
from mirastack_sdk._wire.tls.tls_errors import TlsError, TlsErrorKind
from mirastack_sdk.errors import DecodeError, WireError

_KEEPALIVE_PING = b"stillup?"
# gRFC A8: the debug data of a GOAWAY from a server that is pinged too often.
_TOO_MANY_PINGS = "too_many_pings"
_FIRST_BYTES = 64
_UNLIMITED = 2**31


class ClientConnection(Http2Protocol):
    """Carries calls until the server sends GOAWAY or the connection is lost.

    `ready` is done when the server has sent its settings. While calls wait, a silent server is
    pinged, and the connection is given up when the server does not answer.
    """

    def __init__(
        self,
        limits: Limits,
        max_message_bytes: int,
        keepalive: Keepalive,
        owner: "Owner[ClientConnection]",
    ) -> None:
        now = asyncio.get_running_loop().time()
        super().__init__(
            Connection(Role.CLIENT, limits, now=now, whole_messages=True), FairScheduler()
        )
        self._max_message_bytes = max_message_bytes
        self._keepalive = keepalive
        self._owner = owner
        self._pending: dict[int, WaitingCall] = {}
        self.ready: asyncio.Future[None] = self._loop.create_future()
        self.is_retiring = False
        self.is_closed = False
        self.has_served = False
        self._first_bytes = b""
        # How many calls the server takes at once: fewer than its settings say if it refused one.
        self._max_calls = _UNLIMITED
        self._keepalive_timer = KeepaliveTimer(keepalive)
        self._deadlines = DeadlineTimer(self._on_deadline)
        self._waiting_since = now
        self._next_check: asyncio.TimerHandle | None = None
        self._event_handlers = {
            SettingsReceived: self._on_settings,
            ResponseReceived: self._on_response,
            HeadersReceived: self._on_headers,
            DataReceived: self._on_data,
            TrailersReceived: self._on_trailers,
            StreamReset: self._on_reset,
            GoAwayReceived: self._on_goaway,
            ConnectionEnded: self._on_protocol_error,
        }

    @property
    def capacity(self) -> int:
        """How many calls may begin now."""
        room = min(self._http2.available_streams, self._max_calls - len(self._pending))
        return 0 if self.is_retiring else max(0, room)

    @property
    def has_capacity(self) -> bool:
        """Whether a call may begin now."""
        has_room = len(self._pending) < self._max_calls and self._http2.may_open_stream
        return has_room and not self.is_retiring

    def begin(
        self, block: bytes, body: Body, check: ResponseCheck, now: float, deadline: float
    ) -> PendingCall:
        """Send one request, whose headers are encoded; the connection must have capacity.

        The call's `response` is the message, or raises what `check` and `MessageReader` raise,
        `TimeoutError` at the deadline, an instant of the loop's clock, `CallLostError` where there
        will be none, `GRPCError` for a reset. A caller that stops waiting calls `end`.
        """
        stream_id = self._http2.send_request(block, body)
        pending = PendingCall(
            stream_id, self._loop.create_future(), check, self._max_message_bytes, now, deadline
        )
        self._wait(stream_id, pending)
        return pending

    def open_stream(self, block: bytes, call: WaitingStream) -> None:
        """Begin a call that sends its requests itself, and says with `end` when it has ended."""
        stream_id = self._http2.request_sequence(block)
        call.attach(stream_id, self._http2, self._writer)
        self._wait(stream_id, call)

    def close(self, reason: str = "the channel was closed") -> None:
        """Say GOAWAY and close; calls that still run are lost."""
        self.is_retiring = True
        self._lose_all(reason, Loss.ABANDONED)
        self._close_transport("closed")

    def lose(self, reason: str) -> None:
        """Give up a server that is silent; calls that still run are lost."""
        if not self._first_bytes:
            self._fail_ready(CallLostError(reason, Loss.UNHEARD))
        self._lose_all(reason)
        self._retire()

    def data_received(self, data: bytes) -> None:
        """Process bytes from the server."""
        if not self.ready.done():
            self._first_bytes = (self._first_bytes + data)[:_FIRST_BYTES]
            if speaks_tls(self._first_bytes):
                self._fail_ready(TlsError(TlsErrorKind.SPEAKS_TLS))
                self._transport.abort()
                return
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the calls that wait: there will be no response."""
        self.is_closed = True
        self._deadlines.cancel()
        if self._next_check is not None:
            self._next_check.cancel()
        detail = f": {exc}" if exc is not None else ""
        if isinstance(exc, TlsError):
            self._fail_ready(exc)
        elif not self._first_bytes:
            # Most TLS servers close the connection without a word when they read plain text.
            self._fail_ready(TlsError(TlsErrorKind.NO_SETTINGS))
        self._lose_all(f"the connection was lost{detail}")
        self._http2.abandon()
        self._retire()
        self._owner.on_capacity()

    def _on_settings(self, event: SettingsReceived) -> None:  # noqa: ARG002 - the HTTP/2 connection applies them
        if not self.ready.done():
            self.ready.set_result(None)
        self._owner.on_capacity()

    def _on_response(self, event: ResponseReceived) -> None:
        stream_id, headers, data, trailers = event
        pending = self._pending.get(stream_id)
        if pending is None:
            return
        if self.has_served and pending.complete(headers, data, trailers):
            self._answered(stream_id)
            return
        self._on_headers(HeadersReceived(stream_id, headers, ended=False))
        self._on_data(DataReceived(stream_id, data, ended=False))
        self._on_trailers(TrailersReceived(stream_id, trailers))

    def _on_headers(self, event: HeadersReceived) -> None:
        pending = self._pending.get(event.stream_id)
        if pending is None:
            return
        pending.headers = event.headers
        if not self.has_served:
            self.has_served = True
            self._owner.on_served()
        if event.ended or not is_grpc(event.headers):
            # "Trailers-Only" (gRPC over HTTP/2, "Responses"), or a proxy's page; its body is
            # ignored.
            self._resolve(event.stream_id, pending, event.headers)

    def _on_data(self, event: DataReceived) -> None:
        pending = self._pending.get(event.stream_id)
        if pending is None:
            return
        try:
            missing = pending.feed(event.data)
        except (WireError, CallRefused) as error:
            pending.fail(error)
            self.end(event.stream_id)
            return
        if event.ended:
            self._resolve(event.stream_id, pending, ())
        elif missing:
            self._http2.make_room(event.stream_id, missing)

    def _on_trailers(self, event: TrailersReceived) -> None:
        if (pending := self._pending.get(event.stream_id)) is not None:
            self._resolve(event.stream_id, pending, event.headers)

    def _on_reset(self, event: StreamReset) -> None:
        pending = self._pending.pop(event.stream_id, None)
        if pending is None:
            return
        if event.unprocessed:
            # RFC 9113 §8.7: the call may be sent again. Servers count a stream a little longer than
            # we do, so none is sent here until another one has ended.
            self._max_calls = max(1, len(self._pending))
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
            self._keepalive.back_off()
        self._retire()
        self._close_if_idle()

    def _on_protocol_error(self, event: ConnectionEnded) -> None:
        self._lose_all(f"the server broke the protocol: {event.reason}")
        self._retire()
        self._close_transport("")

    def _wait(self, stream_id: int, pending: WaitingCall) -> None:
        """Send what has been queued on a stream, and wait for the response."""
        if self._pending:
            self._writer.schedule()
        else:  # Probably nothing else will be sent in this iteration of the loop.
            self._waiting_since = pending.sent_at
            self._writer.flush()
        self._pending[stream_id] = pending
        if pending.deadline < self._deadlines.due:
            self._deadlines.watch(pending.deadline)
        if stream_id >= LAST_CLIENT_STREAM_ID:  # A new connection has more (RFC 9113 §5.1.1).
            self._retire()
        if self._next_check is None:
            self._check_silence()

    def _resolve(self, stream_id: int, pending: WaitingCall, trailers: Headers) -> None:
        pending.finish(trailers)
        self._answered(stream_id)

    def _answered(self, stream_id: int) -> None:
        self._max_calls += 1
        self.end(stream_id)

    def end(self, stream_id: int) -> None:
        """Forget a call, with or without a response; it is reset if it goes on."""
        if self._pending.pop(stream_id, None) is None:
            return
        if self._http2.is_open(stream_id):
            self._http2.reset(stream_id, ErrorCode.CANCEL)
            self._writer.schedule()
        if self.is_retiring:
            self._close_if_idle()
        if self._owner.waiters:
            self._owner.on_capacity()

    def _retire(self) -> None:
        if not self.is_retiring:
            self.is_retiring = True
            self._owner.on_retired(self)

    def _close_if_idle(self) -> None:
        if self.is_retiring and not self._pending:
            self._close_transport("done")

    def _close_transport(self, reason: str) -> None:
        """Say GOAWAY and close, without waiting for a server that does not read."""
        self._http2.end(ErrorCode.NO_ERROR, reason)
        self._writer.flush()
        if self._transport.get_write_buffer_size():
            self._transport.abort()
        else:
            self._transport.close()

    def _lose_all(self, reason: str, loss: Loss = Loss.LOST) -> None:
        lost, self._pending = self._pending, {}
        for pending in lost.values():
            pending.fail(CallLostError(reason, loss))
        self._fail_ready(self._not_ready(reason, loss))

    def _fail_ready(self, error: Exception) -> None:
        if not self.ready.done():
            self.ready.set_exception(error)
            # Retrieved here, so that asyncio does not report it when nobody waits.
            self.ready.exception()

    def _not_ready(self, reason: str, loss: Loss) -> Exception:
        if self._first_bytes and not is_http2(self._first_bytes):
            return WrongServerError(not_http2(self._first_bytes))
        return CallLostError(reason, loss if loss is Loss.ABANDONED else Loss.NEVER_SENT)

    def _on_deadline(self, now: float) -> None:
        """End the calls whose deadlines have passed."""
        for stream_id, pending in list(self._pending.items()):
            if pending.deadline <= now:
                self._expire(pending)
                self.end(stream_id)
        self._deadlines.watch(min((one.deadline for one in self._pending.values()), default=inf))

    def _expire(self, pending: WaitingCall) -> None:
        pending.fail(TimeoutError("the deadline has passed"))
        if self._heard_at < pending.sent_at:
            # Nothing came since the call was sent: the server is slow, or the path to it is dead.
            self._check_silence(in_doubt=True)

    def _check_silence(self, *, in_doubt: bool = False) -> None:
        """Ping or give up a silent server, and set the timer for the next check."""
        if self._next_check is not None:
            self._next_check.cancel()
            self._next_check = None
        step = self._keepalive_timer.check(
            self._loop.time(),
            heard_at=self._heard_at,
            waiting_since=self._waiting_since if self._pending else None,
            in_doubt=in_doubt,
        )
        if step.action is Action.REST or self.is_closed:
            return
        if step.action is Action.GIVE_UP:
            self.lose("the server does not answer, not even a ping")
            self._transport.abort()
            return
        if step.action is Action.PING:
            self._http2.ping(_KEEPALIVE_PING)
            self._writer.schedule()
            self._owner.on_ping()
        self._next_check = self._loop.call_later(step.again_in, self._check_silence)
