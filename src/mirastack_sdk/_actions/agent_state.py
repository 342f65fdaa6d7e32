"""The state of one agent with typed actions: its catalog, its runners and its lifespan."""

import inspect
from abc import abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from mirastack_sdk._actions.catalog import AgentFunctions, Catalog, read_catalog
from mirastack_sdk._actions.config.config_fields import ConfigPlan, read_config
from mirastack_sdk._actions.convert.parameter_errors import closest, preview
from mirastack_sdk._actions.marked_methods import MarkedMethods, marks_of
from mirastack_sdk._actions.options import ActionFunction
from mirastack_sdk._actions.run.agent_lifespan import AgentLifespan
from mirastack_sdk._actions.run.hooks import LifespanFunction
from mirastack_sdk._actions.run.runner import ActionRunner, Runners
from mirastack_sdk._actions.signature.annotations import location_of
from mirastack_sdk._actions.signature.dependencies import Overrides
from mirastack_sdk._actions.signature.signatures import Signature
from mirastack_sdk._core.model.declarations import Action, ConfigParam, Permission
from mirastack_sdk._core.model.execution import CleanLine, ExecuteResponse
from mirastack_sdk.errors import InvalidPluginError


class AgentState:
    """The typed actions of one agent, and what they share.

    Functions are read when they are first needed. `methods` are the actions among the agent's
    methods, `permission` returns the agent's permission, and `config` is its config class.
    """

    def __init__(
        self,
        methods: MarkedMethods,
        permission: Callable[[], Permission],
        config: type | None = None,
    ) -> None:
        self._functions = AgentFunctions(actions=list(methods.actions))
        self._errors = methods.errors
        self._added: list[Callable[..., object]] = []
        self._permission = permission
        self._plan: ConfigPlan | None = None
        self._catalog: Catalog | None = None
        self._overrides: Overrides = {}
        self.runners = Runners(self._create_runner)
        self.lifespan = AgentLifespan(None, self._read)
        if config is not None:
            self.set_config_class(config)

    def set_config_class(self, config: type) -> None:
        """Set the agent's config class."""
        self._plan = read_config(config)
        self.lifespan = AgentLifespan(self._plan, self._read)
        self._reset()

    def add(self, declared: ActionFunction) -> None:
        """Add an action."""
        self._added.append(declared.function)
        self._functions.actions.append(declared)
        self._reset()

    def add_lifespan(self, function: LifespanFunction) -> None:
        """Add a lifespan."""
        self._functions.lifespans.append(function)
        self._reset()

    def set_health_check(self, function: Callable[..., object]) -> None:
        """Set the function that raises if the backend cannot be used."""
        if function not in self._functions.health:
            self._functions.health.append(function)
        self._reset()

    def add_config_hook(self, function: Callable[..., object]) -> None:
        """Add a function that raises for a config that must not be used."""
        self._functions.on_config.append(function)
        self._reset()

    def actions(self) -> list[Action]:
        """The declarations of all actions; raises `InvalidPluginError` with all errors in them."""
        catalog = self._read()
        plan_errors = self._plan.errors if self._plan else ()
        if errors := [*plan_errors, *self._errors, *_ignored_marks(self._added), *catalog.errors]:
            raise InvalidPluginError(errors)
        return [planned.action for planned in catalog.actions.values()]

    def config_params(self) -> Sequence[ConfigParam]:
        """The parameters that operators can set."""
        return self._plan.params if self._plan else ()

    @property
    def health_checks(self) -> Sequence[Callable[..., object]]:
        """The functions that check the health; at most one, unless the agent is invalid."""
        return self._functions.health

    async def check_health(self) -> None:
        """Call the health check, if there is one; raises what it raises.

        Without one, it raises only if resources of the agent have ended.
        """
        if self._functions.health:
            self.actions()
        await self.lifespan.check_health()

    async def unknown(self, name: str) -> ExecuteResponse:
        """The response to a request for an action that does not exist."""
        names = list(self._read().actions)
        near = closest(name, names)
        known = f"the actions are {', '.join(names)}" if names else "there are no actions"
        hint = f"did you mean {near}?" if near else known
        line = CleanLine(f"unknown action: {preview(name)[1:-1]}; {hint}")
        return ExecuteResponse(logs=[line])

    def signature(self, name: str) -> Signature | None:
        """The signature of an action, if the agent has it."""
        planned = self._read().actions.get(name)
        return None if planned is None else planned.signature

    def secret_params(self, name: str) -> list[str]:
        """The names of an action's parameters that are secret, or contain a secret."""
        signature = self.signature(name)
        if signature is None:
            return []
        shapes = {name: found.value.shape for name, found in signature.parameters.items()}
        return [name for name, shape in shapes.items() if shape.holds_secret(shape.root)]

    @asynccontextmanager
    async def running(self, config: object, overrides: Overrides) -> AsyncIterator[None]:
        """Keep the agent's resources open while this is entered, with other factories for some.

        Raises `TypeError` if `overrides` is no mapping, `LookupError` for a factory that nothing
        depends on, and what the lifespan raises.
        """
        if not isinstance(overrides, Mapping):
            raise TypeError(
                "overrides must be a mapping of factories to those that take their place, "
                f"got {type(overrides).__name__}"
            )
        self._override(overrides)
        try:
            for factory in overrides.keys() - self._read().overridden:
                raise LookupError(f"nothing depends on {location_of(factory)}")
            async with self.lifespan.running(config):
                yield
        finally:
            self._override({})

    def _override(self, overrides: Overrides) -> None:
        if overrides != self._overrides:
            self._overrides = overrides
            self._reset()

    def _create_runner(self, name: str) -> ActionRunner | None:
        planned = self._read().actions.get(name)
        if planned is None:
            return None
        self.actions()
        permission = planned.action.permission or self._permission()
        changes = permission is not Permission.READ
        return ActionRunner(
            planned, self.lifespan.resources, self.lifespan.workers, changes=changes
        )

    def _read(self) -> Catalog:
        if self._catalog is None:
            kinds = [] if self._plan is None else [self._plan.kind]
            self._catalog = read_catalog(self._functions, kinds, self._overrides)
        return self._catalog

    def _reset(self) -> None:
        self._catalog = None
        self.runners.reset()


def _ignored_marks(added: Iterable[Callable[..., object]]) -> Iterator[str]:
    """A sentence for each function that has `@action`, whose options nobody reads."""
    for function in added:
        if marks_of(function) and not inspect.ismethod(function):
            yield (
                f"{location_of(function)}: @action has no effect beside @agent.action: remove it, "
                "and pass its options to @agent.action"
            )


class HasTypedActions(Protocol):
    """An agent that has typed actions."""

    @property
    @abstractmethod
    def _typed_actions(self) -> AgentState: ...
