"""The request that an author receives."""

from unittest.mock import create_autospec

import pytest

from mirastack_sdk._core.contract import execute_messages
from mirastack_sdk._core.contract.parameters import ParamsError
from mirastack_sdk._gen import messages as wire
from mirastack_sdk.engine import EngineClient
from mirastack_sdk.plugin import Context, ExecuteRequest, ExecutionMode, TimeRange

CLIENT: EngineClient = create_autospec(EngineClient, instance=True)


def received(message: wire.ExecuteRequest) -> ExecuteRequest:
    """Return the request that an author receives."""
    asked_range = execute_messages.time_range(message.time_range)
    ctx = Context(execution_id="e-1")
    return execute_messages.execute_request(
        message, CLIENT, ctx, asked_range, on_other_action=lambda _: None
    )


@pytest.mark.contract("Execution modes: the author sees the mode of the execution")
@pytest.mark.contract("The messages: Execute carries ids, parameters, mode, context and time range")
def test_an_author_receives_what_the_engine_sent() -> None:
    """Parameters, time range, client, context, action and mode all arrive."""
    request = received(
        wire.ExecuteRequest(
            action_id="get_status",
            params_json=b'{"service":"checkout","limit":3}',
            execution_mode=wire.ExecutionMode.GUIDED,
            time_range=wire.TimeRange(
                start_epoch_ms=1, end_epoch_ms=2, timezone="UTC", original_expression="now"
            ),
        )
    )
    assert request == ExecuteRequest(
        params={"service": "checkout", "limit": "3", "action": "get_status"},
        time_range=TimeRange(1, 2, "UTC", "now"),
        engine_client=CLIENT,
        ctx=Context(execution_id="e-1"),
        action="get_status",
        execution_mode=ExecutionMode.GUIDED,
    )


@pytest.mark.contract("From the documented API to the wire: no time_range is None")
def test_no_time_range_stays_none() -> None:
    """Authors can distinguish a query without a range from one that starts at 0."""
    assert received(wire.ExecuteRequest()).time_range is None


@pytest.mark.contract(
    "How agents are deployed: an operator's start and end arrive as they were typed"
)
def test_what_an_operator_types_arrives_as_it_was_typed() -> None:
    """`miractl action invoke` sends `start` and `end` as parameters, and no time range."""
    request = received(wire.ExecuteRequest(action_id="q", params_json=b'{"start":"-1h"}'))
    assert request.time_range is None
    assert request.params == {"start": "-1h", "action": "q"}


def test_a_parameter_named_action_does_not_hide_the_action() -> None:
    """Both `req.action` and `req.params` name the action that the engine asked for."""
    request = received(wire.ExecuteRequest(action_id="manage", params_json=b'{"action":"restart"}'))
    assert (request.action, request.params["action"]) == ("manage", "manage")


def test_an_action_in_the_parameters_alone_is_the_action() -> None:
    """A direct call may name the action in the parameters only."""
    assert received(wire.ExecuteRequest(params_json=b'{"action":"a"}')).action == "a"


def test_unreadable_parameters_are_refused() -> None:
    """The error is a sentence for the engine."""
    with pytest.raises(ParamsError, match="must be a JSON object"):
        received(wire.ExecuteRequest(params_json=b"[]"))


@pytest.mark.contract("The messages: enums count from 1, after UNSPECIFIED")
@pytest.mark.parametrize(
    ("number", "mode"),
    [
        (0, ExecutionMode.UNSPECIFIED),
        (1, ExecutionMode.MANUAL),
        (2, ExecutionMode.GUIDED),
        (3, ExecutionMode.AUTONOMOUS),
        (77, ExecutionMode.UNSPECIFIED),
        (-1, ExecutionMode.UNSPECIFIED),
    ],
)
def test_every_execution_mode_is_read(number: int, mode: ExecutionMode) -> None:
    """A number that only a newer engine knows is read as UNSPECIFIED."""
    message = wire.ExecuteRequest(execution_mode=wire.ExecutionMode.from_number(number))
    assert received(message).execution_mode is mode


@pytest.mark.contract("The messages: a time range is passed on unchanged")
def test_a_time_range_goes_both_ways() -> None:
    """A call of another agent passes on the time range unchanged."""
    value = TimeRange(-5, 2**62, "Europe/Berlin", "last 30 minutes")
    assert execute_messages.time_range(execute_messages.time_range_to_wire(value)) == value
