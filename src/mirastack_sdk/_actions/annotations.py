"""Annotations of a function, resolved and taken apart, with everything that is wrong with them."""

import inspect
import operator
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = [
    "Annotation",
    "UnresolvedError",
    "annotation_of",
    "class_annotations",
    "place_of",
    "place_of_class",
    "raw_annotations",
    "taken_apart",
    "without_none",
]


_CONSTRUCTOR: Callable[[type], Callable[..., object]] = operator.attrgetter("__init__")


class UnresolvedError(Exception):
    """An annotation whose names mean nothing where it stands; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One annotation: the whole of it, the type within `Annotated`, and what stands beside."""

    whole: object
    inner: object
    metadata: tuple[object, ...]


def raw_annotations(function: Callable[..., object]) -> Mapping[str, object]:
    """The annotations as they are written; of a class, those of its constructor."""
    target = inspect.unwrap(function)
    if isinstance(target, type):
        target = _CONSTRUCTOR(target)
    elif not hasattr(target, "__annotations__"):
        target = type(target).__call__
    found: Mapping[str, object] = getattr(target, "__annotations__", {})
    return found


def annotation_of(function: Callable[..., object], name: str) -> Annotation:
    """One annotation, resolved; raises `UnresolvedError`."""
    holder = types.SimpleNamespace(__annotations__={name: raw_annotations(function)[name]})
    names = _names_around(function)
    try:
        found: object = typing.get_type_hints(holder, names, names, include_extras=True)[name]
    except NameError as error:
        raise UnresolvedError(str(error)) from error
    except (TypeError, SyntaxError, AttributeError) as error:
        raise UnresolvedError(str(error) or type(error).__name__) from error
    return taken_apart(found)


def taken_apart(found: object) -> Annotation:
    """An annotation, with what stands beside the type within `Annotated`."""
    metadata: tuple[object, ...] = getattr(found, "__metadata__", ())
    inner: object = getattr(found, "__origin__", found) if metadata else found
    return Annotation(whole=found, inner=inner, metadata=metadata)


def class_annotations(cls: type) -> Mapping[str, object]:
    """The annotations of a class, resolved; raises `UnresolvedError`."""
    try:
        return typing.get_type_hints(cls, include_extras=True)
    except (NameError, TypeError, SyntaxError, AttributeError) as error:
        raise UnresolvedError(str(error) or type(error).__name__) from error


def _names_around(function: Callable[..., object]) -> dict[str, object]:
    """The names that an annotation may use: the module's, and what the function closes over."""
    target = inspect.unwrap(function)
    target = getattr(target, "__func__", target)
    if isinstance(target, type):
        target = _CONSTRUCTOR(target)
    names: dict[str, object] = dict(getattr(target, "__globals__", {}))
    closed_over: tuple[str, ...] = getattr(getattr(target, "__code__", None), "co_freevars", ())
    cells: tuple[types.CellType, ...] = getattr(target, "__closure__", None) or ()
    for name, cell in zip(closed_over, cells, strict=False):
        try:
            names[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    return names


def without_none(annotation: object) -> tuple[object, bool]:
    """The one type beside None in an optional type, and whether there was a None."""
    if typing.get_origin(annotation) not in {typing.Union, types.UnionType}:
        return annotation, False
    arguments = typing.get_args(annotation)
    others = [argument for argument in arguments if argument is not type(None)]
    if len(others) == 1 and len(others) < len(arguments):
        return others[0], True
    return annotation, False


def place_of(function: Callable[..., object]) -> str:
    """Where a function is written, and its name: `agents/logs.py:12 search_logs`."""
    target = inspect.unwrap(function)
    target = getattr(target, "__func__", target)
    name: str = getattr(target, "__qualname__", type(target).__qualname__)
    name = name.rpartition("<locals>.")[2]
    code: types.CodeType | None = getattr(target, "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno} {name}" if code else name


def place_of_class(cls: type) -> str:
    """Where a class is written, and its name."""
    name = cls.__qualname__.rpartition("<locals>.")[2]
    try:
        return f"{inspect.getsourcefile(cls)}:{inspect.getsourcelines(cls)[1]} {name}"
    except (OSError, TypeError):  # it stands in no file
        return name
