"""The methods that `@action` has marked, and those that are no actions although it has."""

import functools
import inspect
from collections.abc import Callable, Iterator
from types import FrameType, FunctionType

from mirastack_sdk._actions.options import ActionFunction, ActionOptions
from mirastack_sdk._actions.signature.annotations import location_of
from mirastack_sdk._core.model.plugin_base import ACTIONS
from mirastack_sdk._deferred.dataclasses import dataclass

_MARK = "__mirastack_action__"
_PROPERTIES = (property, functools.cached_property)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedMethods:
    """The actions among the methods of an object, and a sentence for each that is lost."""

    actions: tuple[ActionFunction, ...]
    errors: tuple[str, ...]


def mark_action(function: Callable[..., object], options: ActionOptions) -> None:
    """Mark a method as an action, once more for each further name."""
    target = _target(function)
    setattr(target, _MARK, (*marks_of(target), options))
    _note_in_class(target)


def marks_of(member: object) -> tuple[ActionOptions, ...]:
    """The options with which a function is marked, those closest to the function first."""
    marks: tuple[ActionOptions, ...] = getattr(_target(member), _MARK, ())
    return marks


def marked_methods(plugin: object) -> MarkedMethods:
    """The actions among the methods of an object, in the order of their definition.

    A method that overrides an action is an action too; the options closest to it in the method
    resolution order count. One that is replaced by `None` is none.
    """
    found: dict[str, tuple[ActionOptions, ...]] = {}
    errors: list[str] = []
    for cls in reversed(type(plugin).__mro__):
        errors += _lost(cls)
        for name, member in vars(cls).items():
            if marks := marks_of(member):
                found[name] = marks
    actions: list[ActionFunction] = []
    for name, marks in found.items():
        method: object = getattr(plugin, name)
        if callable(method):
            actions += [ActionFunction(function=method, options=options) for options in marks]
        elif method is not None:
            errors.append(
                f"{type(plugin).__name__}.{name} takes the place of an action, but cannot be "
                f"called: write a method, or {name} = None to remove the action"
            )
    errors += _marked_attributes(plugin)
    return MarkedMethods(actions=tuple(actions), errors=tuple(errors))


def _marked_attributes(plugin: object) -> Iterator[str]:
    """A sentence for each marked function that only the object has, and not its class."""
    attributes: dict[str, object] = getattr(plugin, "__dict__", {})
    for name, value in attributes.items():
        # Of any other object, only its class would know what looking at it does.
        if isinstance(value, FunctionType) and marks_of(value):
            yield (
                f"{location_of(value)}: @action has no effect on {name}, which only this object "
                f"has: write it as a method of {type(plugin).__name__}"
            )


def _note_in_class(target: object) -> None:
    """Note the function in the class whose body is being executed.

    Otherwise, nobody would miss it if a decorator or another definition took its place.
    """
    owner = getattr(target, "__qualname__", "").rpartition(".")[0]
    frame: FrameType | None = inspect.currentframe()
    while frame is not None and owner:
        is_function = bool(frame.f_code.co_flags & inspect.CO_OPTIMIZED)
        if not is_function and frame.f_locals.get("__qualname__") == owner:
            frame.f_locals.setdefault(ACTIONS, []).append(target)
            return
        frame = frame.f_back


def _lost(cls: type) -> Iterator[str]:
    """A sentence for each function that was marked in a class but is not found there."""
    members = vars(cls)
    kept = [_target(member) for member in members.values()]
    for target in members.get(ACTIONS, ()):
        name = _name_in(cls, target.__name__)
        if name in members and not any(found is target for found in kept):
            yield f"{location_of(target)}: {_reason(target, members[name])}"


def _name_in(cls: type, name: str) -> str:
    """The name that Python gives a private member of a class."""
    is_private = name.startswith("__") and not name.endswith("__")
    return f"_{cls.__name__.lstrip('_')}{name}" if is_private else name


def _reason(target: object, member: object) -> str:
    if isinstance(member, _PROPERTIES):
        return f"a {type(member).__name__} cannot be an action: remove that decorator"
    if getattr(member, "__qualname__", "") == getattr(target, "__qualname__", None):
        return "another definition of the same name takes its place: rename one of them"
    return (
        "a decorator above @action hides it: put @action above that decorator, or use "
        "@functools.wraps(function) in it"
    )


def _target(member: object) -> object:
    """The function in the source of a method."""
    unwrapped: object = inspect.unwrap(getattr(member, "__func__", member))  # type: ignore[arg-type] # any object
    return unwrapped
