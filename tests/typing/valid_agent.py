"""An agent without a mistake that touches the whole typed API: checked, never run."""

import json
from typing import assert_never, assert_type

from mirastack_sdk import serve, serve_async
from mirastack_sdk.datetimeutils import (
    format_epoch_seconds,
    format_in_timezone,
    format_lookback_millis,
    now_utc_ms,
)
from mirastack_sdk.engine import KPI, Approval, BlastRadius, License, PluginResult
from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import (
    Action,
    ConfigParam,
    Context,
    ExecuteRequest,
    ExecuteResponse,
    ExecutionMode,
    IntentPattern,
    MirastackPlugin,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    RoutingSemantics,
    TimeRange,
)
from mirastack_sdk.testing import MockEngineClient, make_execute_request

PHRASES = ["status of *", "how is *"]


class Restarter(MirastackPlugin):
    """Restarts services, with everything that an agent may declare."""

    def __init__(self, backend_url: str = "") -> None:
        self.backend_url = backend_url

    def info(self) -> PluginInfo:
        return PluginInfo(
            "restarter",
            "1.0.0",
            "Restarts services",
            Permission.MODIFY,
            ["operate", "deploy"],
            [IntentPattern("restart *", "restart", priority=5, description="A restart")],
            [PromptTemplate("restarted", "You have restarted a service.", description="After")],
            config_params=[ConfigParam("backend_url", "Where the backend is", secret=False)],
            metadata={"team": "platform"},
        )

    def schema(self) -> PluginSchema:
        service = ParamSchema("string", True, "Which service", "", ["checkout", "cart"])
        routing = RoutingSemantics(
            accepted_intent_domains=["service.restart"],
            capability_domain="service.lifecycle",
            positive_use_cases=["Restart a service that hangs"],
        )
        return PluginSchema(
            [
                Action("status", "Tell.", {"service": service}, intents=PHRASES),
                Action("list", "List.", {}, intents=[IntentPattern("list *", priority=9)]),
                Action("find", "Find.", {}, intents=["find *", IntentPattern("seek *")]),
                Action(
                    "restart",
                    "Restart a service.",
                    {"service": service},
                    {"restarted": ParamSchema("boolean")},
                    Permission.ADMIN,
                    ["bounce *"],
                    stages=["operate"],
                    routing_semantics=routing,
                ),
            ]
        )

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        assert_type(req.params, dict[str, str])
        assert_type(req.time_range, TimeRange | None)
        assert_type(req.ctx, Context)
        match req.action:
            case "restart":
                return await self.restart(req)
            case action:
                return ExecuteResponse(logs=[f"unknown action: {action}"])

    async def restart(self, req: ExecuteRequest) -> ExecuteResponse:
        """Ask, restart, tell."""
        engine, ctx = req.engine_client, req.ctx
        service = req.params.get("service", "")
        approval = await engine.request_approval(
            ctx,
            f"Restart {service}",
            permission=Permission.ADMIN,
            context={"service": service, "attempts": 1},
            blast_radius=BlastRadius(resource_type="service", resources=[service]),
            timeout=60,
        )
        assert_type(approval, Approval)
        if not approval.approved:
            return ExecuteResponse(logs=[f"refused by {approval.reviewer}: {approval.comment}"])
        try:
            result = await engine.call_plugin(ctx, "kubernetes", "restart", {"service": service})
        except EngineError as error:
            return ExecuteResponse(logs=[f"{error.reason}, again: {error.retryable}"])
        assert_type(result, PluginResult)
        await engine.log_event(ctx, {"event": "restarter.restarted", "service": service})
        await engine.publish_result(ctx, json.dumps({"restarted": service}))
        return ExecuteResponse({"result": json.dumps(result.output)}, [f"{result.duration_ms} ms"])

    async def remember(self, req: ExecuteRequest) -> None:
        """Read what the engine keeps."""
        engine, ctx = req.engine_client, req.ctx
        assert_type(await engine.cache_get(ctx, "restarter:last"), str | None)
        assert_type(await engine.cache_get_batch(None, ["a", "b"]), dict[str, str | None])
        await engine.cache_set(ctx, "restarter:last", "checkout", ttl=300)
        await engine.cache_set(ctx, "restarter:last", "checkout")
        assert_type(await engine.get_config(ctx), dict[str, str])
        assert_type(await engine.list_kpis(ctx, kind="impact", layer="service"), list[KPI])
        assert_type(await engine.get_kpi(ctx, "latency"), KPI | None)
        assert_type(engine.license, License | None)

    async def health_check(self) -> None:
        if not self.backend_url:
            raise RuntimeError("backend_url is not set")

    async def config_updated(self, config: dict[str, str]) -> None:
        self.backend_url = config.get("backend_url", self.backend_url)


class Blocking(MirastackPlugin):
    """An agent of plain methods, which run in threads."""

    def info(self) -> PluginInfo:
        return PluginInfo("blocking", "1.0.0", "Blocks", Permission.READ, ["observe"])

    def schema(self) -> PluginSchema:
        return PluginSchema(actions=[Action("wait", "Wait.", {})])

    def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse(logs=[explain(req.execution_mode)])

    def health_check(self) -> None:
        return


def explain(mode: ExecutionMode) -> str:
    """Match every member: `assert_never` proves that none is left."""
    match mode:
        case ExecutionMode.UNSPECIFIED:
            return "not said"
        case ExecutionMode.MANUAL | ExecutionMode.GUIDED:
            return "with a human"
        case ExecutionMode.AUTONOMOUS:
            return "alone"
        case never:
            assert_never(never)


def window(time_range: TimeRange | None) -> tuple[str, str, str]:
    """The documented pattern, with a fallback."""
    if time_range and time_range.start_epoch_ms > 0:
        start, end = time_range.start_epoch_ms, time_range.end_epoch_ms
        shown = format_in_timezone(end, time_range.timezone)
    else:
        start, end, shown = now_utc_ms() - 60_000, now_utc_ms(), "now"
    return format_epoch_seconds(start), format_lookback_millis(start, end), shown


async def test_restart() -> None:
    """A test as authors write them."""
    engine = MockEngineClient(cache={"restarter:last": "cart"}, config={"backend_url": "x"})
    req = make_execute_request(
        params={"action": "restart", "service": "checkout"}, engine_client=engine
    )
    assert_type(req, ExecuteRequest)
    response = await Restarter().execute(req)
    assert_type(response, ExecuteResponse)


async def run_in_a_loop() -> None:
    """Serve where a loop runs already."""
    await serve_async(Blocking())


if __name__ == "__main__":
    serve(Restarter())
