"""Published agents as the runtime sees them: declarations, requests, responses, engine."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from mirastack_sdk import ExecutionMode as OurMode
from mirastack_sdk import License, MockEngineClient, make_execute_request
from mirastack_sdk import TimeRange as OurTimeRange
from mirastack_sdk import plugin as ours
from mirastack_sdk.compat import (
    EngineContext,
    ExecuteRequest,
    ExecuteResponse,
    ExecutionMode,
    LicenseContext,
    Plugin,
    PluginAdapter,
    PluginInfo,
    TimeRange,
    respond_map,
    serve,
)
from mirastack_sdk.testing import LocalEngine
from tests.compat.probe import Probe, responding
from tests.e2e.in_process import served


@pytest.mark.parametrize("given", [Probe, object()])
def test_what_is_no_plugin_is_not_served(given: Plugin, capsys: pytest.CaptureFixture[str]) -> None:
    """A class, and anything else, ends the process with status 1 and a sentence."""
    with pytest.raises(SystemExit) as caught:
        serve(given)
    assert caught.value.code == 1
    assert "needs an instance of a mirastack_sdk.compat.Plugin, got" in capsys.readouterr().err


def test_an_exception_names_the_authors_class(capsys: pytest.CaptureFixture[str]) -> None:
    """What info() raises is reported with the author's class, not with the adapter's."""

    class Broken(Probe):
        def info(self) -> PluginInfo:
            raise OSError("no templates")

    with pytest.raises(SystemExit):
        serve(Broken(), max_workers=4)
    assert "Broken.info() raised OSError: no templates" in capsys.readouterr().err


async def test_a_request_has_the_published_fields() -> None:
    """Ids, params, mode, time range and tenant arrive; the action is `action_id`."""
    probe = Probe()
    ctx = ours.Context(execution_id="e-1", workflow_id="w-1", step_id="s-1", tenant_id="t-1")
    request = make_execute_request(
        {"service": "checkout", "limit": 3},
        action="run",
        ctx=ctx,
        time_range=OurTimeRange(1, 2, "UTC", "now"),
        execution_mode=OurMode.MANUAL,
    )
    await PluginAdapter(probe).execute(request)
    assert probe.requests == [
        ExecuteRequest(
            execution_id="e-1",
            workflow_id="w-1",
            step_id="s-1",
            action_id="run",
            params={"service": "checkout", "limit": "3", "action": "run"},
            mode=ExecutionMode.MANUAL,
            time_range=TimeRange(1, 2, "UTC", "now"),
            tenant_id="t-1",
        )
    ]
    unspecified = make_execute_request(execution_mode=OurMode.UNSPECIFIED)
    await PluginAdapter(probe).execute(unspecified)
    assert probe.requests[1].mode is ExecutionMode.GUIDED
    assert probe.requests[1].time_range is None


type Hook = Callable[[EngineContext], Awaitable[None] | None]


class Hooked(Probe):
    """Has the hook that the published readme shows."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[EngineContext] = []

    def set_engine_context(self, ctx: EngineContext) -> None:
        self.given.append(ctx)


class AsyncHooked(Hooked):
    """Has it as a coroutine."""

    async def set_engine_context(self, ctx: EngineContext) -> None:  # type: ignore[override] # on purpose
        self.given.append(ctx)


@pytest.mark.parametrize("cls", [Hooked, AsyncHooked])
async def test_the_engine_context_is_there_before_the_port(cls: type[Hooked]) -> None:
    """The attribute is set and the hook called, once each, before the agent listens."""
    agent = cls()
    async with (
        LocalEngine() as engine,
        served(PluginAdapter(agent), engine=engine.address, MIRASTACK_PLUGIN_TENANT_SLUG="acme"),
    ):
        assert agent.given == [agent._engine_context]
        assert agent._engine_context.tenant_id == "824a1531-d24a-549c-8003-23b0f2d206cd"
        await engine.wait_registered("probe")
        engine.store_config("probe", {"wait": "1m"})
        assert await agent._engine_context.get_config() == {"wait": "1m"}
    assert len(agent.given) == 1


async def test_without_an_engine_there_is_no_context() -> None:
    """Without MIRASTACK_ENGINE_ADDR the attribute is not set, as agents expect."""
    agent = Hooked()
    async with served(PluginAdapter(agent)):
        assert not hasattr(agent, "_engine_context")
        assert not hasattr(agent, "_engine_license_context")
    assert agent.given == []


