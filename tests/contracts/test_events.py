"""The promises of `log_event` and `publish_result`."""

import pytest

from mirastack_sdk.plugin import Context
from tests.contracts.bench import Bench


@pytest.mark.contract(
    "From the documented API to the wire: log_event is split into type, severity and data"
)
async def test_an_event_is_split(bench: Bench) -> None:
    """`event` is its name, `severity` its severity, and the rest is its data."""
    await bench.client.log_event(
        bench.ctx, {"event": "a.b", "severity": "warning", "message": "é", "rows": "12"}
    )
    [event] = bench.events
    assert (event.event, event.severity) == ("a.b", "warning")
    assert event.data == {"message": "é", "rows": "12"}


@pytest.mark.contract(
    "From the documented API to the wire: log_event is split into type, severity and data"
)
async def test_the_default_severity_is_info(bench: Bench) -> None:
    """The severity is "info" if none is given."""
    await bench.client.log_event(bench.ctx, {"event": "a"})
    assert [(event.severity, event.data) for event in bench.events] == [("info", {})]


@pytest.mark.contract(
    "From the documented API to the wire: log_event is split into type, severity and data"
)
async def test_level_is_another_word_for_severity(bench: Bench) -> None:
    """`level` is used if there is no `severity`."""
    await bench.client.log_event(bench.ctx, {"event": "a", "level": "error"})
    assert [(event.severity, event.data) for event in bench.events] == [("error", {})]


@pytest.mark.parametrize("event", [{}, {"message": "x"}, {"event": ""}, {"event": " \t"}])
async def test_an_event_needs_a_name(bench: Bench, event: dict[str, str]) -> None:
    """The caller gets a `ValueError`, and nothing is sent."""
    with pytest.raises(ValueError, match="the event needs a name"):
        await bench.client.log_event(bench.ctx, event)
    assert bench.events == []


async def test_the_callers_event_is_left_alone(bench: Bench) -> None:
    """The mapping that was passed does not change."""
    event = {"event": "a", "severity": "info", "rows": "1"}
    await bench.client.log_event(bench.ctx, event)
    assert event == {"event": "a", "severity": "info", "rows": "1"}


@pytest.mark.parametrize("text", ['{"rows": [1, "é"]}', "[]", "3", "null", '"text"'])
async def test_a_partial_result_is_any_json(bench: Bench, text: str) -> None:
    """The text arrives unchanged."""
    await bench.client.publish_result(bench.ctx, text)
    assert [published.partial_json for published in bench.published] == [text]


@pytest.mark.contract(
    "From the documented API to the wire: publish_result is PublishResult with success=true"
)
async def test_a_partial_result_belongs_to_the_execution(bench: Bench) -> None:
    """It names the running execution and step, even without a context."""
    await bench.client.publish_result(bench.ctx, "1")
    await bench.client.publish_result(None, "2")
    assert bench.ctx.execution_id
    for published in bench.published:
        assert published.execution_id == bench.ctx.execution_id
        assert published.step_id == bench.ctx.step_id


async def test_a_partial_result_belongs_to_the_context_given(bench: Bench) -> None:
    """It names the execution of the context, if one is given."""
    await bench.client.publish_result(Context(execution_id="e9", step_id="s9"), "1")
    [published] = bench.published
    assert (published.execution_id, published.step_id) == ("e9", "s9")


@pytest.mark.parametrize("text", ["", "{", "rows: 3", "{'a': 1}", "NaN"])
async def test_a_partial_result_that_is_not_json_is_refused(bench: Bench, text: str) -> None:
    """The caller gets a `ValueError`, and nothing is sent."""
    with pytest.raises(ValueError, match="partial_json must be JSON"):
        await bench.client.publish_result(bench.ctx, text)
    assert bench.published == []
