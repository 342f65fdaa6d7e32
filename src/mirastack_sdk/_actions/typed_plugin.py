"""The base class for typed actions as methods, beside the class's own `execute`."""

import dataclasses
import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from operator import attrgetter
from types import MappingProxyType
from typing import Any, ClassVar, Unpack, overload  # noqa: TID251 - see execute

from mirastack_sdk._actions.agent_state import AgentState, HasTypedActions
from mirastack_sdk._actions.direct_call import ActionResult, execution, request_params
from mirastack_sdk._actions.marked_methods import mark_action, marked_methods
from mirastack_sdk._actions.options import ActionDecorator, ActionOptions, checked_function
from mirastack_sdk._actions.run.author_functions import call
from mirastack_sdk._core.model.context import Progress, TimeRange
from mirastack_sdk._core.model.declarations import Permission, PluginInfo, PluginSchema
from mirastack_sdk._core.model.engine_api import EngineClient
from mirastack_sdk._core.model.execution import ExecuteRequest, ExecuteResponse
from mirastack_sdk._core.model.plugin_base import (
    DISPATCHER,
    Dispatcher,
    HasLifespan,
    MirastackPlugin,
    ServeContext,
)

_RUNNERS = attrgetter("_typed_actions.runners.find")
_APPLYING: ContextVar[AgentState | None] = ContextVar("applying_config", default=None)
"""The agent whose own `config_updated` is running; it may call that of its base class."""


type Method = Callable[..., object]


def _wrap_own_methods(cls: type) -> None:
    """Wrap a class's own plugin methods, so that typed actions come first."""
    for name, dispatching in _DISPATCHERS.items():
        own: Method = getattr(cls, name)
        if not hasattr(own, DISPATCHER) and not getattr(own, "__isabstractmethod__", False):
            setattr(cls, name, _marked(dispatching(own)))


def _marked(method: Method) -> Method:
    """The method, marked as one that handles typed actions itself."""
    setattr(method, DISPATCHER, Dispatcher(method, _RUNNERS))
    return method


def _with_typed_actions(state: AgentState, declared: object) -> object:
    """A schema with the typed actions before its own; any other value unchanged."""
    typed = state.actions()
    if not isinstance(declared, PluginSchema):
        return declared
    # A schema that was made with the base's `schema` contains them already.
    rest = [found for found in declared.actions if all(found is not known for known in typed)]
    return PluginSchema(actions=[*typed, *rest])


def _with_config_params(state: AgentState, declared: object) -> object:
    """An agent's info with the parameters of its config class; any other value unchanged."""
    if not isinstance(declared, PluginInfo):
        return declared
    known = {param.key for param in declared.config_params}
    more = [param for param in state.config_params() if param.key not in known]
    return dataclasses.replace(declared, config_params=[*declared.config_params, *more])


async def _apply_config(state: AgentState, config: dict[str, str], own: Method) -> None:
    """Apply a config, and call the class's own method with it."""

    async def call_own() -> object:
        return await call(functools.partial(own, config), {})

    if _APPLYING.get() is state:
        await call_own()
        return
    token = _APPLYING.set(state)
    try:
        await state.lifespan.apply_config(config, call_own)
    finally:
        _APPLYING.reset(token)


def _info(own: Method) -> Method:
    @functools.wraps(own)
    def info(self: HasTypedActions) -> object:
        return _with_config_params(self._typed_actions, own(self))

    return info


def _schema(own: Method) -> Method:
    @functools.wraps(own)
    def schema(self: HasTypedActions) -> object:
        typed = self._typed_actions
        typed.actions()
        return _with_typed_actions(typed, own(self))

    return schema


def _execute(own: Method) -> Method:
    if inspect.iscoroutinefunction(own):

        @functools.wraps(own)
        async def execute(self: HasTypedActions, req: ExecuteRequest) -> object:
            runner = self._typed_actions.runners.find(req.action)
            return await (own(self, req) if runner is None else runner.run(req))

        return execute

    @functools.wraps(own)
    def execute_in_thread(self: HasTypedActions, req: ExecuteRequest) -> object:
        runner = self._typed_actions.runners.find(req.action)
        return own(self, req) if runner is None else runner.run(req)

    return execute_in_thread


