import aiohttp

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
    def __init__(self, backend_url):
        self.backend_url = backend_url

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="my_agent",
            version="1.0.0",
            description="Asks its backend how it is",
            permission=Permission.READ,
            devops_stages=["observe"],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema(actions=[Action("query", "Query the backend.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse()

    async def health_check(self) -> None:
        # Raises an exception if the backend is unhealthy.
        # Exception message is shown in `miractl agent health`.
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{self.backend_url}/health", timeout=aiohttp.ClientTimeout(total=5)) as resp:
                if resp.status != 200:
                    raise RuntimeError(f"backend returned HTTP {resp.status}")
