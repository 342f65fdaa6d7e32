"""The class that every agent inherits from, and what the runtime asks of some of them beside it."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, Protocol

from mirastack_sdk._core.model.declarations import PluginInfo, PluginSchema
from mirastack_sdk._core.model.execution import ExecuteRequest, ExecuteResponse

__all__ = [
    "DISPATCHER",
    "Dispatcher",
    "HasLifespan",
    "MirastackPlugin",
    "Runner",
    "ServeContext",
]

_NOTHING: Mapping[str, str] = MappingProxyType({})


DISPATCHER = "__mirastack_dispatcher__"
"""The attribute of an `execute` that dispatches to runners: its `Dispatcher`."""


def _ignore(secrets: Iterable[str]) -> None:
    """Take no notice."""


class Runner(Protocol):
    """Runs one action."""

    @abstractmethod
    def run(self, request: ExecuteRequest, /) -> Awaitable[ExecuteResponse]:
        """Run the action."""


class Dispatcher(NamedTuple):
    """How the runtime finds the runner that `method` would find, without a call of it.

    `runners` takes the plugin and returns the function that finds an action's runner by name.
    """

    method: Callable[..., object]
    runners: Callable[[object], Callable[[str], Runner | None]]


@dataclass(frozen=True, slots=True)
class ServeContext:
    """What an agent serves with: its environment, and a function to call with the secrets in it."""

    environ: Mapping[str, str] = _NOTHING
    notice_secrets: Callable[[Iterable[str]], None] = _ignore


class HasLifespan(ABC):
    """A plugin that is entered before it serves and left after its last call."""

    @abstractmethod
    def serving(self, context: ServeContext) -> AbstractAsyncContextManager[None]:
        """What the agent enters before it listens, and leaves when its last call has ended.

        Entering raises a `MirastackError` where the agent cannot start.
        """

    @property
    @abstractmethod
    def reads_config(self) -> bool:
        """Whether `config_updated` is to hear, after each registration, what the engine keeps."""


class MirastackPlugin(ABC):
    """An agent: override the five methods and pass an instance to `serve()`.

    `execute`, `health_check` and `config_updated` may be coroutines, which share one event loop, or
    plain methods, which run in a thread each so that blocking work holds up nobody else.
    """

    @abstractmethod
    def info(self) -> PluginInfo:
        """Who the agent is. Called once, at the start."""

    @abstractmethod
    def schema(self) -> PluginSchema:
        """What the agent can do. Called once, at the start."""

    @abstractmethod
    def execute(self, req: ExecuteRequest) -> Awaitable[ExecuteResponse] | ExecuteResponse:
        """Run one action.

        Put errors that are not fatal into `ExecuteResponse.logs`. An exception ends the execution
        as failed; the engine sees its text without addresses, credentials and paths, the local log
        the whole of it. The call is cancelled when the engine gives up on it.
        """

    def health_check(self) -> Awaitable[None] | None:
        """Raise an exception if the agent's backend cannot be used.

        Called regularly; the exception's text, cleaned, is shown to operators. One check runs at a
        time, whoever asks; after 10 seconds it is cancelled, and the agent counts as unhealthy.
        """
        return None

    def config_updated(self, config: dict[str, str]) -> Awaitable[None] | None:
        """Take over a configuration that an operator has changed; `config` is the whole of it.

        An exception refuses it: the engine is told, and its text, cleaned, shown. So does taking
        longer than 10 seconds. Configurations come in their order, never two at a time.
        """
        return None
