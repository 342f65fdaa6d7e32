"""Runs, under pytest, an async test that no other plugin has taken.

The documentation prints its test as a bare `async def` and runs it with `pytest` and nothing
configured. Pytest itself refuses such a test, and so does pytest-asyncio by default. A module of
its own, so that starting pytest does not import the SDK.
"""

import asyncio
import inspect

import pytest

__all__ = ["pytest_pyfunc_call"]


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine function on an event loop of its own; leave everything else alone.

    Tests that pytest-asyncio, anyio or trio have taken are no coroutine functions any more by the
    time pytest asks, or are run before.
    """
    function = pyfuncitem.obj
    if not inspect.iscoroutinefunction(function):
        return None
    wanted = inspect.signature(function).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in wanted if name in pyfuncitem.funcargs}
    asyncio.run(function(**arguments))
    return True
