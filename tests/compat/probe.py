"""A published agent whose one action a test writes."""

from collections.abc import Awaitable, Callable

from mirastack_sdk.compat import (
    Action,
    ConfigParam,
    DevOpsStage,
    ExecuteRequest,
    ExecuteResponse,
    ParamSchema,
    Permission,
    Plugin,
    PluginInfo,
    PluginSchema,
)

type Run = Callable[["Probe", ExecuteRequest], Awaitable[ExecuteResponse]]


async def nothing(probe: "Probe", req: ExecuteRequest) -> ExecuteResponse:
    return ExecuteResponse()


class Probe(Plugin):
    """Runs what a test gives it; keeps the requests and configs that it got."""

    def __init__(self, run: Run = nothing) -> None:
        self._run = run
        self.requests: list[ExecuteRequest] = []
        self.configs: list[dict[str, str]] = []
        self.sick = ""

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="probe",
            version="1.0.0",
            description="Probe it.",
            permissions=[Permission.MODIFY],
            devops_stages=[DevOpsStage.OBSERVE],
            actions=[
                Action(
                    "run",
                    "Run it.",
                    Permission.MODIFY,
                    [DevOpsStage.OPERATE],
                    input_params=[ParamSchema("service", "string")],
                    output_params=[ParamSchema("result", "json", True)],
                )
            ],
            config_params=[
                ConfigParam("wait", "duration", default="5s", description="How long to wait.")
            ],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema(actions=self.info().actions)

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        self.requests.append(req)
        return await self._run(self, req)

    async def health_check(self) -> None:
        if self.sick:
            raise RuntimeError(self.sick)

    async def config_updated(self, config: dict[str, str]) -> None:
        self.configs.append(config)


def responding(response: ExecuteResponse) -> Run:
    async def run(probe: Probe, req: ExecuteRequest) -> ExecuteResponse:
        return response

    return run