async def test_the_license_is_there_after_the_first_answer() -> None:
    """The attribute holds the last license that the engine sent, and none before."""
    agent = Probe()
    engine = MockEngineClient()
    adapter = PluginAdapter(agent, engine_client=engine)
    await adapter.health_check()
    assert not hasattr(agent, "_engine_license_context")
    engine.license = License(active=True, effective_tier="pro", expires_at=7)
    await adapter.health_check()
    known = agent._engine_license_context  # noqa: SLF001 - where agents look
    assert known == LicenseContext(active=True, effective_tier="pro", expires_at=7)


async def test_configs_arrive() -> None:
    """What the engine stores arrives after the registration, a push arrives, a refusal is told."""
    agent = Probe()
    async with LocalEngine() as engine:
        engine.store_config("probe", {"wait": "5s"})
        async with served(PluginAdapter(agent), engine=engine.address):
            registered = await engine.wait_registered("probe")
            await registered.execute("run")
            assert agent.configs == [{"wait": "5s"}]
            assert (await registered.push_config({"wait": "9s"})).acknowledged
            assert agent.configs[-1] == {"wait": "9s"}
            agent.sick = "no backend"
            health = await registered.health()
    assert (health.healthy, health.message) == (False, "no backend")


async def test_executions_run_at_once() -> None:
    """Executions of one agent overlap: one that waits holds up nobody."""
    both = asyncio.Barrier(2)

    async def meet(probe: Probe, req: ExecuteRequest) -> ExecuteResponse:
        await both.wait()
        return respond_map({"met": True})

    async with (
        LocalEngine() as engine,
        served(PluginAdapter(Probe(meet)), engine=engine.address),
    ):
        agent = await engine.wait_registered("probe")
        first, second = await asyncio.gather(agent.execute("run"), agent.execute("run"))
    assert first.output == second.output == {"met": "true"}


@pytest.mark.contract(
    "From the documented API to the wire: an exception from execute is success=false, and is logged"
)
async def test_an_exception_fails_the_execution() -> None:
    """What execute raises is a failed execution with a clean text, not a gRPC error."""

    async def fail(probe: Probe, req: ExecuteRequest) -> ExecuteResponse:
        raise RuntimeError("cannot reach http://admin:secret@10.0.0.1/api")

    async with LocalEngine() as engine, served(PluginAdapter(Probe(fail)), engine=engine.address):
        agent = await engine.wait_registered("probe")
        result = await agent.execute("run")
        assert not result.success
        assert "cannot reach" in result.error
        assert "secret" not in result.error


@pytest.mark.parametrize(
    "output", [datetime.now(UTC), {"at": datetime.now(UTC)}, b"not json", b"\xff"]
)
async def test_outputs_that_are_not_json_fail_the_execution(output: object) -> None:
    """They fail the execution with a sentence, and the agent serves on."""
    agent = Probe(responding(ExecuteResponse(output=output)))
    async with LocalEngine() as engine, served(PluginAdapter(agent), engine=engine.address):
        registered = await engine.wait_registered("probe")
        result = await registered.execute("run")
        assert not result.success
        assert result.error
        assert (await registered.health()).healthy


async def test_another_response_is_named() -> None:
    """A response of the documented type is a mistake, and says so."""

    async def mixed(probe: Probe, req: ExecuteRequest) -> ExecuteResponse:
        return ours.ExecuteResponse()  # type: ignore[return-value] # a mistake

    with pytest.raises(TypeError, match=r"an ExecuteResponse of mirastack_sdk\.compat"):
        await PluginAdapter(Probe(mixed)).execute(make_execute_request(action="run"))


async def test_a_config_waits_for_a_health_check() -> None:
    """Published agents replace their client in both, so one runs after the other."""
    order: list[str] = []

    class Replacing(Probe):
        async def health_check(self) -> None:
            order.append("check")
            await asyncio.sleep(0)
            order.append("checked")

        async def config_updated(self, config: dict[str, str]) -> None:
            order.append("config")
            await asyncio.sleep(0)
            order.append("applied")

    adapter = PluginAdapter(Replacing())
    await asyncio.gather(
        adapter.health_check(), adapter.config_updated({"a": "1"}), adapter.health_check()
    )
    assert order == ["check", "checked", "config", "applied", "check", "checked"]
