"""A class's own methods, asked behind what its typed actions and its configuration say."""

import dataclasses
import functools
import inspect
from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Protocol

from mirastack_sdk._actions.author import call
from mirastack_sdk._actions.state import AgentState
from mirastack_sdk._core.model.declarations import PluginInfo, PluginSchema
from mirastack_sdk._core.model.execution import ExecuteRequest

__all__ = ["behind_typed_actions", "take_over", "with_config_params", "with_typed_actions"]

_DISPATCHES = "__mirastack_dispatches__"

_TAKING_OVER: ContextVar[AgentState | None] = ContextVar("taking_over", default=None)
"""The agent whose own method is being told of a configuration, which may ask its base's."""


class Typed(Protocol):
    """An agent that has typed actions."""

    @property
    @abstractmethod
    def _typed_actions(self) -> AgentState: ...


type Method = Callable[..., object]


def behind_typed_actions(cls: type) -> None:
    """Have a class's own methods do what is theirs, after what is not."""
    for name, dispatching in _DISPATCHERS.items():
        own: Method = getattr(cls, name)
        if not hasattr(own, _DISPATCHES) and not getattr(own, "__isabstractmethod__", False):
            setattr(cls, name, marked(dispatching(own)))


def marked(method: Method) -> Method:
    """The method, known to ask the typed actions by itself."""
    setattr(method, _DISPATCHES, True)
    return method


def with_typed_actions(state: AgentState, declared: object) -> object:
    """A schema with the typed actions before its own; anything else as it is."""
    typed = state.actions()
    if not isinstance(declared, PluginSchema):
        return declared
    # A schema that asked its base's has them already.
    rest = [found for found in declared.actions if all(found is not known for known in typed)]
    return PluginSchema(actions=[*typed, *rest])


def with_config_params(state: AgentState, declared: object) -> object:
    """What an agent is, with what operators may set of its configuration; else as it is."""
    if not isinstance(declared, PluginInfo):
        return declared
    known = {param.key for param in declared.config_params}
    more = [param for param in state.config_params() if param.key not in known]
    return dataclasses.replace(declared, config_params=[*declared.config_params, *more])


async def take_over(state: AgentState, config: dict[str, str], own: Method) -> None:
    """Take a configuration over, and have the class's own method told of it."""

    async def told() -> object:
        return await call(functools.partial(own, config), {})

    if _TAKING_OVER.get() is state:
        await told()
        return
    token = _TAKING_OVER.set(state)
    try:
        await state.upkeep.take_over(config, told)
    finally:
        _TAKING_OVER.reset(token)


def _info(own: Method) -> Method:
    @functools.wraps(own)
    def info(self: Typed) -> object:
        return with_config_params(self._typed_actions, own(self))

    return info


def _schema(own: Method) -> Method:
    @functools.wraps(own)
    def schema(self: Typed) -> object:
        typed = self._typed_actions
        typed.actions()
        return with_typed_actions(typed, own(self))

    return schema


def _execute(own: Method) -> Method:
    if inspect.iscoroutinefunction(own):

        @functools.wraps(own)
        async def execute(self: Typed, req: ExecuteRequest) -> object:
            runner = self._typed_actions.runner(req.action)
            return await (own(self, req) if runner is None else runner.run(req))

        return execute

    @functools.wraps(own)
    def execute_in_thread(self: Typed, req: ExecuteRequest) -> object:
        runner = self._typed_actions.runner(req.action)
        return own(self, req) if runner is None else runner.run(req)

    return execute_in_thread


def _health_check(own: Method) -> Method:
    if inspect.iscoroutinefunction(own):

        @functools.wraps(own)
        async def health_check(self: Typed) -> object:
            self._typed_actions.upkeep.require_configuration()
            return await own(self)

        return health_check

    @functools.wraps(own)
    def health_check_in_thread(self: Typed) -> object:
        self._typed_actions.upkeep.require_configuration()
        return own(self)

    return health_check_in_thread


def _config_updated(own: Method) -> Method:
    if inspect.iscoroutinefunction(own):

        @functools.wraps(own)
        async def config_updated(self: Typed, config: dict[str, str]) -> None:
            await take_over(self._typed_actions, config, functools.partial(own, self))

        return config_updated

    @functools.wraps(own)
    def config_updated_in_thread(self: Typed, config: dict[str, str]) -> object:
        if not self._typed_actions.upkeep.has_configuration:
            return own(self, config)
        return take_over(self._typed_actions, config, functools.partial(own, self))

    return config_updated_in_thread


_DISPATCHERS: Mapping[str, Callable[[Method], Method]] = {
    "info": _info,
    "schema": _schema,
    "execute": _execute,
    "health_check": _health_check,
    "config_updated": _config_updated,
}
