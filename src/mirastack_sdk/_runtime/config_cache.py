"""The agent's configuration, remembered for a while."""

import asyncio
from collections.abc import Awaitable, Callable

from mirastack_sdk._runtime.clock import Clock


class ConfigCache:
    """Answers from memory for `ttl` seconds; 0 asks every time.

    Callers that ask at the same time share one question to the engine.
    """

    def __init__(self, ttl: float, clock: Clock) -> None:
        self._ttl = ttl
        self._clock = clock
        self._lock = asyncio.Lock()
        self._config: dict[str, str] = {}
        self._fresh_until: float | None = None

    async def get(self, fetch: Callable[[], Awaitable[dict[str, str]]]) -> dict[str, str]:
        """Return a copy of the configuration, asking `fetch` where memory is too old."""
        async with self._lock:
            if self._fresh_until is None or self._clock.monotonic() >= self._fresh_until:
                self._config = dict(await fetch())
                self._fresh_until = self._clock.monotonic() + self._ttl
            return dict(self._config)

    def forget(self) -> None:
        """Ask the engine the next time: it has pushed a new configuration."""
        self._fresh_until = None
