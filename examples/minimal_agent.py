import asyncio
import json
import os

from mirastack_sdk import serve
from mirastack_sdk.plugin import (
    MirastackPlugin, PluginInfo, PluginSchema, Action, ParamSchema,
    ExecuteRequest, ExecuteResponse, Permission
)
from mirastack_sdk.datetimeutils import format_rfc3339


class MyPlugin(MirastackPlugin):
    def __init__(self):
        self.backend_url = os.environ.get("MY_BACKEND_URL", "")

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="my_agent",
            version="1.0.0",
            description="A minimal example agent",
            permission=Permission.READ,
            devops_stages=["observe"],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema(actions=[
            Action(
                name="get_status",
                description=(
                    "Get the current operational status of a named service. "
                    "Use this when you need to know if a service is healthy."
                ),
                input_params={
                    "service": ParamSchema(type="string", required=True,
                                           description="Service name to check"),
                },
            )
        ])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        action = req.params.get("action", "")
        if action != "get_status":
            return ExecuteResponse(logs=[f"unknown action: {action}"])
        service = req.params.get("service", "")
        result = {"service": service, "status": "ok"}
        if req.time_range:
            result["queried_at"] = format_rfc3339(req.time_range.end_epoch_ms)
        return ExecuteResponse(output={"result": json.dumps(result)})

    async def health_check(self) -> None:
        pass # Add real backend ping here

    async def config_updated(self, config: dict) -> None:
        if "backend_url" in config:
            self.backend_url = config["backend_url"]


def main():
    # MIRASTACK_ENGINE_ADDR is read by the SDK automatically.
    serve(MyPlugin())


if __name__ == "__main__":
    main()
