"""An agent whose calls succeed and fail in both directions, and that can block its loop."""

import threading

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


class Measured(MirastackPlugin):
    """Stores a value, calls an agent that is not there, waits, or blocks."""

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="measured",
            version="1.2.3",
            description="Is measured.",
            permission=Permission.READ,
            devops_stages=["test"],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema(
            [
                Action("store", "Store a value.", {}),
                Action("fail", "Call an agent that is not there.", {}),
                Action("block", "Block the event loop for ever.", {}),
            ]
        )

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        match req.action:
            case "store":
                await req.engine_client.cache_set(req.ctx, "measured:key", "value")
            case "fail":
                await req.engine_client.call_plugin(req.ctx, "nobody", "nothing", {})
            case _:
                threading.Event().wait()
        return ExecuteResponse(output={"result": "null"})


if __name__ == "__main__":
    serve(Measured())
