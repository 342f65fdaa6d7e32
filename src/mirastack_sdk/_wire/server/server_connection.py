"""The server's side of one connection: HTTP/2 events become calls, outcomes become frames."""

import asyncio
from collections.abc import Callable

from mirastack_sdk._log import Log
from mirastack_sdk._wire.codec.methods import Handler, StreamHandler
from mirastack_sdk._wire.grpc.current_call import IncomingCall
from mirastack_sdk._wire.grpc.message_reader import MessageReader, whole_message
from mirastack_sdk._wire.grpc.request_check import Rejection, refuse
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk._wire.http2.codes import ErrorCode
from mirastack_sdk._wire.http2.events import (
    ConnectionEnded,
    DataReceived,
    Headers,
    HeadersReceived,
    PingAcknowledged,
    RequestReceived,
    StreamReset,
    TrailersReceived,
)
from mirastack_sdk._wire.server.server_call import (
    Outcome,
    ServerCall,
    failure,
    send_rejection,
)
from mirastack_sdk._wire.server.server_state import ServerState
from mirastack_sdk._wire.server.timed_connection import TimedConnection
from mirastack_sdk._wire.socket.first_bytes import speaks_tls
from mirastack_sdk._wire.socket.restartable_timer import RestartableTimer
from mirastack_sdk.errors import WireError

_LOG = Log("server")

# How long a client may take to read the GOAWAY that ends its connection, and that of a drain.
_CLOSE_SECONDS = 1.0
_DRAIN_SECONDS = 1.0


