"""What of a signature no language model could fill, each in a sentence that says what to write."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from mirastack_sdk._actions.convert.ranges import OrLast
from mirastack_sdk._actions.signature.action_parameters import field_infos
from mirastack_sdk._actions.signature.annotations import Annotation, raw_annotations
from mirastack_sdk._actions.signature.dependencies import Depends
from mirastack_sdk._actions.types.adapters import TypedValue
from mirastack_sdk._actions.types.in_words import in_words

__all__ = [
    "aliased",
    "half_injected",
    "misplaced",
    "of_kind",
    "of_parameter",
    "takes_anything",
    "twice",
    "unresolved",
    "unusable",
    "unusable_result",
    "without_self",
    "without_type",
]

RESERVED = "action"
"""The one name that no parameter may have: requests carry the action's own name under it."""

UNREADABLE = "it does not say which parameters it has: write a function around it"
"""Of a builtin that has no signature."""

WRAPPER = (
    "it takes *args and **kwargs, as what a decorator makes does: write @functools.wraps(function) "
    "in that decorator"
)
"""Of a function whose own parameters nobody can see."""

_KINDS: Mapping[object, str] = {
    inspect.Parameter.VAR_POSITIONAL: (
        "*{name} has no name that a language model could fill: write {name}: list[str]"
    ),
    inspect.Parameter.VAR_KEYWORD: (
        "**{name} does not say which parameters there are: write each, or {name}: dict[str, str]"
    ),
    inspect.Parameter.POSITIONAL_ONLY: (
        '"{name}" is positional only, and parameters come by name: leave the "/" out'
    ),
}
_OF_METHODS = frozenset({"self", "cls"})
_INJECTING = (Depends, OrLast)
_MUTABLE = (list, dict, set, bytearray)


def takes_anything(parameters: Iterable[inspect.Parameter]) -> bool:
    """Whether a function takes any arguments, by place and by name."""
    kinds = {parameter.kind for parameter in parameters}
    return kinds >= {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}


def of_kind(parameter: inspect.Parameter) -> str:
    """Why a parameter cannot be filled by name, or nothing."""
    return _KINDS.get(parameter.kind, "").format(name=parameter.name)


def without_type(name: str) -> str:
    """Of a parameter without an annotation."""
    if name in _OF_METHODS:
        return (
            f'nothing gives it "{name}": methods are actions in a class that derives from Agent or '
            "TypedActions, with @action of mirastack_sdk instead of an agent's"
        )
    return f'"{name}" has no type: write for example {name}: str'


def unresolved(name: str, error: Exception) -> str:
    """Of an annotation whose names are not known where it stands."""
    return (
        f'the type of "{name}" is unknown here ({error}): import or define it at the top of the '
        "module, outside TYPE_CHECKING"
    )


def without_self(function: Callable[..., object]) -> str:
    """Of a method whose first parameter is another than its object, or nothing."""
    if not inspect.ismethod(function):
        return ""
    first = next(iter(inspect.signature(function.__func__).parameters), "")
    if first in _OF_METHODS or first not in raw_annotations(function):
        return ""
    return f'"{first}" would be the object itself: the first parameter of a method is self'


def misplaced(parameter: inspect.Parameter, annotation: Annotation) -> str:
    """Of what injects and stands where it has no effect, or nothing."""
    name = parameter.name
    for kind in _INJECTING:
        said = f"{kind.__name__}(...)"
        if kind in annotation.metadata:
            return f'{kind.__name__} of "{name}" does not say enough: write {said}'
        if isinstance(annotation.inner, kind):
            return f'{said} is no type of "{name}": write {name}: Annotated[..., {said}]'
        if isinstance(parameter.default, kind):
            return (
                f'"{name}" has {kind.__name__} as its default, which a call from Python would '
                f"receive: write {name}: Annotated[..., {said}]"
            )
    return ""


def half_injected(name: str) -> str:
    """Of a union of something injected and something else."""
    return f'"{name}" is partly the agent\'s to fill: only None may stand beside such a type'


def unusable(name: str, kind: object, error: Exception) -> str:
    """Of a type that cannot be converted."""
    written = getattr(kind, "__name__", str(kind))
    return (
        f'"{name}" is of type {written}, which no text can be converted to ({error}): use str, '
        "int, list, dict, a dataclass or a pydantic model, or inject it: "
        f"Annotated[{written}, Depends(...)]"
    )


def unusable_result(error: Exception) -> str:
    """Of a result of which no JSON can be made."""
    return (
        f"its result cannot be described as JSON ({error}): return a dataclass, a pydantic model, "
        "a TypedDict, a list or a dict"
    )


def twice(name: str) -> str:
    """Of two parameters that have one name."""
    return f'two parameters are called "{name}"'


def aliased(name: str, annotation: Annotation) -> str:
    """Of a field with another name, or nothing."""
    infos = field_infos(annotation)
    if any(info.alias or info.validation_alias for info in infos):
        return (
            f'the alias of "{name}" has no effect: a parameter is called what the function calls '
            "it, and from_ is told as from"
        )
    return ""


def of_parameter(
    parameter: inspect.Parameter, annotation: Annotation, value: TypedValue
) -> Iterator[str]:
    """What is wrong with a parameter whose type itself can be converted."""
    name, default = parameter.name, parameter.default
    infos = field_infos(annotation)
    if name == RESERVED:
        yield f'"{RESERVED}" is the name of the action itself in every request: choose another'
    if value.shape.root.kind == "any":
        yield (
            f'the type of "{name}" says nothing to a language model: write what it is, such as '
            "str, int, list[str], dict[str, str] or a dataclass"
        )
    elif value.shape.root.kind == "null":
        yield f'"{name}" can only be None: leave it out, or say what else it may be'
    if any(_has_default(info) for info in infos):
        yield (
            f'the default of "{name}" stands in Field, where a call from Python would not find it: '
            f"write it behind the parameter, {name}: ... = ..."
        )
    if default is not parameter.empty:
        yield from _of_default(name, default, value)


def _of_default(name: str, default: object, value: TypedValue) -> Iterator[str]:
    if isinstance(default, FieldInfo):
        yield (
            f'"{name}" has Field as its default, which a call from Python would receive: write '
            f"{name}: Annotated[..., Field(...)] = ..."
        )
    elif isinstance(default, _MUTABLE):
        yield (
            f'the default of "{name}" is one {type(default).__name__} that all calls would share: '
            "write None, or a tuple for a Sequence"
        )
    else:
        try:
            converted = value.adapter.validate_python(default)
        except ValidationError:
            expected = in_words(value.shape.root, value.shape)
            yield f'the default of "{name}", {default!r}, is not what its type says: {expected}'
        else:
            if isinstance(default, str) and not isinstance(converted, str):
                yield (
                    f'the default of "{name}" stays the text {default!r}, since only what is given '
                    f"is converted: write {converted!r}"
                )


def _has_default(info: FieldInfo) -> bool:
    return info.default is not PydanticUndefined or info.default_factory is not None
