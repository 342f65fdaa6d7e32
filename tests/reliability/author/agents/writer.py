"""An agent that uses the standard descriptors as C libraries and child processes do."""

import asyncio
import json
import os
import stat

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


class Writer(MirastackPlugin):
    """Writes to the descriptors 1 and 2, and starts a process that uses 0, 1 and 2."""

    def info(self) -> PluginInfo:
        return PluginInfo("writer", "1.0.0", "Writes to descriptors.", Permission.READ, ["test"])

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("write", "Use the standard descriptors.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        others = [number for number in (0, 1, 2) if not stat.S_ISCHR(os.fstat(number).st_mode)]
        child = await asyncio.create_subprocess_exec("sh", "-c", "echo x && echo x >&2 && cat")
        result = {
            "not_a_device": others,
            "written": os.write(1, b"x") + os.write(2, b"x"),
            "child": await child.wait(),
        }
        return ExecuteResponse(output={"result": json.dumps(result)})


if __name__ == "__main__":
    serve(Writer())
