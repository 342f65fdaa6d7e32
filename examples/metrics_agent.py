"""An agent for metrics: queries a backend that speaks Prometheus's HTTP API.

METRICS_BACKEND_URL says where the backend is, unless an operator configures another.
"""

import json
import os
from collections.abc import Mapping

import aiohttp

from mirastack_sdk import serve
from mirastack_sdk.datetimeutils import format_epoch_seconds, now_utc_ms
from mirastack_sdk.plugin import (
    Action,
    ConfigParam,
    ExecuteRequest,
    ExecuteResponse,
    IntentPattern,
    MirastackPlugin,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    TimeRange,
)

HOUR_MS = 3_600_000
NAMES_KEY = "metrics_agent:names"
NAMES_TTL = 300

QUERY = ParamSchema("string", description="A PromQL expression, such as sum(rate(errors[5m]))")


class BackendError(Exception):
    """The backend answered, but not with what was asked: the query is at fault, not the agent."""


class MetricsAgent(MirastackPlugin):
    """Reads metrics; changes nothing."""

    def __init__(self, backend_url: str = "") -> None:
        self.backend_url = backend_url

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="metrics_agent",
            version="1.0.0",
            description="Queries metrics from a Prometheus-compatible backend",
            permission=Permission.READ,
            devops_stages=["observe"],
            intent_patterns=[
                IntentPattern(pattern="query metrics for *", action="range_query"),
                IntentPattern(pattern="what are the error rates for *", action="range_query"),
            ],
            prompt_templates=[
                PromptTemplate(
                    name="metrics_analysis",
                    content="Name anomalies, trends and likely causes in these time series.",
                )
            ],
            config_params=[ConfigParam("backend_url", "The backend's base URL")],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema(
            actions=[
                Action(
                    name="range_query",
                    description=(
                        "Evaluate a PromQL expression over a time range and return the series. "
                        "Use this for trends, error rates and comparisons over time."
                    ),
                    input_params={
                        "query": QUERY,
                        "step": ParamSchema("string", required=False, default="60s"),
                    },
                ),
                Action(
                    name="instant_query",
                    description="Evaluate a PromQL expression now and return one value a series.",
                    input_params={"query": QUERY},
                ),
                Action(
                    name="list_metrics",
                    description="List the names of metrics, those with a prefix if one is given.",
                    input_params={"prefix": ParamSchema("string", required=False)},
                ),
            ]
        )

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        try:
            match req.action:
                case "range_query":
                    result = await self._range_query(req.params, req.time_range)
                case "instant_query":
                    result = await self._get("query", {"query": req.params.get("query", "")})
                case "list_metrics":
                    result = await self._list_metrics(req)
                case action:
                    return ExecuteResponse(logs=[f"unknown action: {action}"])
        except BackendError as error:
            return ExecuteResponse(logs=[f"backend query failed: {error}"])
        return ExecuteResponse(output={"result": json.dumps(result)})

    async def health_check(self) -> None:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
            session.get(self._url("health")) as response,
        ):
            if response.status != 200:
                raise RuntimeError(f"backend returned HTTP {response.status}")

    async def config_updated(self, config: dict[str, str]) -> None:
        self.backend_url = config.get("backend_url", self.backend_url)

    async def _range_query(self, params: Mapping[str, str], tr: TimeRange | None) -> object:
        if tr and tr.start_epoch_ms > 0:
            start, end = tr.start_epoch_ms, tr.end_epoch_ms
        else:
            end = now_utc_ms()
            start = end - HOUR_MS
        query = {
            "query": params.get("query", ""),
            "step": params.get("step") or "60s",
            "start": format_epoch_seconds(start),
            "end": format_epoch_seconds(end),
        }
        return await self._get("query_range", query)

    async def _list_metrics(self, req: ExecuteRequest) -> list[str]:
        """The names, which change so rarely that the engine's cache keeps them."""
        cached = await req.engine_client.cache_get(req.ctx, NAMES_KEY)
        if cached is None:
            names = await self._get("label/__name__/values", {})
            cached = json.dumps(names)
            await req.engine_client.cache_set(req.ctx, NAMES_KEY, cached, ttl=NAMES_TTL)
        prefix = req.params.get("prefix", "")
        return [name for name in json.loads(cached) if name.startswith(prefix)]

    async def _get(self, path: str, query: Mapping[str, str]) -> object:
        """Ask the backend; an unreachable one is an exception, a refused query a BackendError."""
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session,
            session.get(self._url(f"api/v1/{path}"), params=query) as response,
        ):
            answer: object = await response.json()
        match answer:
            case {"status": "success", "data": data}:
                return data
            case {"error": str(error)}:
                raise BackendError(error)
            case _:
                raise BackendError(f"HTTP {response.status}")

    def _url(self, path: str) -> str:
        if not self.backend_url:
            raise RuntimeError("the backend is not configured: set METRICS_BACKEND_URL")
        return f"{self.backend_url}/{path}"


def main() -> None:
    """Serve until the process is told to stop."""
    serve(MetricsAgent(os.environ.get("METRICS_BACKEND_URL", "")))


if __name__ == "__main__":
    main()