class ServerConnection(TimedConnection):
    """Serves one connection from its first byte to its last.

    `on_change` is called when the connection begins and ends and, while the server drains, whenever
    it may have become idle.
    """

    def __init__(self, state: ServerState, on_change: Callable[["ServerConnection"], None]) -> None:
        super().__init__(state)
        self.is_closed = False
        self._on_change = on_change
        self._is_counted = False
        self._is_evicted = False
        self._is_trusted = False
        self._timer = RestartableTimer()
        self._has_begun = self._has_received = False
        self._refusal: str | None = None
        self._event_handlers = {
            HeadersReceived: self._on_headers,
            DataReceived: self._on_data,
            RequestReceived: self._on_request,
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

    def eof_received(self) -> None:
        """Write what waits for other connections: the transport closes now."""
        self._writer.flush()

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

    def drain(self, wait: float = _DRAIN_SECONDS) -> None:
        """Ask the client to open no more streams, and serve those that it has opened.

        The client has `wait` seconds to show that it has read that.
        Requests that cross the GOAWAY are served, too: not every client repeats refused calls.
        """
        self._http2.drain()
        self._writer.flush()
        self._timer.start(wait, self._finish_draining)

    def close(self) -> None:
        """Send GOAWAY and what is queued, and close; refused requests may be sent again."""
        for call in list(self._calls.values()):
            if call.task is None:
                self._http2.reset(call.stream_id, ErrorCode.REFUSED_STREAM)
        self._http2.end(ErrorCode.NO_ERROR, "closed")
        self._writer.flush()
        self._transport.close()

    def _on_headers(self, event: HeadersReceived) -> None:
        call = self._accept(event.stream_id, event.headers)
        if call is not None and (event.ended or call.requests is not None):
            if event.ended and call.requests is not None:
                call.requests.end()
            self._start(call)

    def _on_request(self, event: RequestReceived) -> None:
        """Do at once what `_on_headers` and `_on_data` do for nearly all requests."""
        call = self._accept(event.stream_id, event.headers)
        if call is None:
            return
        if call.requests is not None:
            self._start(call)
            message = None
        else:
            message = whole_message(event.data, call.codec.max_message_bytes)
        if message is None:
            self._on_data(DataReceived(event.stream_id, event.data, ended=True))
        elif self._http2.unsent_bytes > self._state.limits.max_queued_bytes:
            call.message = message
            self._start(call)
        else:
            call.run(message, self._loop)

    def _accept(self, stream_id: int, headers: Headers) -> ServerCall | None:
        """Return the new call of a request, unless it is rejected, or has been reset."""
        if not self._http2.is_open(stream_id):
            # Its reset came in the same read: it never runs.
            return None
        checked = self._state.request_check.check(headers)
        if self._refusal is not None:
            checked = refuse(checked, Status.PERMISSION_DENIED, self._refusal)
        if isinstance(checked, Rejection):
            send_rejection(self._http2, stream_id, checked)
            return None
        if not self._is_trusted:
            self._is_trusted = True
            self._state.connection_limit.trust(self)
        timeout = checked.timeout
        # Since the request was read, before the others of the same read ran.
        deadline = None if timeout is None else self._heard_at + timeout
        call = IncomingCall(checked.method, checked.encoding, checked.metadata, timeout, deadline)
        state = self._state
        handler = state.methods[call.method]
        served = (
            ServerCall(stream_id, call, handler, state.codecs[call.encoding], self)
            if isinstance(handler, Handler)
            else self._new_stream_call(stream_id, call, handler)
        )
        self._calls[stream_id] = served
        return served

    def _new_stream_call(
        self, stream_id: int, call: IncomingCall, handler: StreamHandler
    ) -> ServerCall:
        from mirastack_sdk._wire.server.stream_call import StreamCall  # noqa: PLC0415 - most agents serve no streams

        return StreamCall(stream_id, call, handler, self._state, self, self._http2, self._writer)

    def _on_data(self, event: DataReceived) -> None:
        call = self._calls.get(event.stream_id)
        if call is None:
            return
        if call.requests is not None:
            call.requests.feed(event.data)
            if event.ended:
                call.requests.end()
            return
        if call.reader is None and event.ended:
            # Frames of other requests came between those of this one, or `_on_request` had it.
            call.message = whole_message(event.data, call.codec.max_message_bytes)
        if call.message is None:
            self._read_part(call, event)
        else:
            self._start(call)

    def _read_part(self, call: ServerCall, event: DataReceived) -> None:
        reader = call.reader
        if reader is None:
            reader = call.reader = MessageReader(call.codec.max_message_bytes)
        try:
            reader.feed(event.data)
            if event.ended:
                call.message = reader.finish()
        except (WireError, CallRefused) as error:
            self.finish(call, failure(call.method, error))
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
        if self._http2.unsent_bytes > self._state.limits.max_queued_bytes:
            call.deferred = True
            self._deferred.append(call)
        else:
            call.start(self._loop)

    def _start_deferred(self) -> None:
        while self._deferred and not self._is_overfull:
            call = self._deferred.popleft()
            # A call may have been reset or have expired in the meantime.
            if call.stream_id in self._calls:
                call.start(self._loop)
        if self._deferred and self._writer.can_write:
            # Not flow control, but only the next write holds them back.
            self._writer.schedule()
            self._loop.call_soon(self._start_deferred)

    def _after_check(self) -> None:
        self._start_deferred()
        if self._state.draining:
            self._on_change(self)

    def on_wait(self, call: ServerCall) -> None:
        """Count a call among those that run."""
        self._state.running.add(call)

    def on_end(self, call: ServerCall) -> None:
        """Do not count a call any more."""
        self._state.running.discard(call)
        if self._state.draining:
            self._writer.flush()
            self._on_change(self)

    def respond(self, call: ServerCall, data: bytes) -> None:
        """Send the response of a call, unless its stream is gone."""
        stream_id, http2 = call.stream_id, self._http2
        # Otherwise the client has reset the stream in the meantime, or broken the protocol.
        if self._calls.pop(stream_id, None) is not None and http2.is_open(stream_id):
            call.send_response(http2, data)
            if not self._writer.is_scheduled:
                self._writer.schedule()

    def finish(self, call: ServerCall, outcome: Outcome) -> None:
        """Send the status of a call that is not OK, unless its stream is gone."""
        stream_id, http2 = call.stream_id, self._http2
        if self._calls.pop(stream_id, None) is not None and http2.is_open(stream_id):
            call.send_outcome(http2, outcome)
            self._writer.schedule()
