"""An agent that tells which config it has, for tests of several replicas."""

import asyncio
import json
import os

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


class Replica(MirastackPlugin):
    """Keeps the config that it is given."""

    def __init__(self) -> None:
        self.config: dict[str, str] = {}
        self.changed = asyncio.Condition()

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="replica",
            version="1.0.0",
            description="Has a config.",
            permission=Permission.READ,
            devops_stages=["test"],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema(
            [
                Action("show", "Return the config.", {}),
                Action("who", "Return the id of the process.", {}),
                Action("wait_for", "Wait for a config.", {"config": ParamSchema("object")}),
                Action("hold", "Tell the engine, then wait.", {"seconds": ParamSchema("number")}),
            ]
        )

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        match req.action:
            case "wait_for":
                wanted = json.loads(req.params["config"])
                async with self.changed:
                    await self.changed.wait_for(lambda: self.config == wanted)
            case "hold":
                await req.engine_client.publish_result(req.ctx, '"holding"')
                await asyncio.sleep(float(req.params["seconds"]))
            case "who":
                return ExecuteResponse(output={"result": json.dumps(os.getpid())})
            case _:
                pass
        return ExecuteResponse(output={"result": json.dumps(self.config)})

    async def config_updated(self, config: dict[str, str]) -> None:
        async with self.changed:
            self.config = config
            self.changed.notify_all()


if __name__ == "__main__":
    serve(Replica())
