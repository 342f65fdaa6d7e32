"""The promises of `call_plugin`."""

import pytest

from mirastack_sdk.engine import PluginResult
from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import TimeRange
from tests.contracts.bench import RUNNING_RANGE, Bench


async def test_the_other_agents_output_is_returned(bench: Bench) -> None:
    """Output and duration arrive as the other agent returned them."""
    result = PluginResult(output={"result": '{"a": "é"}', "empty": ""}, duration_ms=12)
    bench.script.answer_plugin("billing", "get_invoice", result)
    assert await bench.client.call_plugin(bench.ctx, "billing", "get_invoice") == result


@pytest.mark.contract(
    "What reaches the language model: the result of another agent is read as a JSON object"
)
async def test_the_whole_result_is_returned(bench: Bench) -> None:
    """Its members as text, its log lines, and the JSON value."""
    value = {"rows": [1, 2.5], "ok": True, "text": "é", "logs": ["from the cache"]}
    bench.script.answer_plugin("billing", "get", PluginResult(value=value))
    result = await bench.client.call_plugin(bench.ctx, "billing", "get")
    assert result.output == {"rows": "[1,2.5]", "ok": "true", "text": "é"}
    assert result.logs == ["from the cache"]
    assert result.value == value


async def test_a_result_may_be_any_json(bench: Bench) -> None:
    """A value that is no object is JSON text under "result"."""
    bench.script.answer_plugin("billing", "list", PluginResult(value=[1, "a"]))
    result = await bench.client.call_plugin(bench.ctx, "billing", "list")
    assert (result.output, result.logs) == ({"result": '[1,"a"]'}, [])
    assert result.value == [1, "a"]


async def test_a_result_is_scripted_in_parts(bench: Bench) -> None:
    """What a test scripts as output and logs is the value, too."""
    scripted = PluginResult(output={"result": "1"}, logs=["b"])
    bench.script.answer_plugin("billing", "get", scripted)
    result = await bench.client.call_plugin(bench.ctx, "billing", "get")
    assert result == scripted
    assert result.value == {"result": "1", "logs": ["b"]}


async def test_an_empty_output_is_a_result(bench: Bench) -> None:
    """The other agent may return no output."""
    bench.script.answer_plugin("billing", "get", {})
    assert await bench.client.call_plugin(bench.ctx, "billing", "get") == PluginResult()


async def test_the_other_agent_gets_the_parameters(bench: Bench) -> None:
    """Agent, action, parameters and timeout arrive."""
    bench.script.answer_plugin("billing", "get", {})
    await bench.client.call_plugin(bench.ctx, "billing", "get", {"id": "é", "all": ""}, timeout=5)
    await bench.client.call_plugin(bench.ctx, "billing", "get")
    first, second = bench.plugin_calls
    assert (first.plugin, first.action) == ("billing", "get")
    assert (first.params, first.timeout) == ({"id": "é", "all": ""}, 5)
    assert (second.params, second.timeout) == ({}, 30)


async def test_the_running_time_range_is_passed_on(bench: Bench) -> None:
    """The other agent gets the running time range unless another one is given."""
    bench.script.answer_plugin("billing", "get", {})
    own = TimeRange(1, 2, "Asia/Kolkata", "yesterday")
    await bench.client.call_plugin(bench.ctx, "billing", "get")
    await bench.client.call_plugin(bench.ctx, "billing", "get", time_range=own)
    assert [call.time_range for call in bench.plugin_calls] == [RUNNING_RANGE, own]


async def test_the_other_agents_failure_is_an_error(bench: Bench) -> None:
    """The failure of the agent and the failure of the engine have different reasons."""
    bench.script.answer_plugin("billing", "get", RuntimeError("no such invoice"))
    with pytest.raises(EngineError) as caught:
        await bench.client.call_plugin(bench.ctx, "billing", "get")
    assert str(caught.value) == "billing failed to run get: no such invoice"
    assert caught.value.reason == "plugin_failed"
    assert not caught.value.retryable
    assert caught.value.status is None


@pytest.mark.parametrize("timeout", [0, -0.5, float("inf"), float("nan")])
async def test_an_impossible_timeout_is_refused(bench: Bench, timeout: float) -> None:
    """A timeout must be above zero and finite."""
    with pytest.raises(ValueError, match="timeout must be"):
        await bench.client.call_plugin(bench.ctx, "billing", "get", timeout=timeout)
    assert bench.plugin_calls == []
