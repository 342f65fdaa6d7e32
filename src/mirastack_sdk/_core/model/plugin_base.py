"""The class that every agent inherits from, and what the runtime asks of some of them beside it."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from types import MappingProxyType
from typing import Protocol

from mirastack_sdk._core.model.declarations import PluginInfo, PluginSchema
from mirastack_sdk._core.model.engine_api import EngineClient
from mirastack_sdk._core.model.execution import ExecuteRequest, ExecuteResponse
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._deferred.named_tuples import NamedTuple

_NOTHING: Mapping[str, str] = MappingProxyType({})


DISPATCHER = "__mirastack_dispatcher__"
"""The attribute of an `execute` that dispatches to runners: its `Dispatcher`."""
ACTIONS = "__mirastack_actions__"
"""The attribute of a class that lists the functions which `@action` has marked in its body."""


def ignore(*_: object) -> None:
    """Do nothing: the default of a callback."""


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
    """What an agent serves with: its environment, and a function to call with the secrets in it.

    `engine` calls the engine outside of executions; it is `None` if the agent has no engine.
    `worker_processes` is how many may run; without it, as many as there are CPUs.
    `watch_config` takes what says whether files of the config have changed, and what reloads it.
    """

    environ: Mapping[str, str] = _NOTHING
    notice_secrets: Callable[[Iterable[str]], None] = ignore
    engine: EngineClient | None = None
    tenant_id: str = ""
    worker_processes: int | None = None
    watch_config: Callable[[Callable[[], bool], Callable[[], Awaitable[None]]], None] = ignore


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
        """Whether `config_updated` does anything: whether the plugin takes the engine's config."""

    @property
    def health_checks(self) -> Sequence[Callable[..., object]]:
        """The author's functions that check the agent's health."""
        return own_methods(type(self), "health_check")

    @property
    def health_problem(self) -> str:
        """What makes the agent unhealthy, whatever its health check says; empty if nothing does."""
        return ""

    def secret_params(self, action: str) -> Sequence[str]:
        """The names of the parameters of an action whose values are secret."""
        return ()


class MirastackPlugin(ABC):
    """The base class of agents: override its methods and pass an instance to `serve()`.

    `info`, `schema` and `execute` are required. `execute`, `health_check` and `config_updated` may
    be coroutine functions, which share one event loop, or plain methods. Each call of a plain
    method runs in its own thread, so it may block.
    """

    @abstractmethod
    def info(self) -> PluginInfo:
        """Return the identity of the agent. Called once, when the agent starts."""

    @abstractmethod
    def schema(self) -> PluginSchema:
        """Return the actions of the agent. Called once, when the agent starts."""

    @abstractmethod
    def execute(self, req: ExecuteRequest) -> Awaitable[ExecuteResponse] | ExecuteResponse:
        """Run one action.

        Put errors that are not fatal into `ExecuteResponse.logs`; an `ActionError` does the same.
        Any other exception fails the execution: the engine receives its text without addresses,
        credentials and paths, and the agent's log contains the whole traceback. A coroutine is
        cancelled when the engine cancels the execution or its deadline passes.
        """

    def health_check(self) -> Awaitable[None] | None:
        """Raise an exception if the agent cannot use its backend.

        Called regularly. Operators see the exception's text without addresses, credentials and
        paths. Only one check runs at a time; after 10 seconds it is cancelled, and the agent is
        reported as unhealthy.
        """
        return None

    def config_updated(self, config: dict[str, str]) -> Awaitable[None] | None:
        """Apply the config that operators have set; `config` contains every key.

        Called with the stored config when the agent starts, unless it is empty, and with each
        change. With several replicas of the agent, a change reaches all of them within one
        heartbeat (30 seconds).

        An exception refuses the config: the engine receives its text without addresses, credentials
        and paths. Taking longer than 10 seconds refuses it as well. A refused config is passed to
        it again at the next heartbeat, if the engine still stores it. Updates arrive in order, one
        at a time.
        """
        return None


def own_methods(cls: type, name: str) -> Sequence[Callable[..., object]]:
    """The methods of that name in a class and its bases, as their authors wrote them.

    Those of the SDK's own classes are left out.
    """
    sdk = __name__.partition(".")[0]
    found = (inspect.unwrap(vars(base)[name]) for base in cls.__mro__ if name in vars(base))
    return [one for one in found if getattr(one, "__module__", "").partition(".")[0] != sdk]


def health_checks_of(plugin: MirastackPlugin) -> Sequence[Callable[..., object]]:
    """The functions by which an author checks the health of an agent; empty if there are none."""
    if isinstance(plugin, HasLifespan):
        return plugin.health_checks
    return own_methods(type(plugin), "health_check")


class HasPlugin(Protocol):
    """An object that stands for a plugin, such as an agent written for the published SDK."""

    @abstractmethod
    def __mirastack_plugin__(self) -> MirastackPlugin:
        """Return the plugin to serve."""
