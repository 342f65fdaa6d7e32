"""Mistakes in how an agent is written: each marked line is wrong, and only those."""

from mirastack_sdk import serve
from mirastack_sdk.plugin import (
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
)


class Agent(MirastackPlugin):
    """An agent without mistakes, for the others to vary."""

    def info(self) -> PluginInfo:
        return PluginInfo("my_agent", "1.0.0", "An agent", Permission.READ, ["observe"])

    def schema(self) -> PluginSchema:
        return PluginSchema(actions=[])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse()


class InfoOfText(Agent):
    def info(self) -> str:  # error: override
        return "my_agent"


class AsynchronousSchema(Agent):
    async def schema(self) -> PluginSchema:  # error: override
        return PluginSchema(actions=[])


class ExecuteOfDictionary(Agent):
    async def execute(self, req: ExecuteRequest) -> dict[str, str]:  # error: override
        return {}


class ExecuteOfMore(Agent):
    async def execute(self, req: ExecuteRequest, retries: int) -> ExecuteResponse:  # error: override
        return ExecuteResponse()


class ExecuteOfParameters(Agent):
    async def execute(self, req: dict[str, str]) -> ExecuteResponse:  # error: override
        return ExecuteResponse()


class HealthOfBoolean(Agent):
    async def health_check(self) -> bool:  # error: override
        return True


class ConfigOfList(Agent):
    async def config_updated(self, config: list[str]) -> None:  # error: override
        return


class ConfigOfNothing(Agent):
    async def config_updated(self) -> None:  # error: override
        return


class AnswersText(Agent):
    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return "done"  # error: return-value


class AnswersNothing(Agent):
    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:  # error: return
        req.params.clear()


class WithoutExecute(MirastackPlugin):
    def info(self) -> PluginInfo:
        return PluginInfo("my_agent", "1.0.0", "An agent", Permission.READ, ["observe"])

    def schema(self) -> PluginSchema:
        return PluginSchema(actions=[])


WithoutExecute()  # error: abstract


def start() -> None:
    """Start agents, wrongly."""
    if bool(Agent.__doc__):
        serve()  # error: call-arg
    if bool(Agent.__doc__):
        serve(Agent)  # error: arg-type
    if bool(Agent.__doc__):
        serve("my_agent")  # error: arg-type
