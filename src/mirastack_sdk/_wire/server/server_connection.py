"""One client's connection at a server: HTTP/2 events become calls, their outcomes frames."""

import asyncio
from collections import deque
from collections.abc import Callable

from mirastack_sdk._log import Log
from mirastack_sdk._wire.grpc.current_call import IncomingCall
from mirastack_sdk._wire.grpc.request_check import Rejection, refused
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import (
    ConnectionEnded,
    DataReceived,
    HeadersReceived,
    PingAcknowledged,
    StreamReset,
    TrailersReceived,
)
from mirastack_sdk._wire.server.client_watch import Actions, ClientStatus, ClientWatch
from mirastack_sdk._wire.server.server_call import (
    Outcome,
    ServerCall,
    failure,
    send_outcome,
    send_rejection,
)
from mirastack_sdk._wire.server.server_state import ServerState
from mirastack_sdk._wire.socket.first_bytes import speaks_tls
from mirastack_sdk._wire.socket.protocol import Http2Protocol
from mirastack_sdk.errors import WireError

_LOG = Log("server")

_PROBE = b"stillup?"
# How long a client that has broken the protocol may take to read why.
_FAREWELL_SECONDS = 1.0
# How long a client may take to read that it is asked to leave.
_LEAVE_SECONDS = 1.0
_SLOW = Outcome(Status.DEADLINE_EXCEEDED, "the request did not come whole in time")
_LATE = Outcome(Status.DEADLINE_EXCEEDED, "the client takes in its answers too slowly")


