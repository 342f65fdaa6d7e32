"""Whether an agent serves, as it tells probes and clients in `grpc.health.v1`."""

import asyncio
from collections.abc import Awaitable, Callable

from mirastack_sdk._log import Log
from mirastack_sdk._runtime.clock import Clock

_LOG = Log("agent")

# So long a result of the author's health check is used again: probes must not multiply its calls.
_FRESH_SECONDS = 1.0


class ServingStatus:
    """Whether the agent serves: from `start` until `stop`, and after that never again.

    `is_healthy`, if given, must also return true; it is the author's health check. `end` says that
    the server drains: whoever waits for a change has to leave.
    """

    def __init__(self, clock: Clock, is_healthy: Callable[[], Awaitable[bool]] | None) -> None:
        self.has_ended: bool = False
        self.checks_health: bool = is_healthy is not None
        self._clock = clock
        self._is_healthy = is_healthy
        self._is_started = False
        self._is_stopped = False
        self._was_healthy = False
        self._checked_at = float("-inf")
        self._waiters: set[asyncio.Future[None]] = set()

    @property
    def is_started(self) -> bool:
        """Whether the agent has started, and not stopped."""
        return self._is_started and not self._is_stopped

    def start(self) -> None:
        """Serve from now on; an agent that stops does not start again."""
        if not self._is_started:
            self._is_started = True
            self._wake()

    def stop(self) -> None:
        """Serve no more."""
        if not self._is_stopped:
            self._is_stopped = True
            self._wake()

    def end(self) -> None:
        """Serve no more, and wake everybody for good."""
        self.has_ended = True
        self.stop()
        self._wake()

    async def until(self, stop: asyncio.Event, delay: float = 0.0) -> None:
        """Wait for `stop`, and stop then or when the task is cancelled; return after `delay`.

        The seconds of the delay are for balancers, which may take that long to notice.
        """
        try:
            await stop.wait()
        finally:
            self.stop()
        if delay:
            _LOG.info(
                "asked to stop: readiness is NOT_SERVING, calls are served for %g s more", delay
            )
            await self._clock.sleep(delay)

    async def is_serving(self) -> bool:
        """Return whether the agent serves now."""
        return self._is_started and await self.is_ready()

    async def is_ready(self) -> bool:
        """Return whether the agent takes calls now, started or not."""
        if self._is_healthy is None or self._is_stopped:
            return not self._is_stopped
        if self._clock.monotonic() - self._checked_at >= _FRESH_SECONDS:
            self._was_healthy = await self._is_healthy()
            self._checked_at = self._clock.monotonic()
        return self._was_healthy and not self._is_stopped

    async def change(self, timeout: float | None = None) -> None:
        """Wait until something may have changed, at most `timeout` seconds."""
        if self.has_ended:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await asyncio.wait((waiter,), timeout=timeout)
        finally:
            self._waiters.discard(waiter)

    async def ended(self) -> None:
        """Wait for the end."""
        while not self.has_ended:
            await self.change()

    def _wake(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
