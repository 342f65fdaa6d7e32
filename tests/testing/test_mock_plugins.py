"""A test scripts the responses to a mock's calls of other agents."""

import asyncio
from unittest.mock import create_autospec

import pytest

from mirastack_sdk.engine import PluginResult
from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import TimeRange
from mirastack_sdk.testing import (
    CallPluginCall,
    MockEngineClient,
    UnscriptedCallError,
    make_execute_request,
)

UNAVAILABLE = EngineError("engine down", reason="unavailable", retryable=True)


async def test_an_unscripted_agent_says_how_to_script_it() -> None:
    """Each action of another agent needs its own script."""
    mock = MockEngineClient()
    mock.answer_plugin("billing", "get_invoice", {"result": "{}"})
    with pytest.raises(
        UnscriptedCallError,
        match=r"call_plugin\('billing', 'list'\) has no scripted .*answer_plugin\('billing', 'li",
    ):
        await mock.call_plugin(None, "billing", "list")


async def test_another_agent_answers_with_a_value() -> None:
    """The answer may be an output or a whole result."""
    mock = MockEngineClient()
    mock.answer_plugin("billing", "get", {"result": "1"})
    mock.answer_plugin("billing", "list", PluginResult(output={"result": "2"}, duration_ms=7))
    assert await mock.call_plugin(None, "billing", "get") == PluginResult(output={"result": "1"})
    listed = await mock.call_plugin(None, "billing", "list")
    assert listed == PluginResult(output={"result": "2"}, duration_ms=7)


async def test_another_agent_answers_with_a_function() -> None:
    """The function receives the recorded call, and may be a coroutine function."""
    mock = MockEngineClient()

    def get(call: CallPluginCall) -> dict[str, str]:
        return {"result": call.params["id"]}

    async def find(call: CallPluginCall) -> PluginResult:
        return PluginResult(output={"result": call.action})

    mock.answer_plugin("billing", "get", get)
    mock.answer_plugin("billing", "find", find)
    assert (await mock.call_plugin(None, "billing", "get", {"id": "7"})).output == {"result": "7"}
    assert (await mock.call_plugin(None, "billing", "find")).output == {"result": "find"}


async def test_another_agent_ends_in_an_exception() -> None:
    """An exception is the failure of that agent; an `EngineError` is raised unchanged."""
    mock = MockEngineClient()
    mock.answer_plugin("billing", "get", RuntimeError("no such invoice"))
    mock.answer_plugin("billing", "list", UNAVAILABLE)
    with pytest.raises(EngineError, match="no such invoice") as caught:
        await mock.call_plugin(None, "billing", "get")
    assert caught.value.reason == "plugin_failed"
    with pytest.raises(EngineError) as caught:
        await mock.call_plugin(None, "billing", "list")
    assert caught.value is UNAVAILABLE


async def test_an_assertion_inside_an_answer_fails_the_test() -> None:
    """A test may assert in its functions; that is not a failure of the other agent."""
    mock = MockEngineClient()

    def check(call: CallPluginCall) -> dict[str, str]:
        assert call.params == {}, "parameters"
        return {}

    mock.answer_plugin("billing", "get", check)
    with pytest.raises(AssertionError, match="parameters"):
        await mock.call_plugin(None, "billing", "get", {"a": "1"})


async def test_an_answer_that_is_not_an_output_is_a_failure() -> None:
    """A function without a return fails like an agent with an invalid response."""
    mock = MockEngineClient()
    mock.answer_plugin("billing", "get", create_autospec(lambda _: None, return_value=None))
    with pytest.raises(EngineError, match="must be a mapping or PluginResult, not None") as caught:
        await mock.call_plugin(None, "billing", "get")
    assert caught.value.reason == "plugin_failed"


async def test_another_agent_that_never_answers_is_late() -> None:
    """The call ends after its timeout, as a retryable error."""
    mock = MockEngineClient()

    async def never(_: CallPluginCall) -> dict[str, str]:
        await asyncio.Event().wait()
        return {}

    mock.answer_plugin("billing", "get", never)
    with pytest.raises(EngineError, match=r"billing did not answer get within 0\.01 s") as caught:
        await mock.call_plugin(None, "billing", "get", timeout=0.01)
    assert caught.value.reason == "deadline_exceeded"


async def test_a_timeout_inside_another_agent_is_its_failure() -> None:
    """A function that raises `TimeoutError` itself fails; it is not late."""
    mock = MockEngineClient()

    def slow_backend(_: CallPluginCall) -> dict[str, str]:
        raise TimeoutError("the backend is slow")

    mock.answer_plugin("billing", "get", slow_backend)
    with pytest.raises(EngineError, match="the backend is slow") as caught:
        await mock.call_plugin(None, "billing", "get")
    assert caught.value.reason == "plugin_failed"


async def test_another_agent_gets_the_time_range_of_the_execution() -> None:
    """The running time range is passed on unless the call has its own."""
    mock = MockEngineClient()
    mock.answer_plugin("billing", "get", {})
    running = TimeRange(1, 2, "UTC", "now")
    own = TimeRange(3, 4, "UTC", "later")
    make_execute_request(engine_client=mock, time_range=running)
    await mock.call_plugin(None, "billing", "get")
    await mock.call_plugin(None, "billing", "get", time_range=own)
    assert [call.time_range for call in mock.calls_of("call_plugin")] == [running, own]
