"""An agent with the actions that the tests of whole processes need."""

import asyncio
import contextlib
import json
import time

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


class Worker(MirastackPlugin):
    """Responds, waits, fails or blocks, depending on the action."""

    def __init__(self) -> None:
        self.gathered = 0
        self.all_here = asyncio.Event()
        self.config: dict[str, str] = {}

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="worker",
            version="1.0.0",
            description="Does what tests need.",
            permission=Permission.READ,
            devops_stages=["test"],
        )

    def schema(self) -> PluginSchema:
        number = {"number": ParamSchema("number")}
        return PluginSchema(
            [
                Action("answer", "Answer at once.", {}),
                Action("hold", "Tell the engine, then wait for a number of seconds.", number),
                Action("gather", "Wait until that number of calls are here.", number),
                Action(
                    "fail", "Raise an exception with the text.", {"text": ParamSchema("string")}
                ),
                Action("block", "Block the event loop for a number of seconds.", number),
                Action("ignore_cancellation", "Never end, not even when cancelled.", {}),
                Action("cache", "Write to the cache and read it again.", {}),
            ]
        )

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        number = float(req.params.get("number", "0"))
        match req.action:
            case "hold":
                await req.engine_client.publish_result(req.ctx, '"holding"')
                await asyncio.sleep(number)
            case "gather":
                self.gathered += 1
                if self.gathered >= number:
                    self.all_here.set()
                await self.all_here.wait()
            case "fail":
                raise RuntimeError(req.params["text"])
            case "block":
                time.sleep(number)  # noqa: ASYNC251 - the author's mistake that the log reports
            case "ignore_cancellation":
                await req.engine_client.publish_result(req.ctx, '"stubborn"')
                while True:
                    with contextlib.suppress(asyncio.CancelledError):
                        await asyncio.Event().wait()
            case "cache":
                await req.engine_client.cache_set(req.ctx, "worker:key", "kept", ttl=60)
                value = await req.engine_client.cache_get(req.ctx, "worker:key")
                return ExecuteResponse(output={"result": json.dumps(value)})
            case _:
                pass
        return ExecuteResponse(output={"result": json.dumps(req.params)})

    async def health_check(self) -> None:
        if "sick" in self.config:
            raise RuntimeError(self.config["sick"])

    async def config_updated(self, config: dict[str, str]) -> None:
        self.config = config


if __name__ == "__main__":
    serve(Worker())
