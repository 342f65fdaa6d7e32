"""The texts in annotations, which describe parameters and fields."""

import inspect
import typing
from collections.abc import Iterable, Mapping
from types import UnionType

_QUALIFIERS = frozenset({typing.Required, typing.NotRequired, typing.Final})


def hints_of(cls: object) -> Mapping[str, object]:
    """The annotations of a class, or nothing if they cannot be resolved."""
    if not isinstance(cls, type):
        return {}
    try:
        return type_hints(cls)
    except (NameError, TypeError, AttributeError):
        return {}


def type_hints(cls: type) -> Mapping[str, object]:
    """The annotations of a class; raises what `typing.get_type_hints` raises."""
    # Annotations that are text do not see the type parameters of their class.
    parameters = type_parameters(cls)
    names = {**vars(cls), **parameters} if parameters else None
    return typing.get_type_hints(cls, localns=names, include_extras=True)


def type_parameters(owner: object) -> dict[str, object]:
    """The type parameters of a function, or of an object's class and its bases, by name."""
    holders: tuple[object, ...] = (owner,)
    if not hasattr(owner, "__type_params__") or isinstance(owner, type):
        holders = (owner if isinstance(owner, type) else type(owner)).__mro__[::-1]
    return {
        parameter.__name__: parameter
        for holder in holders
        for parameter in getattr(holder, "__type_params__", ())
    }


def annotated_text(hint: object) -> str:
    """The first text in an annotation's metadata, or an empty text.

    A text is a string or a `Doc` of PEP 727. Names of types, `NotRequired` and `None` may be around
    the annotation.
    """
    if isinstance(hint, typing.TypeAliasType):
        return annotated_text(hint.__value__)
    origin = typing.get_origin(hint)
    if origin in _QUALIFIERS:
        return annotated_text(typing.get_args(hint)[0])
    if origin in {typing.Union, UnionType}:
        options = [option for option in typing.get_args(hint) if option is not type(None)]
        return annotated_text(options[0]) if len(options) == 1 else ""
    metadata: tuple[object, ...] = getattr(hint, "__metadata__", ())
    found = (text for part in metadata if (text := _text_of(part)))
    return next(found, "") or (annotated_text(typing.get_args(hint)[0]) if metadata else "")


def _text_of(part: object) -> str:
    """A text in metadata; packages have a `Doc` of their own, each with the same attribute."""
    text: object = part
    if type(part).__name__ == "Doc":
        text = getattr(part, "documentation", "")
    return inspect.cleandoc(text) if isinstance(text, str) else ""


def unit_of(metadata: Iterable[object]) -> str:
    """The words for a `Unit` of annotated-types in metadata, or an empty text."""
    units = (part for part in metadata if type(part).__name__ == "Unit")
    names = (getattr(part, "unit", None) for part in units)
    return next((f"in {name}" for name in names if isinstance(name, str)), "")
