"""Documented values and contract messages mean the same."""

from dataclasses import asdict
from unittest.mock import create_autospec

import pytest

from mirastack_sdk._core import translate
from mirastack_sdk._core.context import Context
from mirastack_sdk._core.declarations import Permission
from mirastack_sdk._core.engine_client import EngineClient
from mirastack_sdk._core.engine_types import KPI, BlastRadius, License, LicenseQuotas
from mirastack_sdk._core.execution import ExecuteRequest, ExecuteResponse, ExecutionMode
from mirastack_sdk._core.parameters import ParamsError
from mirastack_sdk._core.time_range import TimeRange
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.gojson_codec import CODECS as GOJSON
from mirastack_sdk._gen.protobuf_codec import CODECS as PROTOBUF
from mirastack_sdk._wire.codec import CodecTable

CLIENT: EngineClient = create_autospec(EngineClient, instance=True)
STAGES = ["observe", "operate", "deploy", "release", "plan", "build", "test", "code"]


def received(message: wire.ExecuteRequest) -> ExecuteRequest:
    return translate.execute_request(message, CLIENT, Context(execution_id="e-1"))


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
    """Authors tell a query without a range from one at the epoch."""
    assert received(wire.ExecuteRequest()).time_range is None


def test_a_parameter_named_action_does_not_hide_the_action() -> None:
    """`req.action` is what the engine asked for, `req.params` what the caller sent."""
    request = received(wire.ExecuteRequest(action_id="manage", params_json=b'{"action":"restart"}'))
    assert (request.action, request.params["action"]) == ("manage", "restart")


def test_an_action_in_the_parameters_alone_is_the_action() -> None:
    """A direct call may leave the id out."""
    assert received(wire.ExecuteRequest(params_json=b'{"action":"a"}')).action == "a"


def test_unreadable_parameters_are_refused() -> None:
    """The service answers the sentence."""
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
    """One of a newer engine is as good as none."""
    assert translate.execution_mode(wire.ExecutionMode.from_number(number)) is mode


def test_an_answer_is_sent_whole() -> None:
    """Output as a JSON object, logs in order, the time it took."""
    reply = translate.execute_reply(ExecuteResponse(output={"result": "[]"}, logs=["a", "b"]), 12)
    assert reply == wire.ExecuteResponse(
        success=True, result_json=b'{"result":"[]"}', duration_ms=12, logs=["a", "b"]
    )


def test_logs_alone_are_a_success() -> None:
    """Errors that are not fatal belong there."""
    reply = translate.execute_reply(ExecuteResponse(logs=["unknown action: x"]), 0)
    assert (reply.success, reply.result_json, reply.error) == (True, b"{}", "")


@pytest.mark.parametrize(
    ("response", "sentence"),
    [
        (None, "execute must return an ExecuteResponse, got NoneType"),
        ({"result": "x"}, "execute must return an ExecuteResponse, got dict"),
        (ExecuteResponse, "execute must return an ExecuteResponse, got type"),
    ],
)
def test_anything_but_a_response_is_refused(response: object, sentence: str) -> None:
    """The most frequent mistake, a forgotten return, has its sentence."""
    with pytest.raises(translate.InvalidResponseError) as refusal:
        translate.execute_reply(response, 0)
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
    """Authors without a type checker learn what to change."""
    response = ExecuteResponse()
    setattr(response, field, value)
    with pytest.raises(translate.InvalidResponseError) as refusal:
        translate.execute_reply(response, 0)
    assert str(refusal.value) == sentence


def test_all_that_is_wrong_with_a_response_is_told_at_once() -> None:
    """Output and logs in one sentence."""
    response = ExecuteResponse()
    setattr(response, "output", {"a": 1})  # noqa: B010 - a plain assignment does not type-check
    setattr(response, "logs", [2])  # noqa: B010 - a plain assignment does not type-check
    with pytest.raises(translate.InvalidResponseError, match=r"output\[.*; logs\["):
        translate.execute_reply(response, 0)


@pytest.mark.parametrize("codecs", [PROTOBUF, GOJSON], ids=["protobuf", "json"])
def test_undecodable_text_in_an_answer_can_be_sent(codecs: CodecTable) -> None:
    """Bytes smuggled in by a file name do not cost the whole answer, in either encoding."""
    codec = codecs.for_type(wire.ExecuteResponse)
    reply = translate.execute_reply(ExecuteResponse({"result": "\udc80"}, ["\udc80"]), 0)
    assert codec.decode(codec.encode(reply)).logs == ["\ufffd"]
    failed = translate.failed_reply("no file \udc80", 0)
    assert codec.decode(codec.encode(failed)).error == "no file \ufffd"


def test_a_failure_has_an_error_and_no_result() -> None:
    """The engine shows the error."""
    assert translate.failed_reply("backend returned HTTP 503", 7) == wire.ExecuteResponse(
        success=False, error="backend returned HTTP 503", duration_ms=7
    )


def test_a_time_range_goes_both_ways() -> None:
    """Calling another agent passes on what came."""
    value = TimeRange(-5, 2**62, "Europe/Berlin", "last 30 minutes")
    assert translate.time_range(translate.time_range_to_wire(value)) == value


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_has_its_number(permission: Permission) -> None:
    """The names agree."""
    assert translate.permission_to_wire(permission).name == permission.name


@pytest.mark.parametrize("stage", STAGES)
def test_every_documented_stage_has_its_number(stage: str) -> None:
    """The tags agree with the contract's names."""
    assert translate.stage_to_wire(stage).name.lower() == stage


def test_a_blast_radius_is_sent_whole() -> None:
    """A reviewer sees every field."""
    value = BlastRadius(
        resource_type="deployment",
        resources=["a", "b"],
        scope="cluster",
        reversible=True,
        estimated_count=2,
        regions=["eu"],
        summary="restarts two deployments",
    )
    message = translate.blast_radius_to_wire(value)
    assert {name: getattr(message, name) for name in asdict(value)} == asdict(value)


def test_an_indicator_is_read_whole() -> None:
    """Every field of the message arrives under its name."""
    values: dict[str, str] = {
        name: f"the {name}" for name, kind in KPI.__annotations__.items() if kind is str
    }
    message = wire.KPI(**values, created_at=1, updated_at=2)
    assert translate.kpi(message) == KPI(**values, created_at=1, updated_at=2)


def test_a_licence_is_read_whole() -> None:
    """With its quotas."""
    message = wire.LicenseContext(
        active=True,
        effective_tier="gold",
        issued_tier="platinum",
        grace_mode=True,
        expires_at=9,
        org_id="o",
        site_id="s",
        region="eu",
        region_kind="cloud",
        quotas=wire.LicenseQuotas(
            max_tenants=1, max_integration_types=-1, max_agentic_sessions_per_day=3
        ),
    )
    assert translate.license_snapshot(message) == License(
        active=True,
        effective_tier="gold",
        issued_tier="platinum",
        grace_mode=True,
        expires_at=9,
        org_id="o",
        site_id="s",
        region="eu",
        region_kind="cloud",
        quotas=LicenseQuotas(
            max_tenants=1, max_integration_types=-1, max_agentic_sessions_per_day=3
        ),
    )


def test_a_licence_without_quotas_has_none() -> None:
    """None is not zero."""
    assert translate.license_snapshot(wire.LicenseContext()).quotas is None
