"""The request that an author receives, and the response that the engine receives."""

from unittest.mock import create_autospec

import pytest

from mirastack_sdk._core.contract import execute_messages
from mirastack_sdk._core.contract.parameters import ParamsError
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.gojson_codec import CODECS as GOJSON
from mirastack_sdk._gen.protobuf_codec import CODECS as PROTOBUF
from mirastack_sdk._wire.codec.message_codec import CodecTable
from mirastack_sdk.engine import EngineClient
from mirastack_sdk.plugin import Context, ExecuteRequest, ExecuteResponse, ExecutionMode, TimeRange

LIMIT = 10_000
CLIENT: EngineClient = create_autospec(EngineClient, instance=True)
GOJSON_ENCODE = GOJSON.for_type(wire.ExecuteResponse).encode


def received(message: wire.ExecuteRequest) -> ExecuteRequest:
    """Return the request that an author receives."""
    asked_range = execute_messages.time_range(message.time_range)
    ctx = Context(execution_id="e-1")
    return execute_messages.execute_request(
        message, CLIENT, ctx, asked_range, on_other_action=lambda _: None
    )


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


def test_no_time_range_stays_none() -> None:
    """Authors can distinguish a query without a range from one that starts at 0."""
    assert received(wire.ExecuteRequest()).time_range is None


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


def test_a_time_range_goes_both_ways() -> None:
    """A call of another agent passes on the time range unchanged."""
    value = TimeRange(-5, 2**62, "Europe/Berlin", "last 30 minutes")
    assert execute_messages.time_range(execute_messages.time_range_to_wire(value)) == value


def sent(response: object) -> wire.ExecuteResponse:
    """Return the message that the engine receives for `response`."""
    return execute_messages.response_to_wire(response, 12, max_bytes=LIMIT, encode=GOJSON_ENCODE)


def test_a_response_is_sent_whole() -> None:
    """Output as a JSON object, logs in order, and the duration."""
    message = sent(ExecuteResponse(output={"result": "[]"}, logs=["a", "b"]))
    assert message == wire.ExecuteResponse(
        success=True, result_json=b'{"result":"[]"}', duration_ms=12, logs=["a", "b"]
    )


def test_logs_alone_are_a_success() -> None:
    """Errors that are not fatal go into the logs."""
    message = sent(ExecuteResponse(logs=["unknown action: x"]))
    assert (message.success, message.result_json, message.error) == (True, b"{}", "")


@pytest.mark.parametrize(
    ("response", "sentence"),
    [
        (None, "execute must return an ExecuteResponse, got NoneType"),
        ({"result": "x"}, "execute must return an ExecuteResponse, got dict"),
        (ExecuteResponse, "execute must return an ExecuteResponse, got type"),
    ],
)
def test_anything_but_a_response_is_refused(response: object, sentence: str) -> None:
    """The most common mistake, a missing return, has a sentence of its own."""
    with pytest.raises(execute_messages.InvalidResponseError) as refusal:
        sent(response)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("output", {"result": 3}, 'output["result"] must be a string, got int: use json.dumps'),
        ("output", None, "output must be a dict of strings, got NoneType"),
        ("logs", ["a", b"b"], "logs[1] must be a string, got bytes"),
        ("logs", "text", "logs must be a list of strings, got str"),
        ("logs", None, "logs must be a list of strings, got NoneType"),
    ],
)
def test_a_response_with_wrong_types_is_refused(field: str, value: object, sentence: str) -> None:
    """The sentence tells authors without a type checker what to change."""
    response = ExecuteResponse()
    setattr(response, field, value)
    with pytest.raises(execute_messages.InvalidResponseError) as refusal:
        sent(response)
    assert str(refusal.value) == sentence


def test_all_errors_of_a_response_are_reported_at_once() -> None:
    """Errors in output and logs are in one sentence."""
    response = ExecuteResponse()
    setattr(response, "output", {"a": 1})  # noqa: B010 - a plain assignment does not type-check
    setattr(response, "logs", [2])  # noqa: B010 - a plain assignment does not type-check
    with pytest.raises(execute_messages.InvalidResponseError, match=r"output\[.*; logs\["):
        sent(response)


@pytest.mark.parametrize("codecs", [PROTOBUF, GOJSON], ids=["protobuf", "json"])
def test_undecodable_text_in_a_response_can_be_sent(codecs: CodecTable) -> None:
    """Surrogates from a file name do not fail the response, in either encoding."""
    codec = codecs.for_type(wire.ExecuteResponse)
    message = sent(ExecuteResponse({"result": "\udc80"}, ["\udc80"]))
    assert codec.decode(codec.encode(message)).logs == ["\ufffd"]
    failed = execute_messages.failed_response("no file \udc80", 0)
    assert codec.decode(codec.encode(failed)).error == "no file \ufffd"


def test_a_failure_has_an_error_and_no_result() -> None:
    """The engine shows the error."""
    assert execute_messages.failed_response("backend returned HTTP 503", 7) == wire.ExecuteResponse(
        success=False, error="backend returned HTTP 503", duration_ms=7
    )


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(ExecuteResponse({"result": "x" * (LIMIT - 5)}), id="value"),
        pytest.param(ExecuteResponse({"x" * (LIMIT + 1): ""}), id="key"),
        pytest.param(ExecuteResponse(logs=["x" * LIMIT, "y"]), id="logs"),
    ],
)
def test_a_response_that_cannot_fit_is_not_encoded(response: ExecuteResponse) -> None:
    """The error states the size and the limit, and what to do."""
    with pytest.raises(
        execute_messages.InvalidResponseError,
        match=rf"at least {LIMIT + 1} bytes, and at most {LIMIT} ",
    ) as refusal:
        sent(response)
    assert "MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES" in str(refusal.value)


@pytest.mark.parametrize("codecs", [PROTOBUF, GOJSON], ids=["protobuf", "json"])
@pytest.mark.parametrize(
    "message",
    [
        pytest.param(wire.ExecuteResponse(result_json=b"x" * 7_500), id="result"),
        pytest.param(wire.ExecuteResponse(logs=["\x01" * 1_600]), id="escapes"),
        pytest.param(wire.ExecuteResponse(logs=[""] * 3_300), id="lines"),
    ],
)
def test_the_size_of_a_doubtful_response_is_that_of_its_encoding(
    message: wire.ExecuteResponse, codecs: CodecTable
) -> None:
    """Near the limit, the size in the response's own encoding decides."""
    encode = codecs.for_type(wire.ExecuteResponse).encode
    size = len(encode(message))
    execute_messages.require_size(message, encode, size)
    with pytest.raises(execute_messages.InvalidResponseError, match=f"at least {size} bytes"):
        execute_messages.require_size(message, encode, size - 1)


def test_a_small_response_is_not_written_twice() -> None:
    """A response is encoded to measure it only if its size is near the limit."""

    def encode(message: wire.ExecuteResponse) -> bytes:
        raise AssertionError("its size is not in doubt")

    response = ExecuteResponse({"a": "b"}, ["c"])
    execute_messages.response_to_wire(response, 0, max_bytes=LIMIT, encode=encode)
