"""An agent stops beside an engine that does not answer its deregistration."""

import asyncio

import pytest

from mirastack_sdk import serve_async
from mirastack_sdk.testing import LocalEngine
from tests.actions.agents import TIMEOUT, new_agent
from tests.cancellation import nothing_left, until


async def test_calls_that_begin_during_the_grace_period_are_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The deregistration gets half of the time: the rest is for the calls.

    One call begins while the agent deregisters, and ends when that has been given up.
    """
    agent, entered, end, stop = new_agent(), asyncio.Event(), asyncio.Event(), asyncio.Event()

    @agent.action
    async def work() -> str:
        """Work."""
        entered.set()
        await end.wait()
        return "done"

    async with asyncio.timeout(TIMEOUT), nothing_left(), LocalEngine() as engine:
        engine.hang("deregister_plugin")
        environ = {
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
            "MIRASTACK_ENGINE_ADDR": engine.address,
            "MIRASTACK_PLUGIN_TENANT_ID": "t-1",
            "MIRASTACK_PLUGIN_SHUTDOWN_GRACE": "2",
        }
        serving = asyncio.create_task(
            serve_async(agent, environ=environ, stop=stop, on_listening=lambda _: None)
        )
        registered = await engine.wait_registered("logs")
        stop.set()
        await until(lambda: engine.calls_of("deregister_plugin"))
        call = asyncio.create_task(registered.execute("work"))
        await entered.wait()
        await until(lambda: "could not deregister" in caplog.text)
        end.set()
        assert (await call).output == {"result": '"done"'}
        await serving
