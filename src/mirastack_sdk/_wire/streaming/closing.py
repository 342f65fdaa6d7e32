"""The end of an iterator that somebody else wrote."""

from collections.abc import Callable, Coroutine
from typing import Protocol, runtime_checkable


@runtime_checkable
class _Closable(Protocol):
    aclose: Callable[[], Coroutine[object, object, None]]


async def close_iterator(iterator: object) -> None:
    """Close an asynchronous generator, so that its `finally` blocks run; other objects stay."""
    if isinstance(iterator, _Closable):
        await iterator.aclose()
