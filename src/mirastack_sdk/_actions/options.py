"""What an author says of an action beside its signature."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypedDict

from mirastack_sdk._actions.fitting import DEFAULT_LIMIT, LEAST_LIMIT
from mirastack_sdk._core.declarations import Permission, RoutingSemantics

__all__ = [
    "ActionDecorator",
    "ActionOptions",
    "Declared",
    "checked_function",
    "declared_on",
    "mark",
    "option_faults",
]

_MARK = "__mirastack_action__"


class ActionOptions(TypedDict, total=False):
    """What may be said of an action; everything else comes from its function.

    `name` is the function's own unless given, `description` its docstring's. `permission` and
    `stages` override the agent's. `intents` are phrases that lead to the action.

    `timeout` is in seconds, waiting included: an action that takes longer is answered with what it
    has, or with the advice to ask for less. At most `max_concurrency` calls run at once, others
    wait. A result of more than `result_limit` characters of JSON is cut; `None` never cuts.
    """

    name: str
    description: str
    permission: Permission
    stages: Sequence[str]
    intents: Sequence[str]
    routing_semantics: RoutingSemantics
    timeout: float
    max_concurrency: int
    result_limit: int | None


class ActionDecorator(Protocol):
    """A decorator that leaves the function as it is, its type included."""

    def __call__[Function: Callable[..., object]](self, function: Function, /) -> Function:
        """Make an action of a function."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A function that is an action, and its options."""

    function: Callable[..., object]
    options: ActionOptions

    @property
    def result_limit(self) -> int | None:
        """Characters of a result, at most."""
        return self.options.get("result_limit", DEFAULT_LIMIT)


def checked_function[Function: Callable[..., object]](function: Function) -> Function:
    """The function itself; raises `TypeError` for what cannot be called."""
    given: object = function
    if not callable(given):
        raise TypeError(f"an action is a function, got {given!r}: options are given by name")
    return function


def mark(function: Callable[..., object], options: ActionOptions) -> None:
    """Remember on a method that it is an action."""
    target = inspect.unwrap(getattr(function, "__func__", function))
    setattr(target, _MARK, options)


def declared_on(plugin: object) -> list[Declared]:
    """The actions among the methods of an object, in the order they are written in.

    A method that overrides an action is one, with the options that are nearest.
    """
    found: dict[str, ActionOptions] = {}
    for cls in reversed(type(plugin).__mro__):
        for name, member in vars(cls).items():
            target = inspect.unwrap(getattr(member, "__func__", member))
            options: ActionOptions | None = getattr(target, _MARK, None)
            if options is not None:
                found[name] = options
    methods = ((getattr(plugin, name), options) for name, options in found.items())
    return [Declared(function=method, options=options) for method, options in methods if method]


def option_faults(options: ActionOptions) -> list[str]:
    """Which options cannot be kept, one sentence each."""
    faults = []
    timeout, limit = options.get("timeout", 1.0), options.get("result_limit")
    most = options.get("max_concurrency", 1)
    if not timeout > 0:
        faults.append(f"timeout must be a number of seconds above 0, got {timeout}")
    if most < 1:
        faults.append(f"max_concurrency must be at least 1, got {most}")
    if limit is not None and limit < LEAST_LIMIT:
        faults.append(f"result_limit must be at least {LEAST_LIMIT} characters, got {limit}")
    return faults
