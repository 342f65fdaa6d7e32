import json

from mirastack_sdk import serve
from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
)


class MyPlugin(MirastackPlugin):
    def info(self) -> PluginInfo:
        return PluginInfo(
            name="my_agent",
            version="1.0.0",
            description="Makes the documented engine calls",
            permission=Permission.READ,
            devops_stages=["observe"],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema(actions=[Action("call_engine", "Make every documented call.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        ctx = req.ctx
        json_string = json.dumps(["checkout", "cart"])
        partial_json_string = json.dumps({"rows": 1250})

        # Read from cache
        value: str | None = await req.engine_client.cache_get(ctx, "my_agent:key")
        # Write to cache with TTL in seconds (0 = no expiry)
        await req.engine_client.cache_set(ctx, "my_agent:key", json_string, ttl=300)

        await req.engine_client.log_event(ctx, {
            "event": "my_agent.query_executed",
            "message": "Query completed successfully",
            "rows": "1250",
        })

        await req.engine_client.publish_result(ctx, partial_json_string)

        return ExecuteResponse(output={"result": json.dumps({"cached_before": value})})


if __name__ == "__main__":
    serve(MyPlugin())
