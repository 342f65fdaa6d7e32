"""An agent that makes spans of its own."""

import json
import sys

from mirastack_sdk import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
    serve,
)


class Traced(MirastackPlugin):
    """Traces a query, or returns what has been imported."""

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="traced",
            version="1.2.3",
            description="Makes spans.",
            permission=Permission.READ,
            devops_stages=["test"],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema(
            [
                Action("query", "Make a span and call the engine within it.", {}),
                Action("imported", "Tell whether OpenTelemetry has been imported.", {}),
            ]
        )

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        if req.action == "query":
            await self.query(req)
        return ExecuteResponse(output={"result": json.dumps("opentelemetry" in sys.modules)})

    async def query(self, req: ExecuteRequest) -> None:
        """Make a span; OpenTelemetry is imported only here, so that the other action can see it."""
        from opentelemetry import trace  # noqa: PLC0415 - as said above

        with trace.get_tracer("traced").start_as_current_span("backend query"):
            await req.engine_client.cache_set(req.ctx, "traced:key", "value")


if __name__ == "__main__":
    serve(Traced())