def _health_check(own: Method) -> Method:
    if inspect.iscoroutinefunction(own):

        @functools.wraps(own)
        async def health_check(self: HasTypedActions) -> object:
            self._typed_actions.lifespan.require_config()
            return await own(self)

        return health_check

    @functools.wraps(own)
    def health_check_in_thread(self: HasTypedActions) -> object:
        self._typed_actions.lifespan.require_config()
        return own(self)

    return health_check_in_thread


def _config_updated(own: Method) -> Method:
    if inspect.iscoroutinefunction(own):

        @functools.wraps(own)
        async def config_updated(self: HasTypedActions, config: dict[str, str]) -> None:
            await _apply_config(self._typed_actions, config, functools.partial(own, self))

        return config_updated

    @functools.wraps(own)
    def config_updated_in_thread(self: HasTypedActions, config: dict[str, str]) -> object:
        if not self._typed_actions.lifespan.has_config:
            return own(self, config)
        return _apply_config(self._typed_actions, config, functools.partial(own, self))

    return config_updated_in_thread


_DISPATCHERS: Mapping[str, Callable[[Method], Method]] = {
    "info": _info,
    "schema": _schema,
    "execute": _execute,
    "health_check": _health_check,
    "config_updated": _config_updated,
}


@overload
def action[Function: Callable[..., object]](function: Function, /) -> Function: ...


@overload
def action(**options: Unpack[ActionOptions]) -> ActionDecorator: ...


def action[Function: Callable[..., object]](
    function: Function | None = None, /, **options: Unpack[ActionOptions]
) -> Function | ActionDecorator:
    """Make a method of a `TypedActions` class an action: `@action` or `@action(timeout=30)`.

    The method itself is returned unchanged, so it can be called directly. `Agent` classes work too.
    See `ActionOptions` for the options.
    """

    def decorated[Method: Callable[..., object]](method: Method, /) -> Method:
        mark_action(checked_function(method), options)
        return method

    return decorated if function is None else decorated(function)


