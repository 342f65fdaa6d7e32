"""Queries traces, in the style of the agents that are published."""

import json
import os
from typing import Any

from client import TracesClient
from mirastack_sdk.compat import (
    Action,
    ConfigParam,
    DevOpsStage,
    ExecuteRequest,
    ExecuteResponse,
    IntentPattern,
    ParamSchema,
    Permission,
    Plugin,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    respond_error,
    respond_map,
    serve,
)
from mirastack_sdk.compat.datetimeutils import (
    format_epoch_micros,
    format_epoch_millis,
    format_lookback_millis,
)
from mirastack_sdk.compat.plugin import TimeRange
from output import enrich_output

_INTENTS = {
    "search": ["find traces", "slow requests", "search traces"],
    "trace_by_id": ["show a trace", "get trace by id", "open a trace"],
    "services": ["list services", "which services are traced", "traced services"],
    "operations": ["list operations", "operations of a service", "endpoints of a service"],
    "dependencies": ["service dependencies", "service map", "which service calls which"],
}
_DESCRIPTIONS = {
    "search": "Search traces by service, operation, duration and tags.",
    "trace_by_id": "Get one trace with all its spans.",
    "services": "List the services that send traces.",
    "operations": "List the operations of a service.",
    "dependencies": "List which service calls which, and how often.",
}
_PARAMS = {
    "search": [
        ParamSchema(name=name, type="string", description=f"The {name} to search for")
        for name in (
            "service",
            "operation",
            "start",
            "end",
            "limit",
            "min_duration",
            "max_duration",
            "tags",
        )
    ],
    "trace_by_id": [ParamSchema(name="trace_id", type="string", required=True)],
    "services": [],
    "operations": [ParamSchema(name="service", type="string", required=True)],
    "dependencies": [ParamSchema(name="end", type="string")],
}


class QueryTracesPlugin(Plugin):
    """Queries a backend with the API of Jaeger."""

    def __init__(self) -> None:
        self._client: TracesClient | None = None
        url = os.environ.get("MIRASTACK_TRACES_URL", "")
        if url:
            self._client = TracesClient(url)

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="query_traces",
            version="0.2.0",
            description="Query distributed traces: search, services, dependencies.",
            permissions=[Permission.READ],
            devops_stages=[DevOpsStage.OBSERVE],
            intents=[
                IntentPattern(pattern="find traces", priority=10),
                IntentPattern(pattern="slow requests", priority=9),
                IntentPattern(pattern="service map", priority=6),
            ],
            actions=[
                Action(
                    id=name,
                    description=_DESCRIPTIONS[name],
                    stages=[DevOpsStage.OBSERVE],
                    intents=[
                        IntentPattern(pattern=pattern, priority=10 - place)
                        for place, pattern in enumerate(patterns)
                    ],
                    input_params=_PARAMS[name],
                    output_params=[ParamSchema(name="result", type="json", required=True)],
                )
                for name, patterns in _INTENTS.items()
            ],
            prompt_templates=[
                PromptTemplate(name="traces_analysis", content="You analyse traces.")
            ],
            config_params=[
                ConfigParam(
                    key="traces_url", required=True, description="The URL of the traces backend"
                )
            ],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema(actions=self.info().actions)

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        if self._client is None:
            response = respond_error("traces backend not configured")
            response.logs = ["ERROR: traces backend not configured"]
            return response
        action = req.action_id or req.params.get("action", "")
        try:
            result = await self._dispatch(action, req.params, req.time_range)
            return respond_map(enrich_output(action, result))
        except Exception as e:
            response = respond_error(str(e))
            response.logs = [f"ERROR: {e}"]
            return response

    async def health_check(self) -> None:
        ctx = getattr(self, "_engine_context", None)
        if ctx is not None:
            try:
                await self.config_updated(await ctx.get_config())
            except Exception:
                pass
        if self._client is None:
            raise RuntimeError("traces backend not configured: set traces_url")
        await self._client.data("services")

    async def config_updated(self, config: dict[str, str]) -> None:
        url = config.get("traces_url", "")
        if not url:
            return
        if self._client is not None:
            await self._client.close()
        self._client = TracesClient(url)

    async def _dispatch(self, action: str, params: dict[str, str], tr: TimeRange | None) -> Any:
        client = self._client
        assert client is not None
        if action == "search":
            return await client.data("traces", self._search(params, tr))
        if action == "trace_by_id":
            return await client.data(f"traces/{params['trace_id']}")
        if action == "services":
            return await client.data("services")
        if action == "operations":
            return await client.data(f"services/{params['service']}/operations")
        if action == "dependencies":
            query = {}
            if tr and tr.end_epoch_ms > 0:
                query["endTs"] = format_epoch_millis(tr.end_epoch_ms)
                query["lookback"] = format_lookback_millis(tr.start_epoch_ms, tr.end_epoch_ms)
            return await client.data("dependencies", query)
        raise ValueError(f"unknown action: {action}")

    def _search(self, params: dict[str, str], tr: TimeRange | None) -> dict[str, str]:
        query = {"service": params.get("service", ""), "limit": str(int(params.get("limit", 20)))}
        if tr and tr.start_epoch_ms > 0:
            query["start"] = format_epoch_micros(tr.start_epoch_ms)
            query["end"] = format_epoch_micros(tr.end_epoch_ms)
        else:
            query |= {name: params[name] for name in ("start", "end") if params.get(name)}
        if params.get("tags"):
            query["tags"] = json.dumps(json.loads(params["tags"]))
        return query


def main() -> None:
    """Serve the agent."""
    serve(QueryTracesPlugin())


if __name__ == "__main__":
    main()
