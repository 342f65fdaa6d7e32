"""Reads from sockets into a buffer that all connections of a thread share."""

import asyncio
import threading
from abc import abstractmethod

_SIZE = 256 * 1024


class _Buffer(threading.local):
    def __init__(self) -> None:
        self.view = memoryview(bytearray(_SIZE))


_BUFFER = _Buffer()


class SharedReads(asyncio.BufferedProtocol, asyncio.Protocol):
    """A protocol that hears what comes as `data_received`, and has no buffer of its own.

    asyncio reads for an ordinary protocol into 256 KiB of new memory each time, and gives most of
    it back at once: for small messages that may cost more than all the rest of a read. One buffer
    is enough, since what is in it is taken out before the loop goes on.
    """

    @abstractmethod
    def data_received(self, data: bytes) -> None:
        """Take what the peer has sent."""

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's signature
        """Return where to read to."""
        return _BUFFER.view

    def buffer_updated(self, nbytes: int) -> None:
        """Take out what has been read."""
        self.data_received(bytes(_BUFFER.view[:nbytes]))