class TypedActions(HasLifespan, MirastackPlugin):
    """Adds typed actions to a class or an existing plugin: `class More(MyPlugin, TypedActions)`.

    Methods with `@action` are declared and called by their signatures. All other actions are left
    to the class's own `schema` and `execute`, which are optional.
    """

    _config_class: ClassVar[type | None] = None

    def __init_subclass__(cls, *, config: type | None = None, **kwargs: object) -> None:
        """Wrap the class's own plugin methods, so that typed actions come first.

        `config` is the agent's config class, for this class and its subclasses.
        """
        super().__init_subclass__(**kwargs)
        cls._config_class = config or cls._config_class
        _wrap_own_methods(cls)

    @functools.cached_property
    def _typed_actions(self) -> AgentState:
        # Created on first use, because the agent's constructor may not call ours.
        return AgentState(marked_methods(self), self._own_permission, self._config_class)

    def schema(self) -> PluginSchema:
        """The typed actions; raises `InvalidPluginError` with all errors in their declarations."""
        typed, base = self._typed_actions.actions(), _next_plugin(type(self))
        rest = [] if base is MirastackPlugin else base.schema(self).actions
        return PluginSchema(actions=[*typed, *rest])

    # Beside `Awaitable`, `Any` lets subclasses override these methods with plain ones.

    def execute(self, req: ExecuteRequest) -> Awaitable[ExecuteResponse] | Any:  # noqa: ANN401 - see above
        """Run a typed action; any other action is passed to the next base class. Await it."""
        runner, base = self._typed_actions.runners.find(req.action), _next_plugin(type(self))
        if runner is not None:
            return runner.run(req)
        if base is MirastackPlugin:
            return self._typed_actions.unknown(req.action)
        return call(functools.partial(base.execute, self, req), {})

    def health_check(self) -> Awaitable[None] | Any:  # noqa: ANN401 - see above
        """Raise what the next base class's own check raises; await it."""
        return call(_next_method(self, "health_check"), {})

    def config_updated(self, config: dict[str, str]) -> Awaitable[None] | Any:  # noqa: ANN401 - see above
        """Apply a config; raises `ConfigurationError` with all errors in it. Await it.

        The next base class's own method, if there is one, is called before the config is used.
        """
        own = _next_method(self, "config_updated")
        if not self._typed_actions.lifespan.has_config:
            return call(functools.partial(own, config), {})
        return _apply_config(self._typed_actions, config, own)

    def running(
        self,
        *,
        config: object = None,
        overrides: Mapping[Callable[..., object], Callable[..., object]] = MappingProxyType({}),
    ) -> AbstractAsyncContextManager[None]:
        """Keep the agent's lifespans and shared resources open, for tests.

        `config` is the agent's config meanwhile. Without it, the defaults of the config class are
        used, and the environment is ignored. Outside of this context, each call opens resources of
        its own and closes them at its end. `serve()` does not need it.

        `overrides` are the factories to use in place of others, by those: `{open_client: fake}`.
        Each may be of any kind that `Depends` takes, and have dependencies of its own; a lifespan
        is replaced by a function that yields.

        Entering raises `StartError` if a lifespan fails to start, `TypeError` if `config` is of
        another class or `overrides` is no mapping, and `LookupError` for a factory that nothing
        depends on.
        """
        return self._typed_actions.running(config, overrides)

    def serving(self, context: ServeContext) -> AbstractAsyncContextManager[None]:
        """What `serve()` enters; see `HasLifespan`."""
        return self._typed_actions.lifespan.serving(context)

    @property
    def reads_config(self) -> bool:
        """Whether the agent has a config class or its own `config_updated`."""
        return self._typed_actions.lifespan.has_config or _defines_config_updated(type(self))

    @property
    def health_checks(self) -> Sequence[Callable[..., object]]:
        """The functions that check the agent's health; see `HasLifespan`."""
        return [*self._typed_actions.health_checks, *super().health_checks]

    @property
    def health_problem(self) -> str:
        """The resources that have ended unexpectedly; see `HasLifespan`."""
        return self._typed_actions.lifespan.health_problem

    def secret_params(self, action: str) -> Sequence[str]:
        """The parameters of a typed action that hold a `Secret`; see `HasLifespan`."""
        return self._typed_actions.secret_params(action)

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

        Parameters are sent as text, as the engine sends them, so they are converted and checked in
        the same way. Without an `engine_client`, calls to the engine fail: pass a
        `MockEngineClient` if the action needs one, which refuses calls after the action's end.
        Raises what the action raises.
        """
        params = request_params(parameters, name, self._typed_actions.signature(name))
        published, progress = list[str](), list[Progress]()
        runner = self._typed_actions.runners.find(name)
        with execution(name, params, time_range, engine_client, progress) as request:
            if runner is None:
                response = await call(functools.partial(self.execute, request), {})
            else:
                response = await runner.run(request, published)
        return ActionResult.of(response, published, progress)

    def _own_permission(self) -> Permission:
        return self.info().permission


def _next_method(plugin: TypedActions, name: str) -> Method:
    """The method of the next base class, bound; one that does nothing where it has none."""
    own: Method = getattr(_next_plugin(type(plugin)), name)
    return _nothing if own is getattr(MirastackPlugin, name) else functools.partial(own, plugin)


async def _nothing(*_: object) -> None:
    """Stands for the class's own method where it has none."""


def _defines_config_updated(cls: type) -> bool:
    """Whether an author's class has the method, and not only ours."""
    definers = (base for base in cls.__mro__ if "config_updated" in vars(base))
    return next(definers).__module__.partition(".")[0] != __name__.partition(".")[0]


def _next_plugin(cls: type) -> type[MirastackPlugin]:
    """The next plugin class after `TypedActions` in the method resolution order."""
    bases = cls.__mro__[cls.__mro__.index(TypedActions) + 1 :]
    agents = (base for base in bases if issubclass(base, MirastackPlugin))
    return next(agents, MirastackPlugin)


for _method in (TypedActions.schema, TypedActions.execute, TypedActions.config_updated):
    _marked(_method)
