"""An agent whose executions take as long as they are told to."""

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
    """Waits for a number of seconds and then cleans up for another, or waits until released."""

    def __init__(self) -> None:
        self._released = asyncio.Event()

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
        return PluginSchema(
            [
                Action("wait", "Wait.", {"seconds": number, "cleanup": number}),
                Action("hold", "Wait for a release.", {}),
                Action("release", "End all that wait for it.", {}),
            ]
        )

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        match req.action:
            case "release":
                self._released.set()
            case "hold":
                await self._released.wait()
            case _:
                await self._wait(req)
        return ExecuteResponse(output={"did": req.action})

    async def _wait(self, req: ExecuteRequest) -> None:
        try:
            await asyncio.sleep(float(req.params["seconds"]))
        finally:
            await asyncio.sleep(float(req.params.get("cleanup", "0")))


if __name__ == "__main__":
    serve(Slow())
