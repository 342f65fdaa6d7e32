"""The protocol of what owns a client's connections."""

import asyncio
from abc import abstractmethod
from collections import deque
from typing import Protocol


class Owner[Connection](Protocol):
    """The pool that a connection belongs to, which is notified of its changes."""

    waiters: deque[asyncio.Future[None]]
    """The calls that wait for capacity."""

    @abstractmethod
    def on_capacity(self) -> None:
        """A call has ended, or the connection takes no more calls."""

    @abstractmethod
    def on_served(self) -> None:
        """The first response on the connection has come."""

    @abstractmethod
    def on_ping(self) -> None:
        """The server is pinged, since it is silent while calls wait."""

    @abstractmethod
    def on_retired(self, connection: Connection) -> None:
        """The connection takes no more calls: the server sent GOAWAY, or is gone."""
