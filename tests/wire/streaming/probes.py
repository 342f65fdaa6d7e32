"""Handlers and iterators that record how far they came, and how they ended."""

import asyncio
from collections.abc import AsyncIterator, Callable

from tests.wire.interop.peers import turns


class Probe:
    """An endless sender and an endless reader; `sent` and `received` count, `closed` is the end.

    The sender is suspended for ever after `pause_after` messages, as by slow work.
    """

    def __init__(self, size: int = 1_000, pause_after: int | None = None) -> None:
        self.sent = 0
        self.received = 0
        self.begun = asyncio.Event()
        self.paused = asyncio.Event()
        self.closed = asyncio.Event()
        self._size = size
        self._pause_after = pause_after

    async def messages(self, word: bytes = b"") -> AsyncIterator[bytes]:
        """Send without an end."""
        self.begun.set()
        try:
            while True:
                if self.sent == self._pause_after:
                    self.paused.set()
                    await asyncio.Event().wait()
                yield b"x" * self._size
                self.sent += 1
        finally:
            self.closed.set()

    async def collect(self, parts: AsyncIterator[bytes]) -> bytes:
        """Read to the end."""
        self.begun.set()
        try:
            async for _ in parts:
                self.received += 1
                if self.received == self._pause_after:
                    self.paused.set()
                    await asyncio.Event().wait()
            return b"%d" % self.received
        finally:
            self.closed.set()

    async def talk(self, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Send without an end, and read nothing."""
        async for message in self.messages():
            yield message

    async def settled(self) -> int:
        """Return how much was sent when no more is."""
        before = -1
        while before != self.sent:
            before = self.sent
            await turns(100)
        return self.sent


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something has come about that nothing tells of."""
    async with asyncio.timeout(20):
        while not condition():
            await turns(1)


async def until_closed(*probes: Probe) -> None:
    """Wait until the generators have ended."""
    async with asyncio.timeout(20):
        for probe in probes:
            await probe.closed.wait()
