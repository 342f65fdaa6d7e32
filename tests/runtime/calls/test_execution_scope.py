"""Calls that must not outlive their execution."""

import asyncio

import pytest

from mirastack_sdk._runtime.calls.executions import ExecutionScope
from mirastack_sdk.errors import EngineError


async def test_returns_what_the_call_returns() -> None:
    """During the execution, a call returns its result."""

    async def call() -> int:
        return 7

    assert await ExecutionScope().within("CacheGet", call()) == 7


async def test_a_call_after_the_end_is_refused() -> None:
    """A call after the end of the execution is refused."""

    async def call() -> int:
        raise AssertionError("must not be called")

    scope = ExecutionScope()
    scope.end()
    with pytest.raises(EngineError, match="has ended") as caught:
        await scope.within("CacheGet", call())
    assert caught.value.reason == "execution_ended"


async def test_a_call_that_runs_ends_with_the_execution() -> None:
    """A call in a background task ends with the execution."""
    running = asyncio.Event()

    async def call() -> None:
        running.set()
        await asyncio.Event().wait()

    scope = ExecutionScope()
    background = asyncio.create_task(scope.within("CacheGet", call()))
    await running.wait()
    scope.end()
    with pytest.raises(EngineError) as caught:
        await background
    assert caught.value.reason == "execution_ended"


async def test_a_calls_own_timeout_passes() -> None:
    """A TimeoutError of the call itself passes through."""

    async def call() -> None:
        raise TimeoutError("slow")

    with pytest.raises(TimeoutError, match="slow"):
        await ExecutionScope().within("CacheGet", call())
