"""Queries logs, in the style of the agents that are published."""

import os
from typing import Any

from client import LogsClient
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
from mirastack_sdk.compat.datetimeutils import format_rfc3339
from mirastack_sdk.compat.plugin import TimeRange
from output import enrich_output

RESULT = [ParamSchema(name="result", type="json", required=True, description="The answer")]


class QueryLogsPlugin(Plugin):
    """Queries a backend with LogsQL."""

    def __init__(self) -> None:
        self._client: LogsClient | None = None
        url = os.environ.get("MIRASTACK_LOGS_URL", "")
        if url:
            self._client = LogsClient(url)

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="query_logs",
            version="0.2.0",
            description="Query logs with LogsQL: entries, statistics, fields.",
            permissions=[Permission.READ],
            devops_stages=[DevOpsStage.OBSERVE],
            intents=[
                IntentPattern("search logs", "Search log entries", 10),
                IntentPattern("show errors in the logs", "Find errors", 9),
                IntentPattern("count log entries", "Statistics", 8),
                IntentPattern("list log fields", "", 5),
            ],
            actions=[
                Action(
                    id="query",
                    description="Search log entries with LogsQL.",
                    permission=Permission.READ,
                    stages=[DevOpsStage.OBSERVE],
                    intents=[
                        IntentPattern("search logs", "Search log entries", 10),
                        IntentPattern("find log lines", "", 9),
                        IntentPattern("query logs", "", 8),
                    ],
                    input_params=[
                        ParamSchema("logsql", "string", True, "LogsQL expression"),
                        ParamSchema("start", "string", False, "Start"),
                        ParamSchema("end", "string", False, "End"),
                        ParamSchema("limit", "string", False, "At most so many entries"),
                    ],
                    output_params=RESULT,
                ),
                Action(
                    id="tail",
                    description="Get the newest log entries.",
                    permission=Permission.READ,
                    stages=[DevOpsStage.OBSERVE],
                    intents=[IntentPattern("newest log lines", "", 10)],
                    input_params=[
                        ParamSchema("logsql", "string", True, "LogsQL expression"),
                        ParamSchema("limit", "string", False, "At most so many entries"),
                    ],
                    output_params=RESULT,
                ),
                Action(
                    id="stats",
                    description="Count log entries with a LogsQL stats pipe.",
                    permission=Permission.READ,
                    stages=[DevOpsStage.OBSERVE],
                    intents=[IntentPattern("log statistics", "", 10)],
                    input_params=[
                        ParamSchema("logsql", "string", True, "LogsQL expression"),
                        ParamSchema("start", "string", False, "Start"),
                        ParamSchema("end", "string", False, "End"),
                    ],
                    output_params=RESULT,
                ),
                Action(
                    id="field_names",
                    description="List the names of the fields that log entries have.",
                    permission=Permission.READ,
                    stages=[DevOpsStage.OBSERVE],
                    intents=[IntentPattern("which log fields exist", "", 10)],
                    output_params=RESULT,
                ),
                Action(
                    id="field_values",
                    description="List the values of one field of log entries.",
                    permission=Permission.READ,
                    stages=[DevOpsStage.OBSERVE],
                    intents=[IntentPattern("values of a log field", "", 10)],
                    input_params=[
                        ParamSchema("field", "string", True, "The field's name"),
                        ParamSchema("limit", "string", False, "At most so many values"),
                    ],
                    output_params=RESULT,
                ),
            ],
            prompt_templates=[PromptTemplate("logs_analysis", "", "You analyse logs.")],
            config_params=[
                ConfigParam("logs_url", "string", True, "", "The URL of the logs backend")
            ],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema(actions=self.info().actions)

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        if self._client is None:
            response = respond_error("logs backend not configured")
            response.logs = ["ERROR: logs backend not configured"]
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
            raise RuntimeError("logs backend not configured: set logs_url")
        await self._client.values("field_names", query="*")

    async def config_updated(self, config: dict[str, str]) -> None:
        url = config.get("logs_url", "")
        if not url:
            return
        if self._client is not None:
            await self._client.close()
        self._client = LogsClient(url)

    async def _dispatch(self, action: str, params: dict[str, str], tr: TimeRange | None) -> Any:
        client = self._client
        assert client is not None
        limit = int(params.get("limit") or "100")
        if action == "query":
            window = self._window(params, tr)
            return await client.lines("query", query=params["logsql"], limit=str(limit), **window)
        if action == "tail":
            return await client.lines("tail", query=params["logsql"], limit=str(limit))
        if action == "stats":
            return await client.object(
                "stats_query", query=params["logsql"], **self._window(params, tr)
            )
        if action == "field_names":
            return await client.values("field_names", query="*")
        if action == "field_values":
            return await client.values(
                "field_values", query="*", field=params["field"], limit=str(limit)
            )
        raise ValueError(f"unknown action: {action}")

    def _window(self, params: dict[str, str], tr: TimeRange | None) -> dict[str, str]:
        if tr and tr.start_epoch_ms > 0:
            return {
                "start": format_rfc3339(tr.start_epoch_ms),
                "end": format_rfc3339(tr.end_epoch_ms),
            }
        given = {name: params.get(name, "").strip() for name in ("start", "end")}
        return {name: value for name, value in given.items() if value not in ("", "-", "+")}


def main() -> None:
    """Serve the agent."""
    serve(QueryLogsPlugin())


if __name__ == "__main__":
    main()
