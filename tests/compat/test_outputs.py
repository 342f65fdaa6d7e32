"""What published agents answer, as the engine reads it."""

import json

import pytest

from mirastack_sdk._gen.messages import ExecuteRequest as ExecuteMessage
from mirastack_sdk.compat import (
    ExecuteResponse,
    PluginAdapter,
    respond_error,
    respond_json,
    respond_map,
    respond_raw,
)
from mirastack_sdk.compat._translation import documented_response
from mirastack_sdk.testing import Encoding, LocalEngine, agent_client
from tests.compat.probe import Probe, responding
from tests.e2e.in_process import served

OUTPUTS: dict[str, tuple[ExecuteResponse, bytes]] = {
    "a map": (respond_map({"a": 1, "b": ["x", True, None]}), b'{"a": 1, "b": ["x", true, null]}'),
    "a list": (respond_json([1, 2.5, "x"]), b'[1, 2.5, "x"]'),
    "null": (respond_json(None), b"null"),
    "an error": (respond_error("no \u2013 set it"), b'{"error": "no \\u2013 set it"}'),
    "bytes": (respond_raw(b'{"a":1}'), b'{"a":1}'),
    "a dict": (ExecuteResponse(output={"a": 1, "b": "ü"}), b'{"a": 1, "b": "\\u00fc"}'),
    "text": (ExecuteResponse(output="x"), b'"x"'),
    "a number": (ExecuteResponse(output=3), b"3"),
    "nothing": (ExecuteResponse(), b"{}"),
    "none": (ExecuteResponse(output=None), b"{}"),
    "empty text": (ExecuteResponse(output=""), b"{}"),
    "zero": (ExecuteResponse(output=0), b"{}"),
}


@pytest.mark.contract("What reaches the language model: result_json may be any JSON")
@pytest.mark.contract("What reaches the language model: the platform's response helpers")
@pytest.mark.parametrize("encoding", Encoding, ids=lambda encoding: encoding.value)
@pytest.mark.parametrize("case", OUTPUTS)
async def test_outputs_are_the_published_bytes(case: str, encoding: Encoding) -> None:
    """Bytes go out as they are, other values as Python's default JSON text, nothing as {}."""
    response, expected = OUTPUTS[case]
    async with (
        LocalEngine(encodings=[encoding]) as engine,
        served(PluginAdapter(Probe(responding(response))), engine=engine.address),
    ):
        agent = await engine.wait_registered("probe")
        reply = await agent.stub().execute(ExecuteMessage(action_id="run"))
    assert reply.success
    assert reply.result_json == expected


@pytest.mark.contract(
    "What reaches the language model: logs stand in result_json, unless the output has that key"
)
async def test_logs_stand_beside_the_result() -> None:
    """Logs that are set on a finished response reach the model, as the published agents do it."""
    failed = respond_error("no rows")
    failed.logs = ["ERROR: no rows"]
    bare = ExecuteResponse(logs=["backend query failed"])
    for response, expected in (
        (failed, {"error": "no rows", "logs": ["ERROR: no rows"]}),
        (bare, {"error": "backend query failed", "logs": ["backend query failed"]}),
    ):
        async with (
            LocalEngine() as engine,
            served(PluginAdapter(Probe(responding(response))), engine=engine.address),
        ):
            agent = await engine.wait_registered("probe")
            reply = await agent.stub().execute(ExecuteMessage(action_id="run"))
        assert json.loads(reply.result_json) == expected


URL = "http://victoria.internal:8428/api/v1/query"
REPORTS: dict[str, tuple[ExecuteResponse, bytes]] = {
    "an address": (
        respond_error(f"404 Not Found for url '{URL}'"),
        b'{"error": "404 Not Found for url [address]"}',
    ),
    "an address and data": (
        respond_map({"error": f"no response from {URL}", "tried": [URL]}),
        b'{"error": "no response from [address]", "tried": ["%s"]}' % URL.encode(),
    ),
    "a dict": (
        ExecuteResponse(output={"error": "cannot read /etc/agent/tls.key"}),
        b'{"error": "cannot read [path]"}',
    ),
    "bytes of another encoder": (
        respond_raw(b' {"error":"token=abcdef123456 was refused"}'),
        b'{"error": "token=[secret] was refused"}',
    ),
    "a harmless text": (respond_raw(b'{"error":"no rows"}'), b'{"error":"no rows"}'),
    "data": (
        respond_raw(b'{"rows":[{"error":"%s"}]}' % URL.encode()),
        b'{"rows":[{"error":"%s"}]}' % URL.encode(),
    ),
    "no text": (
        respond_raw(b'{"error":{"url":"%s"}}' % URL.encode()),
        b'{"error":{"url":"%s"}}' % URL.encode(),
    ),
}


@pytest.mark.parametrize("case", REPORTS)
async def test_an_error_in_a_result_is_cleaned_like_an_exception(case: str) -> None:
    """The text under `error` loses addresses, paths and credentials; data stays as it is."""
    response, expected = REPORTS[case]
    async with agent_client(PluginAdapter(Probe(responding(response)))) as agent:
        reply = await agent.stub().execute(ExecuteMessage(action_id="run"))
    assert reply.success
    assert reply.result_json == expected


async def test_the_log_keeps_what_an_error_loses(caplog: pytest.LogCaptureFixture) -> None:
    """Operators read the whole text in the agent's log."""
    async with agent_client(PluginAdapter(Probe(responding(respond_error(URL))))) as agent:
        await agent.execute("run")
    assert f"the result reports an error: {URL}" in caplog.messages


def test_a_broken_report_is_left_to_the_checks_of_results() -> None:
    """Bytes that only begin like a report pass unchanged."""
    for broken in (b'{"error": "', b'{"error": "\xff"}', b'{"error": "a"} b'):
        assert documented_response(respond_raw(broken)).result_json == broken
