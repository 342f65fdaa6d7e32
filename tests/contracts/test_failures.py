"""The failures of every call of the engine."""

import time
from collections.abc import Awaitable, Callable

import pytest

from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import Context
from mirastack_sdk.testing._recorded_calls import EngineMethod
from tests.contracts.bench import AGENT, REASONS, Bench

KEY = f"{AGENT}:a"

type Call = Callable[[Bench, Context | None], Awaitable[object]]

CALLS: dict[EngineMethod, Call] = {
    "cache_get": lambda bench, ctx: bench.client.cache_get(ctx, KEY),
    "cache_get_batch": lambda bench, ctx: bench.client.cache_get_batch(ctx, [KEY]),
    "cache_set": lambda bench, ctx: bench.client.cache_set(ctx, KEY, "1"),
    "log_event": lambda bench, ctx: bench.client.log_event(ctx, {"event": "a"}),
    "publish_result": lambda bench, ctx: bench.client.publish_result(ctx, "{}"),
    "get_config": lambda bench, ctx: bench.client.get_config(ctx),
    "request_approval": lambda bench, ctx: bench.client.request_approval(ctx, "Restart"),
    "call_plugin": lambda bench, ctx: bench.client.call_plugin(ctx, "billing", "get"),
    "list_kpis": lambda bench, ctx: bench.client.list_kpis(ctx),
    "get_kpi": lambda bench, ctx: bench.client.get_kpi(ctx, "k1"),
}


@pytest.mark.parametrize("method", CALLS)
async def test_an_engine_that_fails_is_an_engine_error(bench: Bench, method: EngineMethod) -> None:
    """Every method raises `EngineError` with reason and status, and works again afterwards."""
    bench.script.answer_plugin("billing", "get", {})
    bench.script.answer_approvals(EngineError("later", reason="rejected"))
    bench.fail_next(method, "UNAVAILABLE")
    with pytest.raises(EngineError, match="ordered") as caught:
        await CALLS[method](bench, bench.ctx)
    assert (caught.value.reason, caught.value.retryable) == ("unavailable", True)
    assert caught.value.status == "UNAVAILABLE"
    if method != "request_approval":
        await CALLS[method](bench, bench.ctx)


@pytest.mark.parametrize("status", REASONS)
async def test_each_status_has_its_reason(bench: Bench, status: str) -> None:
    """`reason` and `retryable` distinguish failures for programs."""
    bench.fail_next("cache_get", status)
    with pytest.raises(EngineError) as caught:
        await bench.client.cache_get(bench.ctx, KEY)
    assert (caught.value.reason, caught.value.retryable) == REASONS[status]
    assert caught.value.status == status


@pytest.mark.parametrize("method", CALLS)
async def test_a_call_after_its_deadline_fails(bench: Bench, method: EngineMethod) -> None:
    """A call with a context whose deadline has passed has no effect; the error names the call."""
    late = Context(execution_id="e1", deadline=time.monotonic() - 1)
    with pytest.raises(EngineError) as caught:
        await CALLS[method](bench, late)
    assert (caught.value.reason, caught.value.retryable) == ("deadline_exceeded", True)
    name = "".join(map(str.capitalize, method.split("_"))).replace("Kpi", "KPI")
    assert str(caught.value).startswith(f"{name}: ")


async def test_a_failed_write_writes_nothing(bench: Bench) -> None:
    """A write that fails has no effect."""
    bench.fail_next("cache_set", "UNAVAILABLE")
    with pytest.raises(EngineError):
        await bench.client.cache_set(bench.ctx, KEY, "1")
    assert await bench.client.cache_get(bench.ctx, KEY) is None
