"""The buffer that a process reads sockets into, and the protocol that reads into it.

Not compiled: mypyc builds no class that derives from `threading.local`.
"""

import asyncio
import threading
from abc import abstractmethod

_READ_SIZE = 256 * 1024


class _ReadBuffer(threading.local):
    def __init__(self) -> None:
        self.view = memoryview(bytearray(_READ_SIZE))


_READ_BUFFER = _ReadBuffer()


class SharedReads(asyncio.BufferedProtocol, asyncio.Protocol):
    """A protocol that gets bytes in `data_received`, and has no buffer of its own.

    For an ordinary protocol asyncio allocates 256 KiB for each read and frees most of it at once,
    which can cost more than the rest of a small read. One buffer is enough, because the bytes are
    copied out of it before the loop continues.
    """

    @abstractmethod
    def data_received(self, data: bytes) -> None:
        """Process bytes from the peer."""

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's signature
        """Return the buffer for the next read."""
        return _READ_BUFFER.view

    def buffer_updated(self, nbytes: int) -> None:
        """Copy the bytes out of the buffer, and process them."""
        self.data_received(bytes(_READ_BUFFER.view[:nbytes]))
