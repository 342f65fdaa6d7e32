"""The end of an iterator that somebody else wrote."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Protocol, runtime_checkable


@runtime_checkable
class _Closable(Protocol):
    aclose: Callable[[], Coroutine[object, object, None]]


async def close_iterator(iterator: object) -> None:
    """Close an asynchronous generator, so that its `finally` blocks run; other objects stay."""
    if isinstance(iterator, _Closable):
        await iterator.aclose()


async def use_and_close[Item](
    iterator: AsyncIterator[Item], use: Callable[[AsyncIterator[Item]], Awaitable[None]]
) -> None:
    """Call `use` with an iterator, and close the iterator, however the call ends.

    It is here, because this module is not compiled: compiled coroutines that wait in a `finally`
    block raise errors of others after it.
    """
    try:
        await use(iterator)
    finally:
        await close_iterator(iterator)
