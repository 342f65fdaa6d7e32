"""What one agent of typed actions keeps: its catalog, its runners, its upkeep."""

import threading
from collections.abc import Callable, Iterable, Sequence

from mirastack_sdk._actions.catalog import AgentFunctions, Catalog, read_catalog
from mirastack_sdk._actions.config.config_fields import ConfigPlan, read_config
from mirastack_sdk._actions.convert.parameter_errors import closest, preview
from mirastack_sdk._actions.options import ActionFunction
from mirastack_sdk._actions.run.agent_lifespan import Upkeep
from mirastack_sdk._actions.run.hooks import LifespanFunction
from mirastack_sdk._actions.run.runner import ActionRunner
from mirastack_sdk._core.model.declarations import Action, ConfigParam, Permission
from mirastack_sdk._core.model.execution import ExecuteResponse
from mirastack_sdk.errors import InvalidPluginError

__all__ = ["AgentState"]


class AgentState:
    """Everything that belongs to one agent; its functions are read when they are first needed.

    `methods` are the actions among its methods, `permission` is asked for what the agent's is,
    `config` is the class of its configuration.
    """

    def __init__(
        self,
        methods: Iterable[ActionFunction],
        permission: Callable[[], Permission],
        config: type | None = None,
    ) -> None:
        self._functions = AgentFunctions(actions=list(methods))
        self._permission = permission
        self._plan: ConfigPlan | None = None
        self._catalog: Catalog | None = None
        self._runners: dict[str, ActionRunner] = {}
        self._runner_lock = threading.Lock()
        self.upkeep = Upkeep(None, self._read)
        if config is not None:
            self.set_config_class(config)

    def set_config_class(self, config: type) -> None:
        """Take the class of the agent's configuration."""
        self._plan = read_config(config)
        self.upkeep = Upkeep(self._plan, self._read)
        self._reset()

    def add(self, declared: ActionFunction) -> None:
        """Take one more action."""
        self._functions.actions.append(declared)
        self._reset()

    def add_lifespan(self, function: LifespanFunction) -> None:
        """Take what spans the agent's life."""
        self._functions.lifespans.append(function)
        self._reset()

    def set_health_check(self, function: Callable[..., object]) -> None:
        """Take the function that raises when the backend cannot be used."""
        self._functions.health = function
        self._reset()

    def add_config_hook(self, function: Callable[..., object]) -> None:
        """Take a function that raises for a configuration that is not to be taken over."""
        self._functions.on_config.append(function)
        self._reset()

    def actions(self) -> list[Action]:
        """Every action as it is declared; raises `InvalidPluginError` with all that is wrong."""
        catalog = self._read()
        if errors := [*(self._plan.errors if self._plan else ()), *catalog.errors]:
            raise InvalidPluginError(errors)
        return [planned.action for planned in catalog.actions.values()]

    def config_params(self) -> Sequence[ConfigParam]:
        """What operators may set."""
        return self._plan.params if self._plan else ()

    def runner(self, name: str) -> ActionRunner | None:
        """What runs an action, or `None` for one that is none of these.

        Raises `InvalidPluginError` where its function cannot be an action.
        """
        known = self._runners.get(name)
        if known is not None:
            return known
        planned = self._read().actions.get(name)
        if planned is None:
            return None
        self.actions()
        # Plain methods ask from several threads, and turns are counted by one runner.
        with self._runner_lock:
            if name not in self._runners:
                permission = planned.action.permission or self._permission()
                changes = permission is not Permission.READ
                resources = self.upkeep.resources
                self._runners[name] = ActionRunner(planned, resources, changes=changes)
            return self._runners[name]

    async def check_health(self) -> None:
        """Call the health check, if there is one; what it raises is raised."""
        if self._functions.health is not None:
            self.actions()
            await self.upkeep.check_health()

    def unknown(self, name: str) -> ExecuteResponse:
        """The answer to a request for an action that there is not."""
        names = list(self._read().actions)
        near = closest(name, names)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(names) or 'none'}"
        return ExecuteResponse(logs=[f"unknown action: {preview(name)[1:-1]}; {hint}"])

    def _read(self) -> Catalog:
        if self._catalog is None:
            kinds = [] if self._plan is None else [self._plan.kind]
            self._catalog = read_catalog(self._functions, kinds)
        return self._catalog

    def _reset(self) -> None:
        self._catalog = None
        self._runners.clear()
