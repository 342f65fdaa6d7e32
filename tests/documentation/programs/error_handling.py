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


class BackendError(Exception):
    pass


class Backend:
    async def query(self):
        raise BackendError("too many series")


class MyPlugin(MirastackPlugin):
    def __init__(self, client=None):
        self.client = client

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="my_agent",
            version="1.0.0",
            description="Fails in both documented ways",
            permission=Permission.READ,
            devops_stages=["observe"],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema(actions=[Action("query", "Query the backend.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        # Correct: fatal infrastructure error
        if not self.client:
            raise RuntimeError("backend client not initialised — check MY_BACKEND_URL")
        try:
            await self.client.query()
        # Correct: non-fatal backend error
        except BackendError as e:
            return ExecuteResponse(logs=[f"backend query failed: {e}"])
        return ExecuteResponse()


if __name__ == "__main__":
    serve(MyPlugin())
