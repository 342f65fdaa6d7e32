"""Queries metrics, in the style of the agents that are published."""

import os
from typing import Any

from client import MetricsClient
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
from mirastack_sdk.compat.datetimeutils import format_epoch_seconds
from mirastack_sdk.compat.plugin import TimeRange
from output import enrich_output


def _action(name: str, description: str, intents: list[str], params: list[ParamSchema]) -> Action:
    return Action(
        id=name,
        description=description,
        permission=Permission.READ,
        stages=[DevOpsStage.OBSERVE],
        intents=[
            IntentPattern(pattern=pattern, priority=10 - place)
            for place, pattern in enumerate(intents)
        ],
        input_params=params,
        output_params=[
            ParamSchema(name="result", type="json", required=True, description="The answer")
        ],
    )


def _param(name: str, description: str, *, required: bool = False) -> ParamSchema:
    return ParamSchema(name=name, type="string", required=required, description=description)


class QueryMetricsPlugin(Plugin):
    """Queries a backend with the API of Prometheus."""

    def __init__(self) -> None:
        self._client: MetricsClient | None = None
        url = os.environ.get("MIRASTACK_METRICS_URL", "")
        if url:
            self._client = MetricsClient(url)

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="query_metrics",
            version="0.2.0",
            description="Query metrics with PromQL: values, ranges, labels, series, metadata.",
            permissions=[Permission.READ],
            devops_stages=[DevOpsStage.OBSERVE],
            intents=[
                IntentPattern(pattern="query metrics", priority=10),
                IntentPattern(pattern="show the cpu usage", priority=8),
                IntentPattern(pattern="metrics over a range of time", priority=7),
                IntentPattern(pattern="list metric labels", priority=6),
            ],
            actions=[
                _action(
                    "instant_query",
                    "Run a PromQL query at one moment. Use it for current values.",
                    ["query metrics", "current value of a metric", "run promql"],
                    [_param("query", "PromQL expression", required=True)],
                ),
                _action(
                    "range_query",
                    "Run a PromQL query over a time range. Use it for trends.",
                    ["metrics over time", "graph a metric", "metric trend"],
                    [
                        _param("query", "PromQL expression", required=True),
                        _param("start", "Start, in epoch seconds"),
                        _param("end", "End, in epoch seconds"),
                        _param("step", "Resolution, such as 1m"),
                    ],
                ),
                _action(
                    "label_names",
                    "List the names of all labels.",
                    ["list label names", "which labels exist", "metric labels"],
                    [],
                ),
                _action(
                    "label_values",
                    "List the values of one label.",
                    ["values of a label", "list label values", "which values exist"],
                    [_param("label", "The label's name", required=True)],
                ),
                _action(
                    "series",
                    "Find the series that match selectors.",
                    ["find series", "which series exist", "match series"],
                    [
                        _param("match", "Selectors, with commas between them", required=True),
                        _param("start", "Start, in epoch seconds"),
                        _param("end", "End, in epoch seconds"),
                    ],
                ),
                _action(
                    "metadata",
                    "Describe metrics: their type, unit and help text.",
                    ["describe a metric", "metric metadata", "what does this metric mean"],
                    [_param("metric", "Only this metric")],
                ),
            ],
            prompt_templates=[
                PromptTemplate(
                    name="metrics_analysis",
                    description="How to read metrics",
                    content="You analyse metrics. Name anomalies, trends and their causes.",
                )
            ],
            config_params=[
                ConfigParam(
                    key="metrics_url",
                    type="string",
                    required=True,
                    description="The URL of the metrics backend",
                )
            ],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema(actions=self.info().actions)

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        if self._client is None:
            response = respond_error("metrics backend not configured")
            response.logs = ["ERROR: metrics backend not configured"]
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
        await self._pull_config()
        if self._client is None:
            raise RuntimeError("metrics backend not configured: set metrics_url")
        await self._client.get_list("labels")

    async def config_updated(self, config: dict[str, str]) -> None:
        await self._apply_config(config)

    async def _pull_config(self) -> None:
        ctx = getattr(self, "_engine_context", None)
        if ctx is None:
            return
        try:
            await self._apply_config(await ctx.get_config())
        except Exception:
            pass

    async def _apply_config(self, config: dict[str, str]) -> None:
        url = config.get("metrics_url", "")
        if not url:
            return
        if self._client is not None:
            await self._client.close()
        self._client = MetricsClient(url)

    async def _dispatch(self, action: str, params: dict[str, str], tr: TimeRange | None) -> Any:
        client = self._client
        assert client is not None
        if action == "instant_query":
            at = {}
            if tr and tr.end_epoch_ms > 0:
                at["time"] = format_epoch_seconds(tr.end_epoch_ms)
            return await client.get("query", query=params["query"], **at)
        if action == "range_query":
            start, end = self._window(params, tr)
            return await client.get(
                "query_range", query=params["query"], start=start, end=end, step=params["step"]
            )
        if action == "label_names":
            return await client.get_list("labels")
        if action == "label_values":
            return await client.get_list(f"label/{params['label']}/values")
        if action == "series":
            start, end = self._window(params, tr)
            selectors = [part.strip() for part in params["match"].split(",")]
            return await client.get("series", start=start, end=end, **{"match[]": selectors})
        if action == "metadata":
            metric = params.get("metric", "")
            return await client.get("metadata", **({"metric": metric} if metric else {}))
        raise ValueError(f"unknown action: {action}")

    def _window(self, params: dict[str, str], tr: TimeRange | None) -> tuple[str, str]:
        if tr and tr.start_epoch_ms > 0:
            return format_epoch_seconds(tr.start_epoch_ms), format_epoch_seconds(tr.end_epoch_ms)
        return params["start"], params["end"]


def main() -> None:
    """Serve the agent."""
    serve(QueryMetricsPlugin())


if __name__ == "__main__":
    main()
