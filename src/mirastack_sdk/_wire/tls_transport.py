"""What a protocol that speaks through TLS writes to."""

import asyncio
import ssl
from abc import abstractmethod
from typing import Protocol


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
