"""The messages between an agent and an engine of grpc-go, in both directions."""

import json
from dataclasses import asdict

import pytest

from mirastack_sdk import BlastRadius, EngineError, ExecuteRequest
from tests.e2e.go_engine.building import Program, built
from tests.e2e.go_engine.card import INFO, SCHEMA
from tests.e2e.go_engine.driver import Fields, Json, go_bytes, json_of
from tests.e2e.go_engine.probe import registered

BIG = 2**53 + 1
ENCODINGS = pytest.mark.parametrize("encoding", ["json", "proto"])


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return built(tmp_path_factory.getbasetemp())


async def nothing(req: ExecuteRequest) -> Json:
    return None


async def everything(req: ExecuteRequest) -> Json:
    """Return everything that an author sees of a request."""
    return {
        "params": dict[str, Json](req.params),
        "action": req.action,
        "mode": req.execution_mode.value,
        "time_range": None if req.time_range is None else dict[str, Json](asdict(req.time_range)),
        "execution_id": req.ctx.execution_id,
        "step_id": req.ctx.step_id,
        "workflow_id": req.ctx.workflow_id,
        "tenant_id": req.ctx.tenant_id,
        "values": dict[str, Json](req.ctx.values),
        "x-note": req.ctx.metadata.get("x-note"),
    }


@pytest.mark.contract("Who calls whom: every call to the engine carries x-plugin-name")
@pytest.mark.contract("The messages: instance_id and type AGENT are those of the registration")
@pytest.mark.contract("Who calls whom: the engine dials back before it answers")
@ENCODINGS
async def test_an_engine_dials_back_and_reads_all_that_is_declared(
    program: Program, encoding: str
) -> None:
    """While RegisterPlugin is open, the engine reads the agent's declarations in its encoding."""
    tenant = "t-1"
    async with registered(
        program, nothing, encoding=encoding, MIRASTACK_PLUGIN_TENANT_ID=tenant
    ) as (engine, _):
        agent = (await engine.happened("registered")).agent
        register = await engine.happened("called", "RegisterPlugin")
    assert agent["request"] == register.request
    assert register.request.items() >= {"name": "probe", "plugin_type": 1}.items()
    assert register.request["tenant_id"] == tenant
    assert register.metadata["x-plugin-name"] == "probe"
    assert register.metadata["content-type"].removesuffix("+proto") == (
        "application/grpc+json" if encoding == "json" else "application/grpc"
    )
    assert agent["info"] == {**INFO, "instance_id": register.request["instance_id"]}
    assert agent["schema"] == SCHEMA
    assert agent["health"] == {"healthy": True, "message": "ok", "details": None}


TIME_RANGE: Fields = {
    "start_epoch_ms": -1,
    "end_epoch_ms": BIG,
    "timezone": "Europe/Zürich",
    "original_expression": "last <5> minutes",
}
PARAMS: Fields = {"n": BIG, "html": "<a href='x'>&\u2028</a>", "text": "Zoë 😀", "none": None}
REQUEST: Fields = {
    "execution_id": "e-1",
    "step_id": "s-1",
    "action_id": "run",
    "params_json": go_bytes(PARAMS),
    "execution_mode": 3,
    "context": {"key & <k>": "ü"},
    "time_range": TIME_RANGE,
    "tenant_id": "",
    "workflow_id": "w-1",
}


@pytest.mark.parametrize(
    "options",
    [{}, {"sparse": True}, {"subtype": "proto"}],
    ids=["every field", "zero values left out", "protobuf"],
)
async def test_an_execution_there_and_back(program: Program, options: Fields) -> None:
    """Escaped text, large integers and unset fields arrive unchanged."""
    async with registered(program, everything) as (engine, _):
        outcome = await engine.call("Execute", REQUEST, metadata={"x-note": "noted"}, **options)
    assert (outcome.code, outcome.reply["success"], outcome.reply["error"]) == ("OK", True, "")
    assert outcome.result == {
        "params": {**PARAMS, "n": str(BIG), "none": "", "action": "run"},
        "action": "run",
        "mode": "autonomous",
        "time_range": TIME_RANGE,
        "execution_id": "e-1",
        "step_id": "s-1",
        "workflow_id": "w-1",
        "tenant_id": "",
        "values": {"key & <k>": "ü"},
        "x-note": "noted",
    }


@pytest.mark.contract("Two encodings: a null or missing message is not set")
@pytest.mark.contract("Two encodings: null or missing lists and maps are empty")
@pytest.mark.parametrize("sparse", [False, True], ids=["nulls", "an empty object"])
async def test_an_execution_with_nothing_set(program: Program, sparse: bool) -> None:
    """Go's `null` for nil slices, maps and pointers is read as a missing field."""
    async with registered(program, everything) as (engine, _):
        outcome = await engine.call("Execute", {}, sparse=sparse)
    result = outcome.result
    assert isinstance(result, dict)
    assert (result["params"], result["values"], result["time_range"]) == ({}, {}, None)
    assert result["mode"] == "unspecified"


@pytest.mark.contract("Two encodings: params_json that is not an object is success=false")
async def test_parameters_that_are_no_object(program: Program) -> None:
    """The execution fails; the call succeeds."""
    async with registered(program, nothing) as (engine, _):
        outcome = await engine.call("Execute", {"params_json": go_bytes([1])})
    assert (outcome.code, outcome.reply["success"]) == ("OK", False)
    assert outcome.reply["error"] == "params_json must be a JSON object, got an array"


