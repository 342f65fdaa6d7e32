"""Plugins that own something while they serve, opened with what surrounds them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["Living", "Surroundings"]

_NOTHING: Mapping[str, str] = MappingProxyType({})


def _ignore(secrets: Iterable[str]) -> None:
    """Take no notice."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where an agent serves: its environment, and who has to hear of the secrets in it."""

    environ: Mapping[str, str] = _NOTHING
    notice_secrets: Callable[[Iterable[str]], None] = _ignore


class Living(ABC):
    """A plugin that is entered before it serves and left after its last call."""

    @abstractmethod
    def serving(self, surroundings: Surroundings) -> AbstractAsyncContextManager[None]:
        """What the agent enters before it listens, and leaves when its last call has ended.

        Entering raises a `MirastackError` where the agent cannot start.
        """

    @property
    @abstractmethod
    def reads_config(self) -> bool:
        """Whether `config_updated` is to hear, after each registration, what the engine keeps."""
