"""An agent with peers that share no code with it: google protobuf, grpcio, and plain JSON."""

import asyncio
import json

import grpc
import grpc.aio
import pytest

from mirastack_sdk import (
    BlastRadius,
    EngineError,
    ExecuteRequest,
)
from tests.e2e.grpcio_engine import (
    AGENT,
    GOOGLE,
    JSON_REPLIES,
    REPLIES,
    CallingAgent,
    GrpcioEngine,
    call,
)
from tests.e2e.in_process import served
from tests.e2e.raw_engine import Request, raw_engine
from tests.wire.raw_peer import RawPeer, frame


async def params_of(req: ExecuteRequest) -> str:
    return json.dumps(req.params, sort_keys=True)


@pytest.mark.contract(
    'From the documented API to the wire: health_check is healthy with "ok" unless it raises'
)
@pytest.mark.contract("Who calls whom: the engine calls Execute, HealthCheck and ConfigUpdated")
async def test_grpcio_calls_every_method() -> None:
    """An engine of grpcio and google protobuf understands all five methods, and is understood."""
    async with served(CallingAgent(params_of)) as port:
        info = await call(port, "Info")
        schema = await call(port, "GetSchema")
        executed = await call(
            port,
            "Execute",
            action_id="run",
            params_json=b'{"n": 9007199254740993}',
            time_range={"start_epoch_ms": -1, "end_epoch_ms": 2**62, "timezone": "UTC"},
        )
        health = await call(port, "HealthCheck")
        config = await call(port, "ConfigUpdated", config={"k": "v"}, version=2**40)
    assert getattr(info, "name") == "my_agent"  # noqa: B009 - google's classes are made at run time
    assert info.devops_stages == [8, 7]  # type: ignore[attr-defined] # as above
    (action,) = schema.actions  # type: ignore[attr-defined] # as above
    assert json.loads(action.input_params) == [
        {"name": "n", "type": "integer", "required": True, "description": "", "enum": ["1"]}
    ]
    result = json.loads(executed.result_json)  # type: ignore[attr-defined] # as above
    assert json.loads(result["result"]) == {"action": "run", "n": "9007199254740993"}
    assert executed.logs == ["ran"]  # type: ignore[attr-defined] # as above
    assert (health.healthy, health.message) == (True, "ok")  # type: ignore[attr-defined] # as above
    assert config.acknowledged  # type: ignore[attr-defined] # as above


