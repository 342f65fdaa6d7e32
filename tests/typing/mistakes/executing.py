"""Mistakes while an action runs: each marked line is wrong, and only those."""

import json
from typing import assert_never

from mirastack_sdk.datetimeutils import format_epoch_seconds, format_rfc3339
from mirastack_sdk.engine import BlastRadius
from mirastack_sdk.plugin import ExecuteRequest, ExecuteResponse, Permission
from mirastack_sdk.testing import MockEngineClient, make_execute_request


def answer(text: str) -> ExecuteResponse:
    """Answer, wrongly."""
    ExecuteResponse(output=text)  # error: arg-type
    ExecuteResponse(output={"result": {"status": "ok"}})  # error: dict-item
    ExecuteResponse(logs="backend query failed")  # error: arg-type
    ExecuteResponse(logs=[ValueError("no rows")])  # error: list-item
    ExecuteResponse(result=text)  # error: call-arg
    return ExecuteResponse(output={"result": text})


def read(req: ExecuteRequest) -> None:
    """Read a request, wrongly."""
    limit: int = req.params["limit"]  # error: assignment
    print(req.params["limit"] + 1)  # error: operator
    print(req.parameters, limit)  # error: attr-defined
    print(req.time_range.start_epoch_ms)  # error: union-attr
    print(format_rfc3339(req.time_range))  # error: arg-type
    print(format_epoch_seconds(req.params["start"]))  # error: arg-type
    start: int = format_epoch_seconds(1774973400000)  # error: assignment
    print(start, req.ctx.user)  # error: attr-defined


async def call(req: ExecuteRequest) -> None:
    """Call the engine, wrongly."""
    engine, ctx = req.engine_client, req.ctx
    forgotten: str | None = engine.cache_get(ctx, "my_agent:key")  # error: assignment
    engine.publish_result(ctx, "{}")  # error: unused-coroutine
    value = await engine.cache_get(ctx, "my_agent:key")
    print(value.upper(), forgotten)  # error: union-attr
    await engine.cache_get(ctx)  # error: call-arg
    await engine.cache_get("my_agent", "key")  # error: arg-type
    await engine.cache_set(ctx, "my_agent:key", {"a": "b"})  # error: arg-type
    await engine.cache_set(ctx, "my_agent:key", "value", ttl="300")  # error: arg-type
    await engine.cache_delete(ctx, "my_agent:key")  # error: attr-defined
    await engine.log_event(ctx, "my_agent.query_executed")  # error: arg-type
    await engine.log_event(ctx, {"event": "my_agent.query_executed", "rows": 5})  # error: dict-item
    await engine.publish_result(ctx, {"rows": 5})  # error: arg-type
    approved: bool = await engine.request_approval(ctx, "Restart checkout")  # error: assignment
    await engine.request_approval(ctx, "Restart", permission="modify")  # error: arg-type
    await engine.request_approval(ctx, "Restart", blast_radius=["checkout"])  # error: arg-type
    print(json.loads(await engine.call_plugin(ctx, "metrics", "query")), approved)  # error: arg-type
    print((await engine.get_kpi(ctx, "latency")).name)  # error: union-attr
    print(engine.license.active)  # error: union-attr


def decide(permission: Permission) -> bool:
    """Match a permission, wrongly."""
    match permission:
        case Permission.READ:
            return True
        case Permission.MODIFY:
            return False
        case _:
            assert_never(permission)  # error: arg-type


def prepare() -> None:
    """Set up a test, wrongly."""
    make_execute_request(params=["limit"])  # error: arg-type
    make_execute_request(params={5: "limit"})  # error: dict-item
    make_execute_request(params={}, engine_client=MockEngineClient)  # error: arg-type
    MockEngineClient(cache=["my_agent:key"])  # error: arg-type
    BlastRadius(resources="checkout")  # error: arg-type