class ServerConnection(Http2Protocol):
    """Serves one connection from its first byte to its last.

    `on_change` hears of the connection's beginning and end, and, while the server drains, of what
    brings it nearer to its end.
    """

    def __init__(self, state: ServerState, on_change: Callable[["ServerConnection"], None]) -> None:
        self.is_closed = False
        self._state = state
        self._on_change = on_change
        now = asyncio.get_running_loop().time()
        super().__init__(Connection(Role.SERVER, state.limits, now=now), state.scheduler)
        self._calls: dict[int, ServerCall] = {}
        # Calls that are whole, and wait until the client has taken in enough of other answers.
        self._deferred: deque[ServerCall] = deque()
        self._watch = ClientWatch(state.timeouts, now)
        self._is_inside = False
        self._parting: asyncio.TimerHandle | None = None
        self._heard = False
        self._stranger: str | None = None
        self._event_handlers = {
            HeadersReceived: self._on_headers,
            DataReceived: self._on_data,
            TrailersReceived: self._on_trailers,
            StreamReset: self._on_reset,
            PingAcknowledged: self._on_ping_answered,
            ConnectionEnded: self._on_protocol_error,
        }

    @property
    def is_busy(self) -> bool:
        """Whether calls may still come, run, or have their answers on the way out."""
        http2 = self._http2
        return bool(self._calls) or http2.open_streams > 0 or not http2.has_sent_last_goaway

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start to serve."""
        super().connection_made(transport)
        self._is_inside = self._state.connection_limit.enter()
        if not self._is_inside:
            self.abort()
            return
        if self._state.tls is not None:
            self._stranger = self._state.tls.refusal(transport)
        self._on_change(self)
        # A connection may have been on its way when the server began to leave, or to end.
        if self._state.draining:
            self.leave()
        if self._state.closed:
            self.close()

    def data_received(self, data: bytes) -> None:
        """Take what the client has sent, and answer what can be answered at once."""
        if not self._heard:
            self._heard = True
            if speaks_tls(data):
                text = (
                    "a client speaks TLS, which this port does not: give it a certificate and key"
                )
                self._state.log.write("TLS", text)
        super().data_received(data)
        if self._deferred:
            self._start_deferred()
        if self._state.draining:
            self._on_change(self)

    def pause_writing(self) -> None:
        """Stop writing, and serving: what a client does not read must not heap up here."""
        super().pause_writing()
        self._hold_reading(hold=True)

    def resume_writing(self) -> None:
        """Go on."""
        # First: what is written now may fill the buffer again.
        self._hold_reading(hold=False)
        super().resume_writing()
        self._start_deferred()
        if self._state.draining:
            self._on_change(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """End every call: nobody waits for its answer any more."""
        if self._is_inside:
            self._state.connection_limit.leave()
        self._cancel_calls()
        self._http2.abandon()
        if self._parting is not None:
            self._parting.cancel()
        self.is_closed = True
        self._on_change(self)

    def leave(self) -> None:
        """Ask the client to open no more streams, and let those that it has opened end.

        That goes for requests that cross the demand, too: not every client sends a call again that
        was refused.
        """
        self._http2.leave()
        self._writer.now()
        self._be_patient(_LEAVE_SECONDS, self._accept_no_more)

    def close(self) -> None:
        """Say GOAWAY, write what is left and close.

        Requests that have not come whole are refused as not looked at.
        """
        for call in list(self._calls.values()):
            if call.task is None:
                self._http2.reset(call.stream_id, ErrorCode.REFUSED_STREAM)
        self._http2.end(ErrorCode.NO_ERROR, "closed")
        self._writer.now()
        self._transport.close()

    def abort(self) -> None:
        """Close without waiting for a client that does not read."""
        self._transport.abort()

    def look(self, now: float) -> None:
        """Do what the server's timeouts asks for at `now`, an instant of the loop's clock."""
        if self._transport.is_closing():
            return
        for call in self._deferred:
            if call.is_late(now):
                self._finish(call, _LATE)
        self._deferred = deque(one for one in self._deferred if one.stream_id in self._calls)
        self._act(self._watch.look(self._status(), now))

    def _status(self) -> ClientStatus:
        http2 = self._http2
        return ClientStatus(
            settings_received=http2.settings_received,
            heard_at=self._heard_at,
            unfinished_since=http2.unfinished_since,
            unsent_bytes=self._transport.get_write_buffer_size(),
            bodies={
                stream_id: call.reader.received
                for stream_id, call in self._calls.items()
                if call.task is None and not call.deferred
            },
            blocked=http2.blocked() if http2.queued_bytes else {},
            overfull=self._is_overfull,
        )

    def _act(self, actions: Actions) -> None:
        if actions.ended:
            _LOG.info("a connection ends: %s", actions.ended)
            if actions.lost:
                self.abort()
            else:
                self._http2.end(ErrorCode.NO_ERROR, actions.ended)
                self._part()
            return
        for stream_id in actions.late_bodies:
            self._finish(self._calls[stream_id], _SLOW)
        for stream_id in actions.stalled:
            _LOG.info("an answer is dropped: its client gives no room for it")
            self._http2.reset(stream_id, ErrorCode.ENHANCE_YOUR_CALM)
        if actions.ask:
            self._http2.ping(_PROBE)
        self._writer.now()
        self._start_deferred()
        if self._state.draining:
            self._on_change(self)

    def _on_ping_answered(self, event: PingAcknowledged) -> None:
        if event.payload == _PROBE:
            self._watch.answered(self._heard_at)

    def _on_headers(self, event: HeadersReceived) -> None:
        verdict = self._state.request_check.on(event.headers)
        if self._stranger is not None:
            verdict = refused(verdict, Status.PERMISSION_DENIED, self._stranger)
        if isinstance(verdict, Rejection):
            if self._http2.is_open(event.stream_id):
                send_rejection(self._http2, event.stream_id, verdict)
            return
        timeout = verdict.timeout
        call = ServerCall(
            event.stream_id,
            IncomingCall(
                method=verdict.method,
                encoding=verdict.encoding,
                metadata=verdict.metadata,
                timeout=timeout,
                deadline=None if timeout is None else self._loop.time() + timeout,
            ),
            self._state.methods[verdict.method],
            self._state.codecs[verdict.encoding],
            self._finish,
        )
        self._calls[event.stream_id] = call
        if event.ended:
            self._start(call)

    def _on_data(self, event: DataReceived) -> None:
        call = self._calls.get(event.stream_id)
        if call is None:
            return
        reader = call.reader
        try:
            reader.feed(event.data)
            if event.ended:
                reader.finish()
        except (WireError, CallRefused) as error:
            self._finish(call, failure(call.method, error))
            return
        if event.ended:
            self._start(call)
        elif reader.missing:
            self._http2.make_room(event.stream_id, reader.missing)

    def _on_trailers(self, event: TrailersReceived) -> None:
        # Requests have none in gRPC, but nothing forbids them: they end the message like any end.
        self._on_data(DataReceived(event.stream_id, b"", ended=True))

    def _on_reset(self, event: StreamReset) -> None:
        call = self._calls.pop(event.stream_id, None)
        if call is not None:
            call.cancel()

    def _on_protocol_error(self, event: ConnectionEnded) -> None:
        _LOG.info("a client broke the protocol: %s", event.reason, extra={"code": event.code.name})
        self._part()

    def _part(self) -> None:
        self._cancel_calls()
        self._writer.now()
        self._transport.close()
        # One that does not even read its farewell would stay for ever.
        self._be_patient(_FAREWELL_SECONDS, self._transport.abort)

    def _be_patient(self, seconds: float, act: Callable[[], None]) -> None:
        if self._parting is not None:
            self._parting.cancel()
        self._parting = self._loop.call_later(seconds, act)

    def _accept_no_more(self) -> None:
        self._http2.finish_draining()
        self._writer.now()
        self._on_change(self)

    def _cancel_calls(self) -> None:
        for call in list(self._calls.values()):
            call.cancel()
        self._calls.clear()
        self._deferred.clear()

    @property
    def _is_overfull(self) -> bool:
        return self._http2.queued_bytes > self._state.limits.max_queued_bytes

    def _start(self, call: ServerCall) -> None:
        if self._is_overfull:
            call.deferred = True
            self._deferred.append(call)
        else:
            self._run(call)

    def _start_deferred(self) -> None:
        while self._deferred and not self._is_overfull:
            call = self._deferred.popleft()
            # One that was reset or has expired meanwhile is not there any more.
            if call.stream_id in self._calls:
                self._run(call)

    def _run(self, call: ServerCall) -> None:
        call.start(self._loop)
        if call.task is not None and not call.task.done():
            running = self._state.running
            running.add(call)
            call.task.add_done_callback(lambda _: self._on_end(call))

    def _on_end(self, call: ServerCall) -> None:
        self._state.running.discard(call)
        if self._state.draining:
            self._writer.now()
            self._on_change(self)

    def _finish(self, call: ServerCall, outcome: Outcome) -> None:
        stream_id = call.stream_id
        if self._calls.pop(stream_id, None) is None or not self._http2.is_open(stream_id):
            # The client has given up meanwhile, or broken the protocol.
            return
        send_outcome(self._http2, stream_id, call.encoding, outcome)
        self._writer.soon()
