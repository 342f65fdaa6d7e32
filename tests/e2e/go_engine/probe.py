"""An agent that declares everything an agent can declare, with an action that a test writes."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from mirastack_sdk import (
    Action,
    ConfigParam,
    ExecuteRequest,
    ExecuteResponse,
    IntentPattern,
    MirastackPlugin,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    RoutingSemantics,
)
from tests.e2e.go_engine.building import Program
from tests.e2e.go_engine.driver import GoEngine, Json, go_engine
from tests.e2e.in_process import served

type Run = Callable[[ExecuteRequest], Awaitable[Json]]


class Probe(MirastackPlugin):
    """Runs a function of the test, and returns its result; keeps the pushed config."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.config: dict[str, str] = {}
        self.has_config = asyncio.Event()

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="probe",
            version="1.0.0",
            description="Ünïcode & <html> \u2028 are text.",
            permission=Permission.MODIFY,
            devops_stages=["observe", "operate"],
            intent_patterns=[IntentPattern("probe *", "run", priority=7)],
            prompt_templates=[PromptTemplate("tell", "Tell {{it}}.", description="Tells.")],
            config_params=[ConfigParam("token", "A secret.", required=True, secret=True)],
            metadata={"team": "sre"},
        )

    def schema(self) -> PluginSchema:
        semantics = RoutingSemantics(["metrics.query"], "metrics.query", ["How is it?"])
        return PluginSchema(
            [
                Action(
                    "run",
                    "Run it.",
                    {"unit": ParamSchema("string", False, "The unit.", "s", ["s", "ms"])},
                    {"result": ParamSchema("object")},
                    permission=Permission.READ,
                    intents=["run it"],
                    stages=["test"],
                    routing_semantics=semantics,
                )
            ]
        )

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse(output={"result": json.dumps(await self._run(req))})

    async def health_check(self) -> None:
        if "sick" in self.config:
            raise RuntimeError(self.config["sick"])

    async def config_updated(self, config: dict[str, str]) -> None:
        if "refuse" in config:
            raise ValueError(config["refuse"])
        self.config = config
        self.has_config.set()


@asynccontextmanager
async def registered(
    program: Program, run: Run, *, encoding: str = "json", **environ: str
) -> AsyncIterator[tuple[GoEngine, Probe]]:
    """Run an engine, and a probe on the test's own loop that is registered with it.

    The probe has the config that the engine stores, so only a push changes it from then on.
    """
    probe = Probe(run)
    async with (
        go_engine(program, encoding=encoding) as engine,
        served(probe, engine=engine.address, **environ),
    ):
        await engine.happened("registered")
        async with asyncio.timeout(30):
            await probe.has_config.wait()
        yield engine, probe
