"""The source text of agents that the tests of the command line load."""

TYPED = '''
from mirastack_sdk import Agent, Permission

agent = Agent(
    name="typed_agent",
    version="1.0.0",
    description="Adds numbers",
    permission=Permission.READ,
    devops_stages=["observe"],
)


@agent.action
async def add(a: int, b: int = 1) -> int:
    """Add two numbers. Use this when a sum is needed."""
    return a + b
'''

PLUGIN = """
from mirastack_sdk.plugin import (
    Action, ExecuteRequest, ExecuteResponse, MirastackPlugin, Permission, PluginInfo, PluginSchema,
)


class MyPlugin(MirastackPlugin):
    def __init__(self, name: str = "my_plugin") -> None:
        self.name = name

    def info(self) -> PluginInfo:
        return PluginInfo(self.name, "1.0.0", "Says hello", Permission.READ, ["observe"])

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("hello", "Say hello to somebody.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse(output={"result": "hello"})
"""

PUBLISHED = """
from mirastack_sdk.compat import (
    Action, DevOpsStage, ExecuteRequest, ExecuteResponse, Permission, Plugin, PluginInfo,
    PluginSchema, respond_map, serve,
)

ACTION = Action(
    id="ping", description="Ping the backend.", permission=Permission.READ,
    stages=[DevOpsStage.OBSERVE],
)


class Published(Plugin):
    def info(self) -> PluginInfo:
        return PluginInfo(
            name="published_agent", version="1.0.0", description="Pings",
            permissions=[Permission.READ], devops_stages=[DevOpsStage.OBSERVE], actions=[ACTION],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema(actions=[ACTION])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return respond_map({"pong": True})


if __name__ == "__main__":
    serve(Published())
"""
