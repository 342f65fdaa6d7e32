"""The errors of signatures that cannot be declared, each with what to write instead.

A function returns the sentence for one error; some return an empty text where there is none.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from mirastack_sdk._actions.signature.action_parameters import field_infos
from mirastack_sdk._actions.signature.annotations import Annotation, raw_annotations
from mirastack_sdk._actions.types.adapters import (
    KeptDefault,
    TypedValue,
    UnusableTypeError,
    kept_default,
)
from mirastack_sdk._actions.types.in_words import in_words
from mirastack_sdk._core.model.execution import ACTION_PARAM
from mirastack_sdk._core.redaction.clean import describe_exception

UNREADABLE = "its parameters are unknown: wrap it in a function that declares them"
"""For a builtin that has no signature."""

WRAPPER = (
    "it takes *args and **kwargs, probably because of a decorator: use @functools.wraps(function) "
    "in that decorator"
)
"""For a function whose real parameters are hidden."""

_KINDS: Mapping[object, str] = {
    inspect.Parameter.VAR_POSITIONAL: ("*{name} cannot be passed by name: write {name}: list[str]"),
    inspect.Parameter.VAR_KEYWORD: (
        "**{name} does not name its parameters: declare each of them, or write "
        "{name}: dict[str, str]"
    ),
    inspect.Parameter.POSITIONAL_ONLY: (
        '"{name}" is positional-only, and parameters are passed by name: remove the "/"'
    ),
}
_CALL_NAMES = frozenset({"time_range", "engine_client"})
_METHOD_NAMES = frozenset({"self", "cls"})
_MUTABLE = (list, dict, set, bytearray)


def takes_anything(parameters: Iterable[inspect.Parameter]) -> bool:
    """Whether a function takes any arguments, positional and by name."""
    kinds = {parameter.kind for parameter in parameters}
    return kinds >= {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}


def of_kind(parameter: inspect.Parameter) -> str:
    """For a parameter that cannot be passed by name."""
    return _KINDS.get(parameter.kind, "").format(name=parameter.name)


def without_type(name: str) -> str:
    """For a parameter without an annotation."""
    if name in _METHOD_NAMES:
        return (
            f'nothing fills "{name}": to make a method an action, derive its class from Agent or '
            "TypedActions, and use @action from mirastack_sdk"
        )
    return f'"{name}" has no type: write for example {name}: str'


def unresolved(name: str, error: Exception) -> str:
    """For an annotation with names that are not defined at run time."""
    return (
        f'the type of "{name}" cannot be resolved ({error}): import or define it at the top of the '
        "module, outside TYPE_CHECKING"
    )


def without_self(function: Callable[..., object]) -> str:
    """For a method that lacks `self`."""
    if not inspect.ismethod(function):
        return ""
    first = next(iter(inspect.signature(function.__func__).parameters), "")
    if first in _METHOD_NAMES or first not in raw_annotations(function):
        return ""
    return f'"{first}" would receive the object itself: the first parameter must be self'


def half_injected(name: str) -> str:
    """For a union of an injected type and another type."""
    return f'"{name}" combines a type that is injected with another type: only None is allowed'


def unusable(name: str, kind: object, error: UnusableTypeError) -> str:
    """For a type that text cannot be converted to."""
    if error.is_limit:
        return f'"{name}" has a limit that cannot be checked: {error}'
    written = getattr(kind, "__name__", str(kind))
    return (
        f'"{name}" is of type {written}, to which text cannot be converted ({error}): use str, '
        "int, list, dict, a dataclass or a pydantic model, or inject it: "
        f"Annotated[{written}, Depends(...)]"
    )


def unusable_result(error: UnusableTypeError) -> str:
    """For a result that cannot be written as JSON."""
    if error.is_limit:
        return f"its result has a limit that cannot be checked: {error}"
    return (
        f"its result cannot be described as JSON ({error}): return a dataclass, a pydantic model, "
        "a TypedDict, a list or a dict"
    )


def twice(name: str) -> str:
    """For two parameters with the same name."""
    return f'two parameters are named "{name}"'


def aliased(name: str, annotation: Annotation) -> str:
    """For a field with an alias."""
    infos = field_infos(annotation)
    if any(info.alias or info.validation_alias for info in infos):
        return (
            f'the alias of "{name}" has no effect: parameters keep the names that they have in the '
            "function, and from_ is exposed as from"
        )
    return ""


def of_parameter(
    parameter: inspect.Parameter, annotation: Annotation, value: TypedValue
) -> Iterator[str]:
    """The errors of a parameter whose type can be converted."""
    name, default = parameter.name, parameter.default
    infos = field_infos(annotation)
    if name == ACTION_PARAM:
        yield f'"{ACTION_PARAM}" is reserved for the name of the action: choose another name'
    if name in _CALL_NAMES:
        yield (
            f'"{name}" is reserved for what agent.call passes beside the parameters: '
            "choose another name"
        )
    if value.shape.root.kind == "any":
        yield (
            f'the type of "{name}" accepts anything: use a specific type, such as str, int, '
            "list[str], dict[str, str] or a dataclass"
        )
    elif value.shape.root.kind == "null":
        yield f'"{name}" can only be None: remove it, or add the other types it may have'
    if any(_has_default(info) for info in infos):
        yield (
            f'the default of "{name}" is in Field, where a direct call does not find it: '
            f"write it after the annotation, {name}: ... = ..."
        )
    if default is not parameter.empty:
        yield from _default_errors(name, default, value)


def _default_errors(name: str, default: object, value: TypedValue) -> Iterator[str]:
    if isinstance(default, FieldInfo):
        yield (
            f'"{name}" has Field(...) as its default, which a direct call would use as the value: '
            f"write {name}: Annotated[..., Field(...)] = ..."
        )
    elif isinstance(default, _MUTABLE):
        yield (
            f'the default of "{name}" is a {type(default).__name__} that all calls would share: '
            "use None, or a tuple for a Sequence"
        )
    else:
        try:
            converted = value.adapter.validate_python(default)
        except ValidationError:
            expected = in_words(value.shape.root, value.shape)
            yield f'the default of "{name}", {default!r}, does not match its type: {expected}'
        except Exception as error:  # noqa: BLE001 - the author's validators
            yield failed_default(name, error)
        else:
            if kept := kept_default(default, converted):
                yield unconverted_default(name, kept)


def unconverted_default(name: str, kept: KeptDefault, *, secret: bool = False) -> str:
    """For a default of another kind than the values of its type, such as a text."""
    part = "a part of the default" if kept.is_part else "the default"
    is_text = isinstance(kept.given, str)
    if secret:
        written = "text" if is_text else f"of type {type(kept.given).__name__}"
        advice = f"use {type(kept.converted).__name__}"
    else:
        written = f"the text {kept.given!r}" if is_text else repr(kept.given)
        advice = f"write {kept.converted!r}"
    return f'{part} of "{name}" stays {written}, because defaults are not converted: {advice}'


def failed_default(name: str, error: Exception, *, secret: bool = False) -> str:
    """For a default for which a validator raises something unexpected."""
    reason = type(error).__name__ if secret else describe_exception(error)
    return f'the default of "{name}" cannot be checked: {reason}'


def _has_default(info: FieldInfo) -> bool:
    return info.default is not PydanticUndefined or info.default_factory is not None
