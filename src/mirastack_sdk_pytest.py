"""The pytest plugin that runs async tests for which no other plugin is responsible.

The documentation prints its test as a bare `async def` and runs it with `pytest`, without
configuration. pytest refuses such a test, and so does pytest-asyncio by default. This is a separate
module so that starting pytest does not import the SDK.
"""

import asyncio
import inspect

import pytest

__all__ = ["pytest_pyfunc_call"]


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine function on its own event loop; leave every other test to pytest.

    pytest-asyncio, anyio and trio replace the coroutine functions that they run, or run them before
    this hook.
    """
    function = pyfuncitem.obj
    if not inspect.iscoroutinefunction(function):
        return None
    wanted = inspect.signature(function).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in wanted if name in pyfuncitem.funcargs}
    asyncio.run(function(**arguments))
    return True
