"""Agents whose executions are recorded, and what is in the files."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from mirastack_sdk import (
    Action,
    Agent,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
    Secret,
)
from mirastack_sdk.engine import KPI, Approval, EngineClient
from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import ConfigParam
from mirastack_sdk.testing import LocalEngine, RegisteredAgent
from tests.e2e.in_process import served

type Use = Callable[[LocalEngine, RegisteredAgent], Awaitable[object]]

TENANT = "tenant-1"


class Untyped(MirastackPlugin):
    """Runs a function of the test as its only action."""

    def __init__(self, run: Callable[[ExecuteRequest], object]) -> None:
        self._run = run
        self.config: dict[str, str] = {}

    def info(self) -> PluginInfo:
        params = [
            ConfigParam("limit", "A limit."),
            ConfigParam("backend_pin", "A PIN.", secret=True),
        ]
        return PluginInfo(
            "untyped", "1.2.3", "Runs", Permission.READ, ["observe"], config_params=params
        )

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("run", "Run what the test says.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        result = self._run(req)
        if isinstance(result, Awaitable):
            result = await result
        return ExecuteResponse(output={"result": json.dumps(result)})

    async def config_updated(self, config: dict[str, str]) -> None:
        self.config = config


class Blocking(Untyped):
    """Calls the engine from a thread, on a loop of its own."""

    def execute(self, req: ExecuteRequest) -> ExecuteResponse:  # type: ignore[override] # a plain method
        text = asyncio.run(req.engine_client.cache_get(req.ctx, "untyped:x"))
        return ExecuteResponse(output={"result": json.dumps(text)})


async def everything(service: str, engine: EngineClient) -> dict[str, object]:
    """Make every call of the engine. Use this when all of them are needed."""
    cached = await engine.cache_get(None, f"typed:{service}")
    await engine.cache_set(None, f"typed:{service}", json.dumps({"ö": [1, 2.5]}), ttl=60)
    batch = await engine.cache_get_batch(None, ["typed:a", f"typed:{service}"])
    await engine.log_event(None, {"event": "typed.ran", "service": service})
    await engine.publish_result(None, json.dumps({"progress": 0.5}))
    config = await engine.get_config(None)
    approval = await engine.request_approval(None, f"Restart {service}?")
    other = await engine.call_plugin(None, "other", "list", {"of": service})
    kpi = await engine.get_kpi(None, "kpi-1")
    kpis = await engine.list_kpis(None, kind="slo")
    try:
        await engine.call_plugin(None, "other", "fails")
        failure = ""
    except EngineError as error:
        failure = error.reason
    return {
        "cached": cached,
        "batch": batch,
        "config": config,
        "approved": approval.approved,
        "reviewer": approval.reviewer,
        "other": dict(other.output),
        "kpi": None if kpi is None else kpi.name,
        "kpis": [found.id for found in kpis],
        "failure": failure,
    }


def typed() -> Agent:
    """An agent that makes every call of the engine."""
    agent = Agent(
        name="typed",
        version="1.0.0",
        description="Calls the engine",
        permission=Permission.MODIFY,
        devops_stages=["operate"],
    )

    agent.action(everything)

    @agent.action
    async def log_in(user: str, pin: Secret[str], engine: EngineClient) -> str:
        """Log in. Use this when a session is needed."""
        await engine.cache_set(None, "typed:session", f"{user} has {pin.reveal()}")
        return f"logged in with {pin.reveal()}"

    return agent


async def record(
    plugin: MirastackPlugin,
    folder: Path,
    use: Use,
    *,
    config: Mapping[str, str] | None = None,
    **environ: str,
) -> list[dict[str, object]]:
    """Serve a plugin over real sockets while `use` calls it; returns what was recorded."""
    async with LocalEngine() as engine:
        engine.config = dict(config or {})
        variables = {
            "MIRASTACK_RECORD": str(folder),
            "MIRASTACK_PLUGIN_TENANT_ID": TENANT,
            **environ,
        }
        async with served(plugin, engine=engine.address, **variables):
            agent = await engine.wait_registered(plugin.info().name)
            await use(engine, agent)
    return [json.loads(path.read_text()) for path in recordings(folder)]


def recordings(folder: Path) -> list[Path]:
    """The files in the folder, the oldest first."""
    return sorted(folder.glob("*.json"))


def once(action: str, params: Mapping[str, object] | None = None) -> Use:
    """Call an action once."""

    async def use(_: LocalEngine, agent: RegisteredAgent) -> None:
        await agent.execute(action, params)

    return use


def calls(form: dict[str, object]) -> list[dict[str, object]]:
    """The recorded calls of the engine."""
    found = form["calls"]
    assert isinstance(found, list)
    return found


def script(engine: LocalEngine) -> None:
    """Script the answers that `typed` needs."""
    engine.answer_approvals(Approval(approved=True, reviewer="Zoë"))
    engine.answer_plugin("other", "list", {"result": '["a"]'})
    engine.answer_plugin("other", "fails", EngineError("no", reason="plugin_failed"))
    engine.kpis = [KPI(id="kpi-1", name="Orders", kind="slo")]
