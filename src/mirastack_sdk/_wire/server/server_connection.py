"""The server's side of one connection: HTTP/2 events become calls, outcomes become frames."""

import asyncio
from collections import deque
from collections.abc import Callable

from mirastack_sdk._log import Log
from mirastack_sdk._wire.grpc.current_call import IncomingCall
from mirastack_sdk._wire.grpc.request_check import Rejection, refuse
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
from mirastack_sdk._wire.socket.restartable_timer import RestartableTimer
from mirastack_sdk.errors import WireError

_LOG = Log("server")

_KEEPALIVE_PING = b"stillup?"
# How long a client may take to read the GOAWAY that ends its connection, and that of a drain.
_CLOSE_SECONDS = 1.0
_DRAIN_SECONDS = 1.0
_SLOW = Outcome(Status.DEADLINE_EXCEEDED, "the request was not complete in time")
_LATE = Outcome(Status.DEADLINE_EXCEEDED, "the client reads its responses too slowly")


class ServerConnection(Http2Protocol):
    """Serves one connection from its first byte to its last.

    `on_change` is called when the connection begins and ends and, while the server drains, whenever
    it may have become idle.
    """

    def __init__(self, state: ServerState, on_change: Callable[["ServerConnection"], None]) -> None:
        self.is_closed = False
        self._state = state
        self._on_change = on_change
        now = asyncio.get_running_loop().time()
        super().__init__(Connection(Role.SERVER, state.limits, now=now), state.scheduler)
        self._calls: dict[int, ServerCall] = {}
        # Complete calls that wait until the client has read enough of other responses.
        self._deferred: deque[ServerCall] = deque()
        self._watch = ClientWatch(state.timeouts, now)
        self._is_counted = False
        self._is_evicted = False
        self._is_trusted = False
        self._closing_since: float | None = None
        self._timer = RestartableTimer()
        self._has_begun = self._has_received = False
        self._refusal: str | None = None
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
        """Whether calls may still arrive, run, or have responses to be written."""
        http2 = self._http2
        return bool(self._calls) or http2.open_streams > 0 or not http2.has_sent_last_goaway

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start serving."""
        super().connection_made(transport)
        self._has_begun = True
        if self._is_evicted or not self.acquire_place():
            self.abort()
            return
        if self._state.tls is not None:
            self._refusal = self._state.tls.refusal(transport)
        self._on_change(self)
        # The connection may have been on its way when the server began to drain or close.
        if self._state.draining:
            self.drain()
        if self._state.closed:
            self.close()

    def data_received(self, data: bytes) -> None:
        """Process bytes from the client, and respond where that is possible at once."""
        if not self._has_received:
            self._has_received = True
            if speaks_tls(data):
                self._state.log.write(
                    "TLS", "a client speaks TLS, which needs a certificate and key for this port"
                )
        super().data_received(data)
        if self._deferred:
            self._start_deferred()
        if self._state.draining:
            self._on_change(self)

    def pause_writing(self) -> None:
        """Stop writing and reading, so that no responses pile up that the client does not read."""
        super().pause_writing()
        self._hold_reading(hold=True)

    def resume_writing(self) -> None:
        """Write and read again."""
        # Reading first: writing may fill the buffer and pause reading again.
        self._hold_reading(hold=False)
        super().resume_writing()
        self._start_deferred()
        if self._state.draining:
            self._on_change(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Cancel every call: there is no client to respond to."""
        if self._is_counted:
            self._state.connection_limit.release(self)
        self._cancel_calls()
        self._http2.abandon()
        self._timer.cancel()
        self.is_closed = True
        self._on_change(self)

    def acquire_place(self) -> bool:
        """Count among the open connections, from now on; return whether it is accepted."""
        if not self._is_counted:
            self._is_counted = self._state.connection_limit.acquire(self)
        return self._is_counted

    def evict(self) -> None:
        """Close at once; another connection counts in place of this one."""
        self._is_counted, self._is_evicted = False, True
        if self._has_begun:
            self.abort()

    def drain(self) -> None:
        """Ask the client to open no more streams, and serve those that it has opened.

        Requests that cross the GOAWAY are served, too: not every client repeats refused calls.
        """
        self._http2.drain()
        self._writer.flush()
        self._timer.start(_DRAIN_SECONDS, self._finish_draining)

    def close(self) -> None:
        """Send GOAWAY and what is queued, and close; refused requests may be sent again."""
        for call in list(self._calls.values()):
            if call.task is None:
                self._http2.reset(call.stream_id, ErrorCode.REFUSED_STREAM)
        self._http2.end(ErrorCode.NO_ERROR, "closed")
        self._writer.flush()
        self._transport.close()

    def abort(self) -> None:
        """Close at once, without waiting for a client that does not read."""
        self._transport.abort()

    def check(self, now: float) -> None:
        """Enforce the server's timeouts at `now`, an instant of the loop's clock."""
        if self._transport.is_closing():
            self._check_closing(now)
            return
        for call in self._deferred:
            if call.is_late(now):
                self._finish(call, _LATE)
        self._deferred = deque(one for one in self._deferred if one.stream_id in self._calls)
        self._act(self._watch.check(self._status(), now))

    def _check_closing(self, now: float) -> None:
        # The client has closed its side; the transport waits until it has read all that is queued.
        self._closing_since = self._closing_since or now
        if now - self._closing_since >= self._state.timeouts.stalled_reader:
            self.abort()

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
        if actions.close:
            self._state.log_client("closed", "closed a connection: %s", actions.close)
            if actions.is_lost:
                self.abort()
            else:
                self._http2.end(ErrorCode.NO_ERROR, actions.close)
                self._close_after_goaway()
            return
        for stream_id in actions.late_bodies:
            self._finish(self._calls[stream_id], _SLOW)
        for stream_id in actions.stalled:
            self._state.log_client("dropped", "dropped a response that its client does not read")
            self._http2.reset(stream_id, ErrorCode.ENHANCE_YOUR_CALM)
        if actions.ping:
            self._http2.ping(_KEEPALIVE_PING)
        self._writer.flush()
        self._start_deferred()
        if self._state.draining:
            self._on_change(self)

    def _on_ping_answered(self, event: PingAcknowledged) -> None:
        if event.payload == _KEEPALIVE_PING:
            self._watch.ping_answered(self._heard_at)

    def _on_headers(self, event: HeadersReceived) -> None:
        if not self._http2.is_open(event.stream_id):
            # Its reset came in the same read: it never runs.
            return
        checked = self._state.request_check.check(event.headers)
        if self._refusal is not None:
            checked = refuse(checked, Status.PERMISSION_DENIED, self._refusal)
        if isinstance(checked, Rejection):
            send_rejection(self._http2, event.stream_id, checked)
            return
        if not self._is_trusted:
            self._is_trusted = True
            self._state.connection_limit.trust(self)
        timeout = checked.timeout
        call = ServerCall(
            event.stream_id,
            IncomingCall(
                method=checked.method,
                encoding=checked.encoding,
                metadata=checked.metadata,
                timeout=timeout,
                deadline=None if timeout is None else self._loop.time() + timeout,
            ),
            self._state.methods[checked.method],
            self._state.codecs[checked.encoding],
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
        # gRPC requests have no trailers, but HTTP/2 allows them (RFC 9113 §8.1). They end the body.
        self._on_data(DataReceived(event.stream_id, b"", ended=True))

    def _on_reset(self, event: StreamReset) -> None:
        call = self._calls.pop(event.stream_id, None)
        if call is not None:
            call.cancel()

    def _on_protocol_error(self, event: ConnectionEnded) -> None:
        self._state.log_client(event.code.name, "a client broke the protocol: %s", event.reason)
        self._close_after_goaway()

    def _close_after_goaway(self) -> None:
        self._cancel_calls()
        self._writer.flush()
        self._transport.close()
        # The transport itself would wait for ever for a client that does not read.
        self._timer.start(_CLOSE_SECONDS, self._transport.abort)

    def _finish_draining(self) -> None:
        self._http2.finish_draining()
        self._writer.flush()
        self._on_change(self)

    def _cancel_calls(self) -> None:
        for call in list(self._calls.values()):
            call.cancel()
        self._calls.clear()
        self._deferred.clear()

    @property
    def _is_overfull(self) -> bool:
        return self._http2.unsent_bytes > self._state.limits.max_queued_bytes

    def _start(self, call: ServerCall) -> None:
        if self._is_overfull:
            call.deferred = True
            self._deferred.append(call)
        else:
            self._run(call)

    def _start_deferred(self) -> None:
        while self._deferred and not self._is_overfull:
            call = self._deferred.popleft()
            # A call may have been reset or have expired in the meantime.
            if call.stream_id in self._calls:
                self._run(call)
        if self._deferred and self._writer.can_write:
            # Not flow control, but only the next write holds them back.
            self._writer.schedule()
            self._loop.call_soon(self._start_deferred)

    def _run(self, call: ServerCall) -> None:
        call.start(self._loop)
        if call.task is not None and not call.task.done():
            running = self._state.running
            running.add(call)
            call.task.add_done_callback(lambda _: self._on_end(call))

    def _on_end(self, call: ServerCall) -> None:
        self._state.running.discard(call)
        if self._state.draining:
            self._writer.flush()
            self._on_change(self)

    def _finish(self, call: ServerCall, outcome: Outcome) -> None:
        stream_id = call.stream_id
        if self._calls.pop(stream_id, None) is None or not self._http2.is_open(stream_id):
            # The client has reset the stream in the meantime, or broken the protocol.
            return
        send_outcome(self._http2, stream_id, call.encoding, outcome)
        self._writer.schedule()
