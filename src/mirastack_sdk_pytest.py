"""The pytest plugin: async tests without configuration, and fixtures for tests of agents.

The documentation prints its test as a bare `async def` and runs it with `pytest`, without
configuration. pytest refuses such a test, and so does pytest-asyncio by default. This is a separate
module, and imports the SDK only for a test that uses a fixture, so that starting pytest does not.
"""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mirastack_sdk.testing import AgentClientFactory, LocalEngine, MockEngineClient

__all__ = [
    "agent_client",
    "engine_client",
    "local_engine",
    "pytest_pyfunc_call",
    "pytest_runtest_setup",
]

_LOCAL_ENGINE = "local_engine"
# The attribute of a test that has been wrapped; a plugin may run one several times.
_STARTS_ENGINE = "__mirastack_starts_engine__"


@pytest.fixture
def engine_client() -> "MockEngineClient":
    """A mock engine, for `make_execute_request`, `agent.call` or the fixture `agent_client`."""
    from mirastack_sdk.testing import MockEngineClient  # noqa: PLC0415 - see above

    return MockEngineClient()


@pytest.fixture
def agent_client(engine_client: "MockEngineClient") -> "AgentClientFactory":
    """What serves an agent in the test's process, beside the test's `engine_client`.

    Use it as `async with agent_client(MyAgent()) as agent:`, and see
    `mirastack_sdk.testing.agent_client`.
    """
    from mirastack_sdk.testing import agent_client as serve_in_process  # noqa: PLC0415 - see above

    return functools.partial(serve_in_process, engine=engine_client)


@pytest.fixture
def local_engine() -> "LocalEngine":
    """A local engine, which serves on the event loop of the test during an async test.

    A fixture or a plain test that needs it has to start it: `async with local_engine:`.
    """
    from mirastack_sdk.testing import LocalEngine  # noqa: PLC0415 - see above

    return LocalEngine()


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let an async test that uses `local_engine` start it on its own event loop.

    A fixture could not: whichever plugin runs the test, its loop runs only during the test.
    """
    if not isinstance(item, pytest.Function) or _LOCAL_ENGINE not in item.fixturenames:
        return
    if inspect.iscoroutinefunction(item.obj) and not hasattr(item.obj, _STARTS_ENGINE):
        item.obj = _beside_local_engine(item, item.obj)


def _beside_local_engine(
    item: pytest.Function, test: Callable[..., Awaitable[object]]
) -> Callable[..., Awaitable[object]]:
    """The test, run while the local engine of `item` serves."""
    from mirastack_sdk.testing import LocalEngine  # noqa: PLC0415 - the fixture imports it anyway

    @functools.wraps(test)
    async def run(**arguments: object) -> object:
        engine = item.funcargs[_LOCAL_ENGINE]
        # One of the test's own fixtures may have started it, or replaced it.
        if not isinstance(engine, LocalEngine) or engine.is_serving:
            return await test(**arguments)
        async with engine:
            return await test(**arguments)

    setattr(run, _STARTS_ENGINE, True)
    return run


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
