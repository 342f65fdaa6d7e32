"""The stream of events to the pages that are open."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Literal

from mirastack_sdk._cli.inspector.json_text import json_text

type EventKind = Literal[
    "state",
    "log",
    "event",
    "partial",
    "execution",
    "approval",
    "config",
    "cache",
    "health",
    "reload",
    "violation",
]

# A page that does not read is cut off; it connects again and reads the whole state.
_MOST_WAITING = 2000
# Each reads the whole state first, which may be large.
_MOST_PAGES = 64
_KEEP_ALIVE_SECONDS = 15.0
_COMMENT = ": still here\n\n"


class EventStream:
    """Sends events to every open page, as Server-Sent Events.

    A page that falls far behind is cut off instead of collecting memory, and `close()` ends all.
    """

    def __init__(self, *, keep_alive: float = _KEEP_ALIVE_SECONDS) -> None:
        self._pages: set[asyncio.Queue[str | None]] = set()
        self._keep_alive = keep_alive
        self._is_closed = False

    @property
    def is_full(self) -> bool:
        """Whether as many pages are open as there may be."""
        return len(self._pages) >= _MOST_PAGES

    def publish(self, kind: EventKind, data: object) -> None:
        """Send one event to every open page."""
        if self._pages:
            text = server_sent_event(kind, data)
            for page in tuple(self._pages):
                self._put(page, text)

    async def events(self, first: str) -> AsyncGenerator[str]:
        """Yield `first` and then each event as text, until the stream is closed."""
        page: asyncio.Queue[str | None] = asyncio.Queue(_MOST_WAITING)
        self._pages.add(page)
        try:
            yield first
            while not self._is_closed and (text := await self._next(page)) is not None:
                yield text
        finally:
            self._pages.discard(page)

    async def _next(self, page: asyncio.Queue[str | None]) -> str | None:
        try:
            async with asyncio.timeout(self._keep_alive):
                return await page.get()
        except TimeoutError:
            return _COMMENT

    def close(self) -> None:
        """End the stream of every page."""
        self._is_closed = True
        for page in tuple(self._pages):
            self._cut_off(page)

    def _put(self, page: asyncio.Queue[str | None], text: str) -> None:
        try:
            page.put_nowait(text)
        except asyncio.QueueFull:
            self._cut_off(page)

    def _cut_off(self, page: asyncio.Queue[str | None]) -> None:
        self._pages.discard(page)
        while not page.empty():
            page.get_nowait()
        page.put_nowait(None)


def server_sent_event(kind: EventKind, data: object) -> str:
    """One event as it travels; JSON has no line breaks."""
    return f"event: {kind}\ndata: {json_text(data)}\n\n"
