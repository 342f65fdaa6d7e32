"""What one agent of typed actions keeps: its catalog, its runners and its resources."""

import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from mirastack_sdk._actions.author import call
from mirastack_sdk._actions.catalog import Catalog, read_catalog
from mirastack_sdk._actions.complaints import closest, shown
from mirastack_sdk._actions.injection import CallScope
from mirastack_sdk._actions.options import Declared
from mirastack_sdk._actions.resources import Resources
from mirastack_sdk._actions.running import ActionRunner
from mirastack_sdk._core.declarations import Action, Permission
from mirastack_sdk._core.execution import ExecuteResponse
from mirastack_sdk.errors import InvalidPluginError

__all__ = ["AgentState"]


class AgentState:
    """Everything that belongs to one agent; its functions are read when they are first needed.

    `methods` are the actions among its methods, `permission` is asked for what the agent's is.
    """

    def __init__(self, methods: Iterable[Declared], permission: Callable[[], Permission]) -> None:
        self.resources = Resources()
        self._declared = list(methods)
        self._permission = permission
        self._health: Callable[..., object] | None = None
        self._catalog: Catalog | None = None
        self._runners: dict[str, ActionRunner] = {}
        self._making = threading.Lock()

    def add(self, declared: Declared) -> None:
        """Take one more action."""
        self._declared.append(declared)
        self._forget()

    def check_health_with(self, function: Callable[..., object]) -> None:
        """Take the function that raises when the backend cannot be used."""
        self._health = function
        self._forget()

    def actions(self) -> list[Action]:
        """Every action as it is declared; raises `InvalidPluginError` with all that is wrong."""
        catalog = self._read()
        if catalog.faults:
            raise InvalidPluginError(catalog.faults)
        return [planned.action for planned in catalog.actions.values()]

    def runner(self, name: str) -> ActionRunner | None:
        """What runs an action, or `None` for one that is none of these.

        Raises `InvalidPluginError` where its function cannot be an action.
        """
        planned = self._read().actions.get(name)
        if planned is None:
            return None
        self.actions()
        # Plain methods ask from several threads, and turns are counted by one runner.
        with self._making:
            if name not in self._runners:
                permission = planned.action.permission or self._permission()
                changes = permission is not Permission.READ
                self._runners[name] = ActionRunner(planned, self.resources, changes=changes)
            return self._runners[name]

    def running(self) -> AbstractAsyncContextManager[None]:
        """What the agent enters while it serves."""
        return self.resources.running()

    async def check_health(self) -> None:
        """Call the health check, if there is one; what it raises is raised."""
        if self._health is None:
            return
        self.actions()
        async with self.resources.used() as generation, AsyncExitStack() as stack:
            scope = CallScope(None, generation, stack)
            await call(self._health, await scope.fill(self._read().health))

    def unknown(self, name: str) -> ExecuteResponse:
        """The answer to a request for an action that there is not."""
        names = list(self._read().actions)
        near = closest(name, names)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(names) or 'none'}"
        return ExecuteResponse(logs=[f"unknown action: {shown(name)[1:-1]}; {hint}"])

    def _read(self) -> Catalog:
        if self._catalog is None:
            self._catalog = read_catalog(
                self._declared, health=self._health, agent_values=self.resources.values
            )
        return self._catalog

    def _forget(self) -> None:
        self._catalog = None
        self._runners.clear()
