"""Pacing: what changes often is published only so often, and its last state always."""

import asyncio
from collections.abc import Callable

_SECONDS = 0.1


class Paced:
    """Calls `publish` soon after each `changed()`, but not more often than every 0.1 s."""

    def __init__(self, publish: Callable[[], object]) -> None:
        self._publish = publish
        self._timer: asyncio.TimerHandle | None = None

    def changed(self) -> None:
        """Publish soon, once for all changes until then."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_SECONDS, self._due)

    def cancel(self) -> None:
        """Publish nothing more, since the caller has published the last state itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> None:
        self._timer = None
        self._publish()
