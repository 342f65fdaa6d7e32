"""TLS between a socket and the protocol that is carried over it."""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from mirastack_sdk._wire.socket.protocol import stream_transport
from mirastack_sdk._wire.socket.restartable_timer import RestartableTimer
from mirastack_sdk._wire.socket.shared_reads import SharedReads
from mirastack_sdk._wire.tls.tls_errors import TlsError, TlsErrorKind, tls_error

ALPN = "h2"  # RFC 9113 §3.2
HANDSHAKE_SECONDS = 10.0

# How long a peer may take to read why its handshake failed.
_ALERT_SECONDS = 1.0
_READ_SIZE = 64 * 1024


class TlsTransport(asyncio.Transport):
    """Writes through TLS; everything else is passed on to the socket's own transport."""

    def __init__(
        self, layer: "TlsLayer", session: ssl.SSLObject, transport: asyncio.Transport
    ) -> None:
        super().__init__()
        self._layer = layer
        self._session = session
        self._socket = transport

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Return a fact of the session or socket: `peercert`, `ssl_object`, `peername`, …"""
        if name == "ssl_object":
            return self._session
        if name == "peercert":
            return self._session.getpeercert()
        return self._socket.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Encrypt and send; what the peer does not read waits in the socket's transport."""
        self._layer.write(bytes(data))

    def get_write_buffer_size(self) -> int:
        """Return how many encrypted bytes wait because the peer does not read."""
        return self._socket.get_write_buffer_size()

    def close(self) -> None:
        """Send what is queued, and close."""
        self._layer.close()

    def abort(self) -> None:
        """Close at once."""
        self._layer.abort()

    def is_closing(self) -> bool:
        """Whether it is closed or closing."""
        return self._socket.is_closing()

    def pause_reading(self) -> None:
        """Stop reading from the socket."""
        self._layer.pause_reading()

    def resume_reading(self) -> None:
        """Read from the socket again."""
        self._layer.resume_reading()


