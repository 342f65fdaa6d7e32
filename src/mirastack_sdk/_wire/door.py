"""How many connections a server has at once, and what becomes of the others."""

import asyncio

from mirastack_sdk._log import Log

_LOG = Log("server")

_SECONDS_BETWEEN_WORDS = 60.0


class Door:
    """Lets in `most` at once, and tells at most once a minute how many it turned away."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._inside = 0
        self._turned_away = 0
        self._silent_until = float("-inf")

    def enter(self) -> bool:
        """Let one in, who has to `leave`, or say that there is no room."""
        if self._inside >= self.most:
            self._turned_away += 1
            return False
        self._inside += 1
        return True

    def turn_away(self) -> asyncio.Protocol:
        """Return what a connection speaks to that is not even to begin."""
        self._turned_away += 1
        return _TurnedAway()

    def leave(self) -> None:
        """Make room for another one."""
        self._inside -= 1

    def report(self, now: float) -> None:
        """Log how many were turned away since the last time, if a minute has passed since."""
        if not self._turned_away or now < self._silent_until:
            return
        _LOG.warning(
            "connections were closed as they came (%d): there may be %d at once",
            self._turned_away,
            self.most,
            extra={"turned_away": self._turned_away, "max_connections": self.most},
        )
        self._turned_away = 0
        self._silent_until = now + _SECONDS_BETWEEN_WORDS


class _TurnedAway(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what asyncio gives a Protocol
        transport.abort()
