"""Requests for unit tests of agents."""

from unittest.mock import create_autospec

import pytest

from mirastack_sdk.plugin import Context, EngineClient, ExecutionMode, TimeRange
from mirastack_sdk.testing import MockEngineClient, make_execute_request


def test_the_documented_call() -> None:
    """Parameters and engine client arrive as given."""
    mock = MockEngineClient()
    req = make_execute_request(
        params={"action": "get_status", "service": "checkout"}, engine_client=mock
    )
    assert req.params == {"action": "get_status", "service": "checkout"}
    assert req.action == "get_status"
    assert req.engine_client is mock
    assert req.time_range is None


def test_everything_has_a_default() -> None:
    """Without arguments, a request has no parameters and a new mock."""
    first, second = make_execute_request(), make_execute_request()
    assert first.params == {}
    assert isinstance(first.engine_client, MockEngineClient)
    assert first.engine_client is not second.engine_client
    assert first.ctx.execution_id


def test_another_engine_client_is_taken_as_it_is() -> None:
    """An author's own engine client can be used instead of a mock."""
    client: EngineClient = create_autospec(EngineClient, instance=True)
    assert make_execute_request(engine_client=client).engine_client is client


def test_the_action_is_among_the_parameters() -> None:
    """The `action` argument appears in the parameters, where documented agents read it."""
    req = make_execute_request({"service": "checkout"}, action="get_status")
    assert req.action == "get_status"
    assert req.params == {"service": "checkout", "action": "get_status"}


def test_parameters_arrive_as_text() -> None:
    """A value that is not a string becomes its JSON text, and null becomes ""."""
    req = make_execute_request({"deep": True, "limit": 3, "filter": {"a": [1]}, "none": None})
    assert req.params == {"deep": "true", "limit": "3", "filter": '{"a":[1]}', "none": ""}


def test_a_parameter_that_json_cannot_hold_is_named() -> None:
    """The error names a parameter that no engine could send."""
    with pytest.raises(ValueError, match=r"params\['when'\] cannot be sent as JSON"):
        make_execute_request({"when": object()})


def test_the_parameters_are_the_requests_own() -> None:
    """An agent that changes its parameters does not change the test's."""
    given = {"a": "1"}
    make_execute_request(given).params["b"] = "2"
    assert given == {"a": "1"}


def test_all_options_arrive() -> None:
    """Time range, context and execution mode are those of the request."""
    time_range, ctx = TimeRange(1, 2, "UTC", "now"), Context(execution_id="e7")
    req = make_execute_request(time_range=time_range, ctx=ctx, execution_mode=ExecutionMode.MANUAL)
    assert req.time_range is time_range
    assert req.ctx == ctx
    assert req.execution_mode is ExecutionMode.MANUAL


async def test_the_mock_knows_the_running_execution() -> None:
    """Engine calls without a context belong to the request's execution."""
    mock = MockEngineClient()
    req = make_execute_request(engine_client=mock, ctx=Context(execution_id="e7"))
    await req.engine_client.publish_result(None, "{}")
    assert mock.published[0].execution_id == "e7"