class TlsLayer(SharedReads):
    """Performs the handshake, then carries bytes between a socket's transport and `inner`.

    `inner` is connected when the handshake is done and both sides agreed on HTTP/2. Where that
    fails, `inner` gets `connection_lost` with a `TlsError` without having been connected, after
    `on_error` was called. `on_begin` is called with the peer's first bytes, `on_open` after the
    handshake, and `on_lost` when the socket is gone.
    """

    def __init__(
        self,
        inner: asyncio.Protocol,
        context: ssl.SSLContext,
        *,
        server_name: str | None,
        handshake_seconds: float,
        on_begin: Callable[["TlsLayer"], None] | None = None,
        on_open: Callable[["TlsLayer"], None] | None = None,
        on_error: Callable[["TlsLayer", TlsError], None] | None = None,
        on_lost: Callable[["TlsLayer"], None] | None = None,
    ) -> None:
        self._inner = inner
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = context.wrap_bio(
            self._incoming,
            self._outgoing,
            server_side=server_name is None,
            server_hostname=server_name,
        )
        self._handshake_seconds = handshake_seconds
        self._on_begin = on_begin
        self._on_open = on_open
        self._on_error = on_error
        self._on_lost = on_lost
        self._timer = RestartableTimer()
        self._has_begun = False
        self._is_connected = self._is_open = False
        self._has_received = False
        self._is_closing = False
        self._has_failed = False
        self._is_paused = False
        # What to do about the end of the stream, once all that came before it has been processed.
        self._pending_end: Callable[[], None] | None = None

    @property
    def peer_address(self) -> str:
        """The peer's address, for a log line."""
        address = self._socket.get_extra_info("peername")
        return str(address[0]) if isinstance(address, tuple) else "an unknown address"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake."""
        self._socket = transport = stream_transport(transport)
        self._is_connected = True
        if self._is_closing:
            transport.abort()
            return
        self._timer.start(self._handshake_seconds, self._expire)
        self._handshake()

    def data_received(self, data: bytes) -> None:
        """Decrypt bytes from the socket."""
        if self._has_failed or self._is_closing:
            return
        if not self._has_begun:
            self._has_begun = True
            if self._on_begin is not None:
                self._on_begin(self)
        self._incoming.write(data)
        if not self._is_open:
            self._handshake()
        if self._is_open:
            self._read()

    def eof_received(self) -> None:
        """Let the transport close the socket: a peer that has closed its side reads no alert."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Notify `inner`, with the reason."""
        self._timer.cancel()
        if not self._has_failed:
            if not self._is_open:
                exc = self._mark_failed(TlsError(TlsErrorKind.CLOSED))
            elif not (self._has_received or self._is_closing):
                exc = TlsError(TlsErrorKind.LEFT)
            self._inner.connection_lost(exc)
        if self._on_lost is not None:
            self._on_lost(self)

    def pause_writing(self) -> None:
        """Pass on that the peer does not read."""
        if self._is_open:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that the peer reads again."""
        if self._is_open:
            self._inner.resume_writing()

    def write(self, data: bytes) -> None:
        """Encrypt and send."""
        if self._is_closing or self._has_failed:
            return
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._session.write(rest) :]
        except ssl.SSLError:
            # Whatever the error is, the session cannot be used any more.
            self.abort()
            return
        self._send()

    def pause_reading(self) -> None:
        """Stop reading; an end that has been read already is not acted on until then."""
        self._is_paused = True
        self._socket.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        self._is_paused = False
        if self._pending_end is not None:
            end, self._pending_end = self._pending_end, None
            end()
        else:
            self._socket.resume_reading()

    def close(self) -> None:
        """Send what is queued and a close_notify (RFC 8446 §6.1), and close."""
        if self._is_closing:
            return
        self._is_closing = True
        if self._is_open and not self._has_failed:
            # OpenSSL wants to wait for the peer's close_notify, unless it has come; we do not.
            with suppress(ssl.SSLError):
                self._session.unwrap()
            self._send()
        self._socket.close()

    def abort(self) -> None:
        """Close at once, or as soon as there is a socket."""
        self._is_closing = True
        if self._is_connected:
            self._socket.abort()

    def _handshake(self) -> None:
        try:
            self._session.do_handshake()
        except ssl.SSLWantReadError:
            self._send()
            return
        except ssl.SSLError as error:
            self._fail(tls_error(error))
            return
        self._send()
        if self._session.selected_alpn_protocol() != ALPN:
            self._fail(TlsError(TlsErrorKind.NO_HTTP2))
            return
        self._timer.cancel()
        self._is_open = True
        if self._on_open is not None:
            self._on_open(self)
        self._inner.connection_made(TlsTransport(self, self._session, self._socket))

    def _read(self) -> None:
        pieces: list[bytes] = []
        failure, ended = None, False
        try:
            while piece := self._session.read(_READ_SIZE):
                pieces.append(piece)
            ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            failure = tls_error(error)
        # OpenSSL may have queued a key update (RFC 8446 §4.6.3) or an alert.
        self._send()
        if pieces:
            self._has_received = True
            self._inner.data_received(b"".join(pieces))
        if failure is None and not ended:
            return
        end = partial(self._end, failure)
        if self._is_paused:
            # `inner` still has to process what came before the end.
            self._pending_end = end
        else:
            end()

    def _end(self, failure: TlsError | None) -> None:
        # `inner` may still have to write what it has queued.
        self._inner.eof_received()
        if failure is None:
            self.close()
        else:
            self._fail(failure)

    def _send(self) -> None:
        if self._outgoing.pending:
            self._socket.write(self._outgoing.read())

    def _fail(self, failure: TlsError) -> None:
        """Send the alert and close: a client at once, a server when its peer has closed."""
        self._mark_failed(failure)
        self._send()
        if self._session.server_side and self._socket.can_write_eof():
            # Closing with unread bytes would reset the connection and discard the alert.
            self._socket.write_eof()
            self._timer.start(_ALERT_SECONDS, self._socket.abort)
        else:
            self._socket.close()
        self._inner.connection_lost(failure)

    def _expire(self) -> None:
        failure = self._mark_failed(TlsError(TlsErrorKind.SLOW))
        self._socket.abort()
        self._inner.connection_lost(failure)

    def _mark_failed(self, failure: TlsError) -> TlsError:
        self._has_failed = True
        if self._on_error is not None:
            self._on_error(self, failure)
        return failure