async def use_every_call(req: ExecuteRequest) -> Json:
    """Call each method of the engine, and check Go's responses."""
    client, ctx = req.engine_client, req.ctx
    if "echo" in req.params:
        return req.params["echo"]
    value = "<é> \u2028 & " + "x" * 100_000
    await client.cache_set(ctx, "k", value, ttl=300)
    await client.cache_set(ctx, "empty", "")
    assert await client.cache_get(ctx, "k") == value
    assert await client.cache_get(ctx, "other") is None
    asked = ["other", "k", "empty"]
    assert await client.cache_get_batch(ctx, asked) == {"other": None, "k": value, "empty": ""}
    assert await client.cache_get_batch(ctx, []) == {}
    await client.publish_result(ctx, '{"part":1}')
    radius = BlastRadius(resource_type="pod", resources=["<p>"], estimated_count=2)
    approval = await client.request_approval(
        ctx, "Restart?", context={"why": "ü"}, blast_radius=radius, timeout=60
    )
    assert (approval.approved, approval.reviewer) == (True, "Åsa")
    assert approval.comment == "go ahead & <restart>"
    await client.log_event(ctx, {"event": "probe.ran", "rows": "3", "level": "warning"})
    result = await client.call_plugin(ctx, "probe", "run", {"echo": "<ü>"})
    assert json.loads(result.output["result"]) == "<ü>"
    with pytest.raises(EngineError, match="no agent nobody"):
        await client.call_plugin(ctx, "nobody", "run")
    (kpi,) = await client.list_kpis(ctx, kind="latency")
    assert (kpi.id, kpi.created_at) == ("k-1", BIG)
    assert await client.list_kpis(ctx) == []
    one = await client.get_kpi(ctx, "k-1")
    assert one is not None
    assert one.updated_at == -1
    assert await client.get_kpi(ctx, "k-2") is None
    assert await client.get_config(ctx) == {"plugin": "probe"}
    assert client.license is not None
    assert (client.license.expires_at, client.license.org_id) == (BIG, "Zoë & <Söhne>")
    assert client.license.quotas is not None
    assert client.license.quotas.max_tenants == -1
    return "all called"


@pytest.mark.contract(
    "From the documented API to the wire: log_event is split into type, severity and data"
)
@pytest.mark.contract("Who calls whom: every request with a tenant_id carries the agent's tenant")
@pytest.mark.contract("Who calls whom: every call to the engine carries x-plugin-name")
@pytest.mark.contract("Who calls whom: during an Execute the agent calls the engine")
@ENCODINGS
async def test_every_call_of_the_engine(program: Program, encoding: str) -> None:
    """Go knows every field of each request, and the agent every field of each response."""
    async with registered(
        program, use_every_call, encoding=encoding, MIRASTACK_PLUGIN_TENANT_ID="t-1"
    ) as (engine, _):
        outcome = await engine.call(
            "Execute",
            {"execution_id": "e-1", "step_id": "s-1", "tenant_id": "t-1", "time_range": TIME_RANGE},
        )
        assert outcome.reply["error"] == ""
        assert outcome.result == "all called"
        calls = engine.all_of("called")
    requests = {call.method: call.request for call in reversed(calls)}
    assert len(requests) == 11
    assert {call.metadata["x-plugin-name"] for call in calls} == {"probe"}
    stamped = [call.request["tenant_id"] for call in calls if "tenant_id" in call.request]
    assert set(stamped) == {"t-1"}
    assert requests["RequestApproval"] == {
        "execution_id": "e-1",
        "step_id": "s-1",
        "description": "Restart?",
        "required_permission": 2,
        "context_json": requests["RequestApproval"]["context_json"],
        "timeout_seconds": 60,
        "tenant_id": "t-1",
        "blast_radius": {
            "resource_type": "pod",
            "resources": ["<p>"],
            "scope": "",
            "reversible": False,
            "estimated_count": 2,
            "regions": None,
            "summary": "",
        },
    }
    assert json_of(requests["RequestApproval"]["context_json"]) == {"why": "ü"}
    assert json_of(requests["LogEvent"]["data_json"]) == {"rows": "3"}
    assert json_of(requests["PublishResult"]["result_json"]) == {"part": 1}
    assert requests["CallPlugin"]["time_range"] == TIME_RANGE


@pytest.mark.contract(
    "From the documented API to the wire: an exception from config_updated is acknowledged=false"
)
@pytest.mark.contract(
    "From the documented API to the wire: an exception from health_check is healthy=false"
)
async def test_health_and_configuration(program: Program) -> None:
    """A pushed config arrives, and the response contains what the author raised."""
    async with registered(program, nothing) as (engine, probe):
        pushed = await engine.call("ConfigUpdated", {"config": {"sick": "Ü & <x>"}, "version": BIG})
        assert probe.config == {"sick": "Ü & <x>"}
        health = await engine.call("HealthCheck")
        refused = await engine.call("ConfigUpdated", {"config": {"refuse": "never"}})
        nothing_set = await engine.call("ConfigUpdated")
        assert probe.config == {}
    assert pushed.reply == {"acknowledged": True, "error": ""}
    assert health.reply == {"healthy": False, "message": "Ü & <x>", "details": None}
    assert refused.reply == {"acknowledged": False, "error": "never"}
    assert nothing_set.reply == {"acknowledged": True, "error": ""}
