"""Agents that are told not to deregister."""

import logging

import pytest

from tests.runtime.engine_access.test_session import living


async def test_one_that_should_not_deregister_says_so(caplog: pytest.LogCaptureFixture) -> None:
    """With MIRASTACK_PLUGIN_DEREGISTER=false, the engine keeps it; the log names the variable."""
    caplog.set_level(logging.INFO)
    async with living(deregisters=False) as life:
        await life.next_sleep()
        await life.session.leave(5)
    assert "deregister" not in life.engine.methods()
    assert "MIRASTACK_PLUGIN_DEREGISTER is false" in caplog.messages[-1]