@pytest.mark.contract("The messages: a provider's methods are UNIMPLEMENTED")
async def test_a_providers_method_is_unimplemented_for_grpcio() -> None:
    """Methods of language model providers are UNIMPLEMENTED."""
    async with (
        served(CallingAgent(params_of)) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        embed: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(AGENT + "Embed")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await embed(b"", timeout=20)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "Embed" in (caught.value.details() or "")


async def use_every_call(req: ExecuteRequest) -> str:
    """Call each method of the engine, and check the results."""
    client, ctx = req.engine_client, req.ctx
    assert await client.cache_get(ctx, "k") == "cached"
    assert await client.cache_get_batch(ctx, ["a", "b"]) == {"a": "1", "b": None}
    await client.cache_set(ctx, "k", "v", ttl=300)
    await client.publish_result(ctx, '{"part":1}')
    radius = BlastRadius(resource_type="pod", resources=["p1"], estimated_count=1)
    approval = await client.request_approval(ctx, "Restart?", blast_radius=radius, timeout=60)
    assert (approval.approved, approval.reviewer) == (True, "ada")
    await client.log_event(ctx, {"event": "my_agent.ran", "rows": "3", "level": "warning"})
    result = await client.call_plugin(ctx, "other", "act", {"x": "y"})
    assert result.output == {"result": "[1]"}
    (kpi,) = await client.list_kpis(ctx, kind="latency")
    assert kpi.created_at == 2**53 + 1
    one = await client.get_kpi(ctx, "k1")
    assert one is not None
    assert await client.get_config(ctx) == {"a": "b"}
    assert client.license is not None
    assert client.license.effective_tier == "pro"
    return "all called"


@pytest.mark.contract(
    "From the documented API to the wire: log_event is split into type, severity and data"
)
@pytest.mark.contract("Two encodings: the engine's encoding is found at registration, JSON first")
@pytest.mark.contract("Who calls whom: every request with a tenant_id carries the agent's tenant")
@pytest.mark.contract("Who calls whom: every call to the engine carries x-plugin-name")
@pytest.mark.contract("Calling other agents: the action is in the params and in action_id")
@pytest.mark.contract(
    "From the documented API to the wire: publish_result is PublishResult with success=true"
)
async def test_grpcio_engine_is_called_in_protobuf() -> None:
    """An agent detects that an engine of grpcio speaks protobuf, and every call is understood."""
    engine = GrpcioEngine(REPLIES)
    own = {"MIRASTACK_PLUGIN_TENANT_ID": (tenant := "t-1")}
    async with (
        engine.serving() as address,
        served(CallingAgent(use_every_call), engine=address, **own) as port,
    ):
        async with asyncio.timeout(20):
            await engine.registered.wait()
        reply = await call(
            port, "Execute", execution_id="e-1", step_id="s-1", action_id="run", tenant_id=tenant
        )
    assert (reply.success, reply.error) == (True, "")  # type: ignore[attr-defined] # google's classes are made at run time
    assert set(engine.asked) == set(REPLIES) - {"Heartbeat"}
    assert {one["x-plugin-name"] for one in engine.metadata.values()} == {"my_agent"}
    stamped = [one for one in engine.asked.values() if "tenant_id" in one.DESCRIPTOR.fields_by_name]
    assert len(stamped) == 11
    assert {getattr(one, "tenant_id") for one in stamped} == {tenant}  # noqa: B009 - as above
    published, called = engine.asked["PublishResult"], engine.asked["CallPlugin"]
    assert published.success  # type: ignore[attr-defined] # as above
    sent = json.loads(called.params_json)  # type: ignore[attr-defined] # as above
    assert sent == {"x": "y", "action": called.action_id}  # type: ignore[attr-defined] # as above
    assert engine.asked["RequestApproval"] == GOOGLE["RequestApprovalRequest"](
        execution_id="e-1",
        step_id="s-1",
        description="Restart?",
        required_permission=2,
        context_json=b"{}",
        timeout_seconds=60,
        tenant_id=tenant,
        blast_radius={"resource_type": "pod", "resources": ["p1"], "estimated_count": 1},
    )
    assert engine.asked["LogEvent"] == GOOGLE["LogEventRequest"](
        plugin_name="my_agent",
        event_type="my_agent.ran",
        data_json=b'{"rows":"3"}',
        severity="warning",
        tenant_id=tenant,
    )


async def test_json_engine_is_called_in_gos_dialect() -> None:
    """An engine that sends Go's JSON can read every call."""
    registered = asyncio.Event()

    def answer(request: Request) -> bytes:
        if request.method == "RegisterPlugin":
            registered.set()
        return JSON_REPLIES[request.method]

    async with (
        raw_engine(answer) as (engine, address),
        served(
            CallingAgent(use_every_call), engine=address, MIRASTACK_PLUGIN_TENANT_ID="t-1"
        ) as port,
    ):
        async with asyncio.timeout(20):
            await registered.wait()
        async with await RawPeer.connect(port) as peer:
            body = b'{"execution_id":"e-1","step_id":"s-1","action_id":"run","params_json":"e30="}'
            sent = peer.request(
                AGENT + "Execute", frame(body), content_type="application/grpc+json"
            )
            answered = await peer.answer(sent)
    assert answered.status == "0"
    reply = json.loads(answered.data[5:])
    assert (reply["success"], reply.get("error", "")) == (True, "")
    requests = {request.method: request for request in engine.requests}
    assert set(requests) == set(JSON_REPLIES) - {"Heartbeat"}
    for request in engine.requests:
        assert request.headers["content-type"] == "application/grpc+json"
        assert request.headers["x-plugin-name"] == "my_agent"
    assert requests["CacheSet"].json == {
        "key": "k",
        "value": "dg==",
        "ttl_seconds": 300,
        "tenant_id": "t-1",
    }
    register = requests["RegisterPlugin"].json
    assert isinstance(register, dict)
    assert (register["plugin_type"], register["grpc_addr"]) == (1, f"127.0.0.1:{port}")


async def test_a_reply_that_is_no_json_is_an_engine_error() -> None:
    """A response that is not JSON raises an `EngineError`."""

    async def ask(req: ExecuteRequest) -> str:
        with pytest.raises(EngineError) as caught:
            await req.engine_client.cache_get(None, "k")
        return caught.value.reason

    registered = asyncio.Event()

    def answer(request: Request) -> bytes:
        if request.method == "RegisterPlugin":
            registered.set()
            return JSON_REPLIES["RegisterPlugin"]
        return b'{"value":"not base64!"}' if request.method == "CacheGet" else b"{}"

    async with (
        raw_engine(answer) as (_, address),
        served(CallingAgent(ask), engine=address) as port,
    ):
        async with asyncio.timeout(20):
            await registered.wait()
        reply = await call(port, "Execute", action_id="run")
    assert json.loads(reply.result_json)["result"] == "invalid_reply"  # type: ignore[attr-defined] # google's classes are made at run time
