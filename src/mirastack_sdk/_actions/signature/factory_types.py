"""Whether what a factory says it makes can be what a parameter asks for."""

import contextlib
import functools
import inspect
import operator
import types
import typing
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Literal, NewType, TypeAliasType

from mirastack_sdk._actions.signature.annotations import (
    Annotation,
    UnresolvedError,
    annotation_of,
    is_generator,
    place_of,
    raw_annotations,
    yielded_type,
)

__all__ = ["disagreement"]

_CREATOR: Callable[[type], object] = operator.attrgetter("__new__")
_PROMOTED = frozenset({(int, float), (int, complex), (float, complex)})
"""What checkers let pass though it is no subclass: an int where a float is asked for."""


def disagreement(annotation: Annotation, factory: Callable[..., object]) -> str:
    """Why a factory cannot be what fills a parameter, in a sentence, or nothing.

    Only classes that are clearly told on both sides are compared: what says nothing, such as `Any`,
    a protocol or a type variable, may be anything.
    """
    wanted, made = _classes(annotation.inner), _made_by(factory)
    if not wanted or not made or any(_may_be(one, other) for one in made for other in wanted):
        return ""
    wanted_text, made_text = _text(wanted), _text(made)
    return (
        f'"{annotation.name}" is of type {wanted_text}, and it depends on what makes {made_text} '
        f"({place_of(factory)}): depend on what makes {wanted_text}, or write "
        f"Annotated[{made_text}, Depends(...)]"
    )


def _classes(annotation: object) -> tuple[type, ...]:
    """The classes that a value may be of; none where that cannot be said."""
    plain = _plain(annotation)
    origin, arguments = typing.get_origin(plain), typing.get_args(plain)
    if origin in {typing.Union, types.UnionType}:
        options = [_classes(option) for option in arguments]
        return tuple(kind for option in options for kind in option) if all(options) else ()
    if origin is Literal:
        return tuple(dict.fromkeys(map(type, arguments)))
    kind = plain if origin is None else origin
    return (kind,) if isinstance(kind, type) and _is_nominal(kind) else ()


def _plain(annotation: object) -> object:
    """A type without its own names and what stands beside it."""
    while True:
        match annotation:
            case None:
                return types.NoneType
            case TypeAliasType():
                try:
                    annotation = annotation.__value__
                except NameError:  # of what is only imported for checkers
                    return annotation
            case NewType():
                annotation = annotation.__supertype__
            case _ if isinstance(origin := getattr(annotation, "__origin__", None), TypeAliasType):
                annotation = origin
            case _ if typing.get_origin(annotation) is typing.Annotated:
                annotation = origin
            case _:
                return annotation


def _is_nominal(kind: type) -> bool:
    """Whether a class says by its bases what its instances are."""
    if getattr(kind, "_is_protocol", False) or typing.is_typeddict(kind):
        return False
    # Checkers take a mock for whatever is asked for.
    return not any(base is Any or base.__module__ == "unittest.mock" for base in kind.__mro__)


def _made_by(factory: Callable[..., object]) -> tuple[type, ...]:
    """The classes of what a factory makes, once it has been awaited or entered."""
    if isinstance(factory, type):
        return _instances(factory)
    if not _says_itself(factory) or "return" not in raw_annotations(factory):
        return ()
    try:
        returned = annotation_of(factory, "return").inner
    except UnresolvedError:
        return ()
    origin, arguments = typing.get_origin(returned), typing.get_args(returned)
    if is_generator(inspect.unwrap(factory)):
        yielded = yielded_type(returned)
        return () if yielded is None else _classes(yielded)
    if origin in {Awaitable, Coroutine}:
        return _classes(arguments[-1]) if arguments else ()
    made = _classes(returned)
    return () if _may_be_awaited(made) else made


def _instances(kind: type) -> tuple[type, ...]:
    """The class itself, unless calling it may give something else."""
    own = type(kind).__call__ is type.__call__ and _CREATOR(kind) is _CREATOR(object)
    return (kind,) if own and not _may_be_awaited((kind,)) else ()


def _may_be_awaited(kinds: tuple[type, ...]) -> bool:
    return any(issubclass(kind, Awaitable) for kind in kinds)


def _says_itself(factory: Callable[..., object]) -> bool:
    """Whether the annotations are those of what is called, and not of what it is wrapped around."""
    if inspect.unwrap(factory) is factory:
        return True
    keeps_type = isinstance(factory, functools._lru_cache_wrapper)  # noqa: SLF001 - its only name
    return keeps_type or getattr(factory, "__globals__", None) is vars(contextlib)


def _may_be(made: type, wanted: type) -> bool:
    if (made, wanted) in _PROMOTED:
        return True
    try:
        return issubclass(made, wanted) or issubclass(wanted, made)
    except TypeError:  # a class that answers to nobody
        return True


def _text(kinds: tuple[type, ...]) -> str:
    names = ("None" if kind is types.NoneType else kind.__name__ for kind in kinds)
    return " | ".join(dict.fromkeys(names))
