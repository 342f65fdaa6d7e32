"""The annotations of functions and classes, resolved, and their locations in the source."""

import functools
import inspect
import operator
import types
import typing
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from contextlib import AbstractAsyncContextManager, AbstractContextManager

from mirastack_sdk._actions.types.annotated_texts import type_hints, type_parameters
from mirastack_sdk._deferred.dataclasses import dataclass

STREAMS = frozenset({AsyncGenerator, AsyncIterator, AsyncIterable, Generator, Iterator, Iterable})
"""The return types of functions that yield."""
_YIELDING = STREAMS | {AbstractAsyncContextManager, AbstractContextManager}
_ORIGIN: Callable[[object], object] = operator.attrgetter("__origin__")
_CONSTRUCTOR: Callable[[type], Callable[..., object]] = operator.attrgetter("__init__")


class UnresolvedError(Exception):
    """An annotation with names that are not defined; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """An annotation: the parameter's name, the whole type, and the parts of `Annotated`."""

    name: str
    whole: object
    inner: object
    metadata: tuple[object, ...]


def raw_annotations(function: Callable[..., object]) -> Mapping[str, object]:
    """The annotations as they are written; for a class, those of its constructor."""
    found: Mapping[str, object] = getattr(_called(source_of(function)), "__annotations__", {})
    return found


def annotation_of(function: Callable[..., object], name: str) -> Annotation:
    """One annotation, resolved; raises `UnresolvedError`."""
    holder = types.SimpleNamespace(__annotations__={name: raw_annotations(function)[name]})
    names = _visible_names(function)
    try:
        found: object = typing.get_type_hints(holder, names, names, include_extras=True)[name]
        return split_annotation(name, found)
    except NameError as error:
        raise UnresolvedError(str(error)) from error
    except (TypeError, SyntaxError, AttributeError) as error:
        raise UnresolvedError(str(error) or type(error).__name__) from error


def split_annotation(name: str, found: object) -> Annotation:
    """An annotation, split into the type and the metadata of `Annotated`, also in its alias."""
    inner, metadata = found, list[object]()
    while True:
        if isinstance(inner, typing.TypeAliasType):
            inner = inner.__value__
        elif own := getattr(inner, "__metadata__", ()):
            metadata[:0] = own
            inner = _ORIGIN(inner)
        else:
            return Annotation(name=name, whole=found, inner=inner, metadata=tuple(metadata))


def class_annotations(cls: type) -> Mapping[str, object]:
    """The annotations of a class, resolved; raises `UnresolvedError`."""
    try:
        return type_hints(cls)
    except (NameError, TypeError, SyntaxError, AttributeError) as error:
        raise UnresolvedError(str(error) or type(error).__name__) from error


def _visible_names(function: Callable[..., object]) -> dict[str, object]:
    """The names that an annotation can use: those of the module and of enclosing functions."""
    target = _called(source_of(function))
    names: dict[str, object] = dict(getattr(target, "__globals__", {}))
    closed_over: tuple[str, ...] = getattr(getattr(target, "__code__", None), "co_freevars", ())
    cells: tuple[types.CellType, ...] = getattr(target, "__closure__", None) or ()
    for name, cell in zip(closed_over, cells, strict=False):
        try:
            names[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    owner = getattr(function, "__self__", target)
    return {**names, **type_parameters(owner), **type_parameters(target)}


def without_none(annotation: object) -> tuple[object, bool]:
    """The type in an optional type, and whether it was optional."""
    if typing.get_origin(annotation) not in {typing.Union, types.UnionType}:
        return annotation, False
    arguments = typing.get_args(annotation)
    others = [argument for argument in arguments if argument is not type(None)]
    if len(others) == 1 and len(others) < len(arguments):
        return others[0], True
    return annotation, False


def inner_parts(kind: object, *, within: frozenset[int] = frozenset()) -> Iterator[object]:
    """All that a type is made of, metadata included; an alias that names itself is entered once."""
    alias = typing.get_origin(kind) or kind
    if isinstance(alias, typing.TypeAliasType) and id(alias) not in within:
        within |= {id(alias)}
        yield alias.__value__
        yield from inner_parts(alias.__value__, within=within)
    for argument in typing.get_args(kind):
        yield argument
        yield from inner_parts(argument, within=within)


def is_generator(function: Callable[..., object]) -> bool:
    """Whether a function, or an object that is called, yields, whatever is around it."""
    source = source_of(function)
    if isinstance(source, type):
        return False
    called = _called(source)
    return inspect.isgeneratorfunction(called) or inspect.isasyncgenfunction(called)


def yielded_type(returned: object) -> object:
    """The type that a function yields, from its return type; `None` if it is not given."""
    arguments = typing.get_args(returned)
    return arguments[0] if typing.get_origin(returned) in _YIELDING and arguments else None


def location_of(function: Callable[..., object]) -> str:
    """The file, line and name of a function: `agents/logs.py:12 search_logs`."""
    target = source_of(function)
    name: str = getattr(target, "__qualname__", type(target).__qualname__)
    name = name.rpartition("<locals>.")[2]
    code: types.CodeType | None = getattr(_called(target), "__code__", None)
    if code is None or code.co_filename.startswith("<"):  # generated, as in a dataclass
        return _file_of(target) + name
    return f"{code.co_filename}:{code.co_firstlineno} {name}"


def location_of_class(cls: type) -> str:
    """The file, line and name of a class."""
    return _file_of(cls) + cls.__qualname__.rpartition("<locals>.")[2]


def _file_of(target: object) -> str:
    try:
        kind = target if isinstance(target, type) else type(target)
        return f"{inspect.getsourcefile(kind)}:{inspect.getsourcelines(kind)[1]} "
    except (OSError, TypeError):  # there is no source: compiled, or typed interactively
        return ""


def source_of(function: Callable[..., object]) -> object:
    """The function in the source, without wrappers, partials and bound objects."""
    target: object = inspect.unwrap(function)
    while isinstance(target, functools.partial):
        target = inspect.unwrap(target.func)
    return getattr(target, "__func__", target)


def _called(function: object) -> object:
    """The function that runs when an object is called."""
    if isinstance(function, type):
        return _CONSTRUCTOR(function)
    # An object may have annotations too: those of its class.
    return function if inspect.isroutine(function) else type(function).__call__
