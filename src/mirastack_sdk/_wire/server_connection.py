"""One client's connection at a server: HTTP/2 events become calls, their outcomes frames."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from grpclib.const import Handler

from mirastack_sdk._wire.admission import Rejection
from mirastack_sdk._wire.bearer import BearerToken
from mirastack_sdk._wire.call import IncomingCall
from mirastack_sdk._wire.channel_codec import ChannelCodec
from mirastack_sdk._wire.encoding import Encoding
from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import (
    ConnectionEnded,
    DataReceived,
    Headers,
    HeadersReceived,
    StreamReset,
    TrailersReceived,
)
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.http2_protocol import Http2Protocol
from mirastack_sdk._wire.log import Log
from mirastack_sdk._wire.message_reader import message_frame
from mirastack_sdk._wire.metadata import encode_status_text
from mirastack_sdk._wire.server_call import Outcome, ServerCall, failure
from mirastack_sdk._wire.sparing_log import SparingLog
from mirastack_sdk._wire.status import CallRefused, Status
from mirastack_sdk._wire.tls_failures import speaks_tls
from mirastack_sdk._wire.tls_server import ServerSecurity
from mirastack_sdk._wire.verdicts import Verdicts, refused
from mirastack_sdk.errors import WireError

_LOG = Log("server")

# How long a client that has broken the protocol may take to read why.
_FAREWELL_SECONDS = 1.0
# How long a client may take to read that it is asked to leave.
_LEAVE_SECONDS = 1.0
_OK_TRAILERS: Headers = (("grpc-status", "0"),)
_REPLY_HEADERS: Mapping[Encoding, Headers] = {
    encoding: (
        (":status", "200"),
        ("content-type", f"application/grpc+{encoding.value}"),
    )
    for encoding in Encoding
}


@dataclass(slots=True, kw_only=True, eq=False)
class ServerState:
    """What all connections of a server share.

    `running` holds every call whose handler has not ended. While `draining`, every connection, new
    ones too, asks its client to make its next calls elsewhere; once `closed`, none stays.
    """

    methods: Mapping[str, Handler]
    codecs: Mapping[Encoding, ChannelCodec]
    limits: Limits
    running: set[ServerCall] = field(default_factory=set)
    draining: bool = False
    closed: bool = False
    tls: ServerSecurity | None = None
    bearer: BearerToken | None = None
    verdicts: Verdicts = field(init=False)
    log: SparingLog = field(default_factory=lambda: SparingLog(_LOG))

    def __post_init__(self) -> None:
        self.verdicts = Verdicts(self.methods, self.bearer)


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
        super().__init__(Connection(Role.SERVER, state.limits, now=now))
        self._calls: dict[int, ServerCall] = {}
        self._patience: asyncio.TimerHandle | None = None
        self._heard = False
        self._stranger: str | None = None
        self._event_handlers = {
            HeadersReceived: self._on_headers,
            DataReceived: self._on_data,
            TrailersReceived: self._on_trailers,
            StreamReset: self._on_reset,
            ConnectionEnded: self._on_protocol_error,
        }

    @property
    def is_busy(self) -> bool:
        """Whether calls may still come, run, or have their answers on the way out."""
        http2 = self._http2
        return bool(self._calls) or http2.open_streams > 0 or not http2.has_left

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start to serve."""
        super().connection_made(transport)
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
        if self._state.draining:
            self._on_change(self)

    def pause_writing(self) -> None:
        """Stop writing, and serving: what a client does not read must not heap up here."""
        super().pause_writing()
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on."""
        self._transport.resume_reading()
        super().resume_writing()
        if self._state.draining:
            self._on_change(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """End every call: nobody waits for its answer any more."""
        self._cancel_calls()
        if self._patience is not None:
            self._patience.cancel()
        self.is_closed = True
        self._on_change(self)

    def leave(self) -> None:
        """Ask the client to open no more streams, and let those that it has opened end.

        That goes for requests that cross the demand, too: not every client sends a call again that
        was refused.
        """
        self._http2.leave()
        self._flusher.now()
        self._be_patient(_LEAVE_SECONDS, self._accept_no_more)

    def close(self) -> None:
        """Say GOAWAY, write what is left and close.

        Requests that have not come whole are refused as not looked at.
        """
        for call in list(self._calls.values()):
            if call.task is None:
                self._http2.reset(call.stream_id, ErrorCode.REFUSED_STREAM)
        self._http2.end(ErrorCode.NO_ERROR, "closed")
        self._flusher.now()
        self._transport.close()

    def abort(self) -> None:
        """Close without waiting for a client that does not read."""
        self._transport.abort()

    def _on_headers(self, event: HeadersReceived) -> None:
        verdict = self._state.verdicts.on(event.headers)
        if self._stranger is not None:
            verdict = refused(verdict, Status.PERMISSION_DENIED, self._stranger)
        if isinstance(verdict, Rejection):
            self._reject(event.stream_id, verdict)
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
        self._cancel_calls()
        self._flusher.now()
        self._transport.close()
        # One that does not even read its farewell would stay for ever.
        self._be_patient(_FAREWELL_SECONDS, self._transport.abort)

    def _be_patient(self, seconds: float, act: Callable[[], None]) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._patience = self._loop.call_later(seconds, act)

    def _accept_no_more(self) -> None:
        self._http2.accept_no_more()
        self._flusher.now()
        self._on_change(self)

    def _cancel_calls(self) -> None:
        for call in list(self._calls.values()):
            call.cancel()
        self._calls.clear()

    def _start(self, call: ServerCall) -> None:
        call.start(self._loop)
        if call.task is not None and not call.task.done():
            running = self._state.running
            running.add(call)
            call.task.add_done_callback(lambda _: self._on_end(call))

    def _on_end(self, call: ServerCall) -> None:
        self._state.running.discard(call)
        if self._state.draining:
            self._flusher.now()
            self._on_change(self)

    def _finish(self, call: ServerCall, outcome: Outcome) -> None:
        stream_id = call.stream_id
        if self._calls.pop(stream_id, None) is None or not self._http2.is_open(stream_id):
            # The client has given up meanwhile, or broken the protocol.
            return
        headers = _REPLY_HEADERS[call.encoding]
        if outcome.status is Status.OK:
            http2 = self._http2
            http2.send_headers(stream_id, headers)
            for piece in message_frame(outcome.data):
                http2.send_data(stream_id, piece)
            http2.send_headers(stream_id, _OK_TRAILERS, end_stream=True)
        else:
            self._answer_status(stream_id, headers, outcome.status, outcome.message)
        self._flusher.soon()

    def _reject(self, stream_id: int, rejection: Rejection) -> None:
        if not self._http2.is_open(stream_id):
            return
        headers: Headers = (
            (":status", str(rejection.http_status)),
            *_REPLY_HEADERS[rejection.encoding][1:],
        )
        self._answer_status(stream_id, headers, rejection.status, rejection.message)

    def _answer_status(
        self, stream_id: int, headers: Headers, status: Status, message: str
    ) -> None:
        trailers = (
            ("grpc-status", str(status.value)),
            ("grpc-message", encode_status_text(message)),
        )
        extra = _ACCEPTED if status is Status.UNIMPLEMENTED else ()
        self._http2.send_headers(stream_id, (*headers, *extra, *trailers), end_stream=True)
        # A client that is still sending its request may stop: nobody reads it.
        self._http2.reset(stream_id, ErrorCode.NO_ERROR)


# Tells a client whose message was compressed what it may send instead.
_ACCEPTED: Headers = (("grpc-accept-encoding", "identity"),)
