"""Which functions yield, as their code says; what they yield, as their annotations say."""

import inspect
import typing
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Generator,
    Iterable,
    Iterator,
)
from contextlib import AbstractAsyncContextManager, AbstractContextManager

__all__ = ["is_generator", "yielded_type"]

_YIELDING = frozenset(
    {
        AsyncGenerator,
        AsyncIterator,
        AsyncIterable,
        Generator,
        Iterator,
        Iterable,
        AbstractAsyncContextManager,
        AbstractContextManager,
    }
)


def is_generator(function: object) -> bool:
    """Whether a function yields, synchronously or not."""
    return inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)


def yielded_type(returned: object) -> object:
    """What a function yields that is annotated to return a type; `None` where that is not told."""
    arguments = typing.get_args(returned)
    return arguments[0] if typing.get_origin(returned) in _YIELDING and arguments else None
