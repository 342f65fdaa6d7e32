"""Keeps the calls made during an execution from outliving it."""

import asyncio
from collections.abc import Awaitable, Callable

from mirastack_sdk.errors import EngineError


class ExecutionScope:
    """The time an execution runs: calls begun within it end with it."""

    def __init__(self) -> None:
        self._open: set[asyncio.Timeout] = set()
        self._ended = False

    async def within[Reply](self, method: str, call: Callable[[], Awaitable[Reply]]) -> Reply:
        """Return what `call` returns; raises `EngineError` once the execution has ended."""
        if self._ended:
            raise _ended(method)
        scope = asyncio.timeout(None)
        self._open.add(scope)
        try:
            async with scope:
                return await call()
        except TimeoutError as error:
            if scope.expired():
                raise _ended(method) from error
            raise
        finally:
            self._open.discard(scope)

    def end(self) -> None:
        """End the execution and every call that was made during it."""
        self._ended = True
        if not self._open:
            return
        now = asyncio.get_running_loop().time()
        for scope in self._open:
            scope.reschedule(now)


def _ended(method: str) -> EngineError:
    return EngineError(
        f"{method}: the execution this engine client belongs to has ended",
        reason="execution_ended",
    )
