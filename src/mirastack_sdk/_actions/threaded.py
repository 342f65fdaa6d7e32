"""Reads a plain generator for the loop, each item in the one thread that the generator lives in."""

import asyncio
from collections.abc import Callable, Generator, Mapping

from mirastack_sdk._actions.author import read_to_the_end, to_the_end
from mirastack_sdk._runtime.calls.threads import OwnThread

__all__ = ["ThreadedGenerator", "begun"]

_END = object()


async def begun(function: Callable[..., object], arguments: Mapping[str, object]) -> object:
    """What a plain function returns; if that is a generator, its items, read in the same thread.

    Whoever gets the items closes them. Cancellation waits for what the thread is at, as `call`
    does.
    """
    thread = OwnThread(name=f"mirastack-{getattr(function, '__name__', 'author')}")
    items: ThreadedGenerator | None = None
    try:
        outcome = await to_the_end(thread.begin(lambda: function(**arguments)))
        if not isinstance(outcome, Generator):
            # Whatever is wrapped around the generator function has made something else of it.
            return await to_the_end(thread.begin(lambda: read_to_the_end(outcome)))
        items = ThreadedGenerator(outcome, thread)
        return items
    finally:
        if items is None:
            thread.end()


class ThreadedGenerator:
    """The items of a generator, each made when it is asked for, all in one thread.

    The generator waits while an item is used. A call that is cancelled ends when the thread is at
    the next `yield`, or when it is cancelled once more.
    """

    def __init__(self, items: Generator[object], thread: OwnThread) -> None:
        self._items = items
        self._thread = thread
        self._next: asyncio.Future[object] | None = None

    def __aiter__(self) -> "ThreadedGenerator":
        """The items themselves."""
        return self

    async def __anext__(self) -> object:
        """The next item; raises what the generator raises."""
        self._next = self._thread.begin(lambda: next(self._items, _END))
        item = await to_the_end(self._next)
        if item is _END:
            raise StopAsyncIteration
        return item

    async def aclose(self) -> None:
        """Have the generator's `finally` run in its thread, which ends then.

        That is not waited for where the thread is held up and its next item has been given up.
        """
        closed = self._thread.begin(self._items.close)
        self._thread.end()
        if self._next is None or self._next.done():
            await to_the_end(closed)
