"""TLS between a socket and the protocol that speaks through it."""

import asyncio
import ssl
from abc import abstractmethod
from collections.abc import Callable
from typing import Protocol

from mirastack_sdk._wire.socket.shared_reads import SharedReads
from mirastack_sdk._wire.tls.tls_errors import TlsError, TlsErrorKind, tls_error


class TlsEnd(Protocol):
    """Our end of a TLS connection."""

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Encrypt, and send."""

    @abstractmethod
    def close(self) -> None:
        """Send what is left and that it was all, and close."""

    @abstractmethod
    def abort(self) -> None:
        """Close at once."""


class TlsTransport(asyncio.Transport):
    """Writes through TLS; all else is the socket's own transport's."""

    def __init__(self, end: TlsEnd, session: ssl.SSLObject, transport: asyncio.Transport) -> None:
        super().__init__()
        self._end = end
        self._session = session
        self._socket = transport

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Return what the session or the socket knows: `peercert`, `ssl_object`, `peername`, …"""
        if name == "ssl_object":
            return self._session
        if name == "peercert":
            return self._session.getpeercert()
        return self._socket.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Encrypt, and send; what the peer does not read waits in the socket's transport."""
        self._end.write(bytes(data))

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait because the peer does not read, encrypted."""
        return self._socket.get_write_buffer_size()

    def close(self) -> None:
        """Send what is left, and close."""
        self._end.close()

    def abort(self) -> None:
        """Close at once."""
        self._end.abort()

    def is_closing(self) -> bool:
        """Whether it is closed, or about to be."""
        return self._socket.is_closing()

    def pause_reading(self) -> None:
        """Take nothing more off the socket."""
        self._socket.pause_reading()

    def resume_reading(self) -> None:
        """Go on."""
        self._socket.resume_reading()


ALPN = "h2"

# How long a peer whose handshake failed may take to read why.
_FAREWELL_SECONDS = 1.0
_READ_SIZE = 64 * 1024


class TlsLayer(SharedReads):
    """Shakes hands, then carries bytes between a socket's transport and `inner`.

    `inner` is connected when the handshake is done and HTTP/2 agreed on. Where that fails it hears
    `connection_lost` with a `TlsError`, without having been connected. `on_failure` hears why there
    is no TLS, before the peer does; `on_lost` that the socket is gone.
    """

    def __init__(
        self,
        inner: asyncio.Protocol,
        context: ssl.SSLContext,
        *,
        server_name: str | None,
        handshake_seconds: float,
        on_failure: Callable[["TlsLayer", TlsError], None] = lambda *_: None,
        on_lost: Callable[["TlsLayer"], None] = lambda _: None,
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
        self._on_failure = on_failure
        self._on_lost = on_lost
        self._timer: asyncio.TimerHandle | None = None
        self._is_open = False
        self._has_heard = False
        self._is_closing = False
        self._has_failed = False

    @property
    def peer_address(self) -> str:
        """The peer's address, for a log line."""
        address = self._socket.get_extra_info("peername")
        return str(address[0]) if isinstance(address, tuple) else "an unknown address"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what asyncio gives a Protocol
        self._socket = transport
        self._be_patient(self._handshake_seconds, self._expire)
        self._shake_hands()

    def data_received(self, data: bytes) -> None:
        """Take what came off the socket."""
        if self._has_failed or self._is_closing:
            return
        self._incoming.write(data)
        if not self._is_open:
            self._shake_hands()
        if self._is_open:
            self._read()

    def eof_received(self) -> None:
        """Let the socket be closed: there is nothing to be said to a peer that has left."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell `inner` that it is over, and why."""
        if self._timer is not None:
            self._timer.cancel()
        if not self._has_failed:
            if not self._is_open:
                exc = self._failed(TlsError(TlsErrorKind.CLOSED))
            elif not (self._has_heard or self._is_closing):
                exc = TlsError(TlsErrorKind.LEFT)
            self._inner.connection_lost(exc)
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
        """Encrypt, and send."""
        if self._is_closing or self._has_failed:
            return
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._session.write(rest) :]
        except ssl.SSLError:
            # Whatever it is, the session is of no use any more.
            self.abort()
            return
        self._send()

    def close(self) -> None:
        """Send what is left and that it was all, and close."""
        if self._is_closing:
            return
        self._is_closing = True
        if self._is_open and not self._has_failed:
            try:
                self._session.unwrap()
            except ssl.SSLError:
                # It would rather wait for the peer to say the same.
                self._send()
        self._socket.close()

    def abort(self) -> None:
        """Close at once."""
        self._is_closing = True
        self._socket.abort()

    def _shake_hands(self) -> None:
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
        if self._timer is not None:
            self._timer.cancel()
        self._is_open = True
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
        # Keys may have been renewed, or an alert be due.
        self._send()
        if pieces:
            self._has_heard = True
            self._inner.data_received(b"".join(pieces))
        if failure is not None:
            self._fail(failure)
        elif ended:
            self.close()

    def _send(self) -> None:
        if self._outgoing.pending:
            self._socket.write(self._outgoing.read())

    def _fail(self, failure: TlsError) -> None:
        """Let the peer read why, and close: at once at a client, when it has left at a server."""
        self._failed(failure)
        self._send()
        if self._session.server_side and self._socket.can_write_eof():
            # To close with unread bytes resets the connection, and the alert with it.
            self._socket.write_eof()
            self._be_patient(_FAREWELL_SECONDS, self._socket.abort)
        else:
            self._socket.close()
        self._inner.connection_lost(failure)

    def _expire(self) -> None:
        failure = self._failed(TlsError(TlsErrorKind.SLOW))
        self._socket.abort()
        self._inner.connection_lost(failure)

    def _failed(self, failure: TlsError) -> TlsError:
        self._has_failed = True
        self._on_failure(self, failure)
        return failure

    def _be_patient(self, seconds: float, act: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, act)
