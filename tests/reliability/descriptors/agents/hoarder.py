"""An agent whose author's code uses up the descriptors of the process."""

import os
import resource

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


class Hoarder(MirastackPlugin):
    """Opens files until none is left, or closes them again."""

    def __init__(self) -> None:
        self._open: list[int] = []

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="hoarder",
            version="1.0.0",
            description="Opens files.",
            permission=Permission.READ,
            devops_stages=["test"],
        )

    def schema(self) -> PluginSchema:
        count = {"count": ParamSchema("number")}
        return PluginSchema(
            [Action("open", "Open files.", count), Action("close", "Close all.", {})]
        )

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        if req.action == "close":
            while self._open:
                os.close(self._open.pop())
            return ExecuteResponse(output={"open": "0"})
        try:
            for _ in range(int(req.params["count"])):
                self._open.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            return ExecuteResponse(output={"open": "all"})
        return ExecuteResponse(output={"open": str(len(self._open))})


if __name__ == "__main__":
    limit = int(os.environ["DESCRIPTORS"])
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    serve(Hoarder())
