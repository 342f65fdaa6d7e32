"""The kinds of functions, by what a call of one returns."""

import inspect
from collections.abc import Callable


def is_asynchronous(function: Callable[..., object]) -> bool:
    """Whether calling a function returns a coroutine or an asynchronous iterator at once."""
    return any(
        inspect.iscoroutinefunction(candidate) or inspect.isasyncgenfunction(candidate)
        for candidate in _candidates(function)
    )


def yields(function: Callable[..., object]) -> bool:
    """Whether a function is a plain generator function, whatever decorates it."""
    return any(
        inspect.isgeneratorfunction(inspect.unwrap(candidate))
        for candidate in _candidates(function)
    )


def _candidates(function: Callable[..., object]) -> tuple[Callable[..., object], ...]:
    return function, getattr(function, "__call__", function)  # noqa: B004 - an instance's
