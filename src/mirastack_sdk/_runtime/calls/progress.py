"""The progress of executions: the latest at a limited rate, and always the last."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import field

from mirastack_sdk._core.model.context import Context, Progress
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._log import Log, RateLimitedLog
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk.errors import EngineError

_LOG = Log("agent")

_INTERVAL = 0.25
_LAST_SECONDS = 1.0

type Publish = Callable[[Context, Progress], Coroutine[None, None, object]]
type Within = Callable[[str, Coroutine[None, None, object]], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressPublisher:
    """Publishes the progress of an agent's executions, on the loop that the agent runs on.

    `publish` sends one to the engine, and raises `EngineError` if that fails.
    """

    publish: Publish
    clock: Clock
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    # However many executions an engine refuses it from.
    log: RateLimitedLog = field(default_factory=lambda: RateLimitedLog(_LOG))

    def reporter(self, within: Within) -> "ProgressReporter":
        """What publishes the progress of one execution, whose calls `within` bounds."""
        return ProgressReporter(self, within)


class ProgressReporter:
    """Publishes the latest progress of one execution, at most four times a second.

    `within` bounds a call by the execution. The engine is never waited for, except by `finish`, and
    a failure is only logged.
    """

    def __init__(self, publisher: ProgressPublisher, within: Within) -> None:
        self._publisher = publisher
        self._within = within
        # Threads add to it while the loop takes from it; both are atomic.
        self._latest = deque[tuple[Context, Progress]](maxlen=1)
        self._is_awake = False
        self._has_ended = False
        self._task: asyncio.Task[None] | None = None
        # Held while a call runs, so that the engine gets the last one last.
        self._sending = asyncio.Lock()

    def note(self, ctx: Context, progress: Progress) -> None:
        """Publish this soon, unless a later one comes first; from any thread."""
        self._latest.append((ctx, progress))
        if not self._is_awake:
            self._is_awake = True
            # The loop may have closed, when the agent's process ends.
            with contextlib.suppress(RuntimeError):
                self._publisher.loop.call_soon_threadsafe(self._begin)

    async def finish(self) -> None:
        """Publish what has not been published, in at most a second."""
        try:
            async with asyncio.timeout(_LAST_SECONDS):
                await self._publish_latest()
        except TimeoutError:
            self._log_failure("the engine does not respond")
        self.end()

    def end(self) -> None:
        """Publish nothing any more."""
        self._has_ended = True
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        if self._task is None and not self._has_ended:
            self._task = self._publisher.loop.create_task(
                self._publish_all(), name="mirastack-progress"
            )

    async def _publish_all(self) -> None:
        try:
            while await self._publish_latest():
                await self._publisher.clock.sleep(_INTERVAL)
        finally:
            self._task = None

    async def _publish_latest(self) -> bool:
        """Publish the latest; return whether there was one."""
        async with self._sending:
            # In this order: what is added from now on wakes this again, or is taken here.
            self._is_awake = False
            try:
                ctx, progress = self._latest.pop()
            except IndexError:
                return False
            self._is_awake = True
            try:
                await self._within("PublishResult", self._publisher.publish(ctx, progress))
            except EngineError as error:
                if error.reason != "execution_ended":
                    self._log_failure(str(error))
            return True

    def _log_failure(self, reason: str) -> None:
        self._publisher.log.write("progress", "progress cannot be shown: %s", reason)
