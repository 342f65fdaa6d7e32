"""Plugins that own something while they run."""

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager

__all__ = ["Living"]


class Living(ABC):
    """A plugin that is entered before it serves and left after its last call."""

    @abstractmethod
    def running(self) -> AbstractAsyncContextManager[None]:
        """What the agent enters before it listens, and leaves when its last call has ended."""
