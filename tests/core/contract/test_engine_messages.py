"""The messages of engine calls carry every field of the documented types."""

import pytest

from mirastack_sdk._core.contract import engine_messages
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.codec.encoding import Encoding


@pytest.mark.contract("The messages: optional messages may be absent")
def test_a_license_without_quotas_has_none() -> None:
    """Missing quotas are `None`, not zero."""
    assert engine_messages.license_snapshot(wire.LicenseContext()).quotas is None


CALL_JSON = (
    b'{"caller_plugin":"my_agent","target_plugin":"logs","action_id":"query",'
    b'"params_json":"eyJsaW1pdCI6IjUiLCJhY3Rpb24iOiJxdWVyeSJ9","timeout_seconds":5}'
)
CALL_PROTOBUF = (
    b'\x0a\x08my_agent\x12\x04logs\x1a\x05query\x22\x1e{"limit":"5","action":"query"}\x28\x05'
)


@pytest.mark.contract("Calling other agents: the action is in the params and in action_id")
@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("query", {"limit": "5"}),
        ("query", {"limit": "5", "action": "delete"}),
        ("", {"limit": "5", "action": "query"}),
    ],
    ids=["as action", "as action, which wins", "in the params"],
)
def test_a_call_names_its_action_twice(action: str, params: dict[str, str]) -> None:
    """The published SDKs' engines read it in the params, ours in `action_id`."""
    request = engine_messages.call_plugin_request(
        "my_agent", "logs", action, params, time_range=None, timeout=5, tenant_id=""
    )
    written = {
        encoding: CODECS[encoding].for_type(wire.CallPluginRequest).encode(request)
        for encoding in Encoding
    }
    assert written == {Encoding.JSON: CALL_JSON, Encoding.PROTOBUF: CALL_PROTOBUF}
