"""An agent that no engine would accept."""

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


class Wrong(MirastackPlugin):
    """Breaks several rules at once."""

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="",
            version="1.0.0",
            description="Has no name.",
            permission=Permission.READ,
            devops_stages=["cooking"],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("Get-Status", "", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse()


if __name__ == "__main__":
    serve(Wrong())
