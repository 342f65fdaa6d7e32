"""Typed actions as methods of a class, first among those that its own `execute` knows."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Unpack, overload

from mirastack_sdk._actions.action_result import ActionResult, request_params
from mirastack_sdk._actions.author import call
from mirastack_sdk._actions.no_engine import NoEngine
from mirastack_sdk._actions.options import (
    ActionDecorator,
    ActionOptions,
    checked_function,
    declared_on,
    mark,
)
from mirastack_sdk._actions.state import AgentState
from mirastack_sdk._core.context import Context
from mirastack_sdk._core.declarations import Permission, PluginSchema
from mirastack_sdk._core.engine_client import EngineClient
from mirastack_sdk._core.execution import ExecuteRequest, ExecuteResponse
from mirastack_sdk._core.living import Living
from mirastack_sdk._core.plugin import MirastackPlugin
from mirastack_sdk._core.time_range import TimeRange

__all__ = ["TypedActions", "action"]

_DISPATCHES = "__mirastack_dispatches__"

type Execute = Callable[["TypedActions", ExecuteRequest], object]
type Schema = Callable[["TypedActions"], object]


@overload
def action[Function: Callable[..., object]](function: Function, /) -> Function: ...


@overload
def action(**options: Unpack[ActionOptions]) -> ActionDecorator: ...


def action[Function: Callable[..., object]](
    function: Function | None = None, /, **options: Unpack[ActionOptions]
) -> Function | ActionDecorator:
    """Make an action of a method of `TypedActions` or `Agent`: `@action` or `@action(timeout=30)`.

    The method stays what it is, its type included. `ActionOptions` says what the options mean.
    """

    def decorated[Method: Callable[..., object]](method: Method, /) -> Method:
        mark(checked_function(method), options)
        return method

    return decorated if function is None else decorated(function)


class TypedActions(Living, MirastackPlugin):
    """Gives a class typed actions, a documented agent too: `class More(MyPlugin, TypedActions)`.

    Methods with `@action` are declared and run from their signatures; every other action stays with
    the class's own `schema` and `execute`, which it need not have.
    """

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Have the class's own methods asked after the typed actions."""
        super().__init_subclass__(**kwargs)
        for name, dispatching in _DISPATCHERS:
            own = getattr(cls, name)
            if not hasattr(own, _DISPATCHES) and not getattr(own, "__isabstractmethod__", False):
                setattr(cls, name, _marked(dispatching(own)))

    @functools.cached_property
    def _typed_actions(self) -> AgentState:
        # Made when it is needed: documented agents do not call our constructor.
        return AgentState(declared_on(self), self._own_permission)

    def schema(self) -> PluginSchema:
        """The typed actions; raises `InvalidPluginError` with all that is wrong with them."""
        typed, behind = self._typed_actions.actions(), _behind(type(self))
        rest = [] if behind is MirastackPlugin else behind.schema(self).actions
        return PluginSchema(actions=[*typed, *rest])

    def execute(self, req: ExecuteRequest) -> Awaitable[ExecuteResponse] | ExecuteResponse:
        """Run a typed action; another one is the next base's, or unknown."""
        runner, behind = self._typed_actions.runner(req.action), _behind(type(self))
        if runner is not None:
            return runner.run(req)
        if behind is MirastackPlugin:
            return self._typed_actions.unknown(req.action)
        return behind.execute(self, req)

    def running(self) -> AbstractAsyncContextManager[None]:
        """Keep what lives as long as the agent open for as long as this is entered.

        `serve()` does so by itself. Where nobody does, as in a unit test, each call has resources
        of its own, closed when it ends.
        """
        return self._typed_actions.running()

    async def call(
        self,
        name: str,
        /,
        *,
        time_range: TimeRange | None = None,
        engine_client: EngineClient | None = None,
        **parameters: object,
    ) -> ActionResult:
        """Run an action as the engine would, for tests: `await agent.call("search", query="x")`.

        Parameters are sent as the engine sends them, so they are converted, checked and complained
        about in the same way. Without an `engine_client` there is no engine: give the call a
        `MockEngineClient` where the action needs one. Raises what the action raises.
        """
        request = ExecuteRequest(
            params={"action": name, **request_params(parameters)},
            time_range=time_range,
            engine_client=engine_client or NoEngine(),
            ctx=Context(execution_id="execution-1", step_id="step-1"),
            action=name,
        )
        published: list[str] = []
        runner = self._typed_actions.runner(name)
        if runner is None:
            response = await call(functools.partial(self.execute, request), {})
        else:
            response = await runner.run(request, published)
        return ActionResult.of(response, published)

    def _own_permission(self) -> Permission:
        return self.info().permission


def _dispatching_execute(own: Execute) -> Callable[..., object]:
    """The class's own `execute`, asked after the typed actions; as asynchronous as it is."""
    if inspect.iscoroutinefunction(own):

        @functools.wraps(own)
        async def execute(self: TypedActions, req: ExecuteRequest) -> object:
            runner = self._typed_actions.runner(req.action)
            return await (own(self, req) if runner is None else runner.run(req))

        return execute

    @functools.wraps(own)
    def execute_in_thread(self: TypedActions, req: ExecuteRequest) -> object:
        runner = self._typed_actions.runner(req.action)
        return own(self, req) if runner is None else runner.run(req)

    return execute_in_thread


def _dispatching_schema(own: Schema) -> Callable[..., object]:
    """The class's own `schema` with the typed actions before its own."""

    @functools.wraps(own)
    def schema(self: TypedActions) -> object:
        typed = self._typed_actions.actions()
        declared = own(self)
        if not isinstance(declared, PluginSchema):
            return declared
        # A schema that asked its base's has them already.
        rest = [found for found in declared.actions if all(found is not known for known in typed)]
        return PluginSchema(actions=[*typed, *rest])

    return schema


def _behind(cls: type) -> type[MirastackPlugin]:
    """The next base behind `TypedActions` that is an agent, or what every agent is."""
    bases = cls.__mro__[cls.__mro__.index(TypedActions) + 1 :]
    agents = (base for base in bases if issubclass(base, MirastackPlugin))
    return next(agents, MirastackPlugin)


def _marked(method: Callable[..., object]) -> Callable[..., object]:
    setattr(method, _DISPATCHES, True)
    return method


_DISPATCHERS: tuple[tuple[str, Callable[[Callable[..., object]], Callable[..., object]]], ...] = (
    ("schema", _dispatching_schema),
    ("execute", _dispatching_execute),
)
for _method in (TypedActions.schema, TypedActions.execute):
    _marked(_method)
