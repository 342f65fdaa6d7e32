"""How a test answers a mock's calls of other agents."""

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
    """Only the test can answer for another agent, and each action of it by itself."""
    mock = MockEngineClient()
    mock.answer_plugin("billing", "get_invoice", {"result": "{}"})
    with pytest.raises(
        UnscriptedCallError,
        match=r"call_plugin\('billing', 'list'\) has no scripted .*answer_plugin\('billing', 'li",
    ):
        await mock.call_plugin(None, "billing", "list")


async def test_another_agent_answers_with_a_value() -> None:
    """An output or a whole result can be given."""
    mock = MockEngineClient()
    mock.answer_plugin("billing", "get", {"result": "1"})
    mock.answer_plugin("billing", "list", PluginResult(output={"result": "2"}, duration_ms=7))
    assert await mock.call_plugin(None, "billing", "get") == PluginResult(output={"result": "1"})
    listed = await mock.call_plugin(None, "billing", "list")
    assert listed == PluginResult(output={"result": "2"}, duration_ms=7)


async def test_another_agent_answers_with_a_function() -> None:
    """A function sees the call, sync or async."""
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
    """Any exception is that agent's failure; an `EngineError` is raised as it is."""
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
    """A test may assert in its answers: that is not the other agent's failure."""
    mock = MockEngineClient()

    def check(call: CallPluginCall) -> dict[str, str]:
        assert call.params == {}, "parameters"
        return {}

    mock.answer_plugin("billing", "get", check)
    with pytest.raises(AssertionError, match="parameters"):
        await mock.call_plugin(None, "billing", "get", {"a": "1"})


async def test_an_answer_that_is_no_output_is_named() -> None:
    """A function that forgets to return fails as an agent whose answer is none."""
    mock = MockEngineClient()
    mock.answer_plugin("billing", "get", create_autospec(lambda _: None, return_value=None))
    with pytest.raises(EngineError, match="must be a mapping or PluginResult, not None") as caught:
        await mock.call_plugin(None, "billing", "get")
    assert caught.value.reason == "plugin_failed"


async def test_another_agent_that_never_answers_is_late() -> None:
    """A call of another agent ends after its timeout, as a retryable error."""
    mock = MockEngineClient()

    async def never(_: CallPluginCall) -> dict[str, str]:
        await asyncio.Event().wait()
        return {}

    mock.answer_plugin("billing", "get", never)
    with pytest.raises(EngineError, match=r"billing did not answer get within 0\.01 s") as caught:
        await mock.call_plugin(None, "billing", "get", timeout=0.01)
    assert caught.value.reason == "deadline_exceeded"


async def test_a_timeout_inside_another_agent_is_its_failure() -> None:
    """An answer that raises `TimeoutError` by itself is a failure of the agent, not a late one."""
    mock = MockEngineClient()

    def slow_backend(_: CallPluginCall) -> dict[str, str]:
        raise TimeoutError("the backend is slow")

    mock.answer_plugin("billing", "get", slow_backend)
    with pytest.raises(EngineError, match="the backend is slow") as caught:
        await mock.call_plugin(None, "billing", "get")
    assert caught.value.reason == "plugin_failed"


async def test_another_agent_gets_the_time_range_of_the_execution() -> None:
    """The running execution's range is passed on unless the call has its own."""
    mock = MockEngineClient()
    mock.answer_plugin("billing", "get", {})
    running = TimeRange(1, 2, "UTC", "now")
    own = TimeRange(3, 4, "UTC", "later")
    make_execute_request(engine_client=mock, time_range=running)
    await mock.call_plugin(None, "billing", "get")
    await mock.call_plugin(None, "billing", "get", time_range=own)
    assert [call.time_range for call in mock.calls_of("call_plugin")] == [running, own]
