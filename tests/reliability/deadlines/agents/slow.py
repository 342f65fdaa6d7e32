"""An agent with an action that takes as long as it is told to."""

import asyncio

from mirastack_sdk import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
    serve,
)


class Slow(MirastackPlugin):
    """Waits for a number of seconds, and cleans up for as many as it is told to."""

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="slow",
            version="1.0.0",
            description="Takes its time.",
            permission=Permission.READ,
            devops_stages=["test"],
        )

    def schema(self) -> PluginSchema:
        number = ParamSchema("number")
        return PluginSchema([Action("wait", "Wait.", {"seconds": number, "cleanup": number})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        try:
            await asyncio.sleep(float(req.params["seconds"]))
        finally:
            await asyncio.sleep(float(req.params.get("cleanup", "0")))
        return ExecuteResponse(output={"waited": req.params["seconds"]})


if __name__ == "__main__":
    serve(Slow())
