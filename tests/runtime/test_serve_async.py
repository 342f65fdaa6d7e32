"""Serving on a running loop."""

import asyncio
import logging
from dataclasses import replace

import pytest

from mirastack_sdk import (
    Action,
    ConfigParam,
    ConfigurationError,
    ExecuteRequest,
    ExecuteResponse,
    InvalidPluginError,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
    RoutingSemantics,
    serve_async,
)
from mirastack_sdk.testing import LocalEngine
from tests.runtime.standard_services.agents import channel_to
from tests.runtime.standard_services.test_health_service import NOT_SERVING, SERVING, status_of


class Plugin(MirastackPlugin):
    """The smallest plugin."""

    name = "small"

    def info(self) -> PluginInfo:
        return PluginInfo(
            name=self.name,
            version="1.0.0",
            description="Small.",
            permission=Permission.READ,
            devops_stages=["test"],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("act", "Act.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse(output={"result": '"done"'})


def environ(engine: LocalEngine | None = None, **more: str) -> dict[str, str]:
    """Return settings for this machine."""
    address = "" if engine is None else engine.address
    return {"MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0", "MIRASTACK_ENGINE_ADDR": address, **more}


async def start(plugin: MirastackPlugin, settings: dict[str, str]) -> None:
    """Serve an agent that should not start; a successful start ends in a TimeoutError."""
    async with asyncio.timeout(10):
        await serve_async(plugin, environ=settings)


async def test_serves_until_it_is_stopped() -> None:
    """Registered while it runs, deregistered when `stop` is set."""
    stop = asyncio.Event()
    async with LocalEngine() as engine:
        serving = asyncio.create_task(serve_async(Plugin(), environ=environ(engine), stop=stop))
        agent = await engine.wait_registered("small")
        assert (await agent.execute("act")).output == {"result": '"done"'}
        stop.set()
        await serving
        assert [record.name for record in engine.deregistrations] == ["small"]


async def test_cancelling_ends_it_in_order() -> None:
    """A cancelled task deregisters before it ends, as cancelled."""
    async with LocalEngine() as engine:
        serving = asyncio.create_task(serve_async(Plugin(), environ=environ(engine)))
        await engine.wait_registered("small")
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        assert [record.name for record in engine.deregistrations] == ["small"]


async def test_it_still_serves_in_the_delay_of_its_shutdown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With MIRASTACK_PLUGIN_SHUTDOWN_DELAY, it stays registered and accepts connections.

    The log says so at once. A cancellation ends the delay; the rest of the shutdown follows.
    """
    caplog.set_level("INFO", "mirastack_sdk")
    stop = asyncio.Event()
    ports: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    async with asyncio.timeout(30), LocalEngine() as engine:
        settings = environ(engine, MIRASTACK_PLUGIN_SHUTDOWN_DELAY="3600")
        serving = asyncio.create_task(
            serve_async(Plugin(), environ=settings, stop=stop, on_listening=ports.set_result)
        )
        agent = await engine.wait_registered("small")
        port = await ports
        assert await health_of(port) == SERVING
        stop.set()
        while await health_of(port) != NOT_SERVING:
            pass
        assert (await agent.execute("act")).output == {"result": '"done"'}
        assert engine.deregistrations == []
        assert caplog.messages[-1] == (
            "asked to stop: readiness is NOT_SERVING, calls are served for 3600 s more"
        )
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        assert [record.name for record in engine.deregistrations] == ["small"]


async def test_a_misspelled_variable_is_noticed_at_the_start(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The agent starts, and the log says which variable was probably meant."""
    stop = asyncio.Event()
    async with asyncio.timeout(30), LocalEngine() as engine:
        settings = environ(engine, MIRASTACK_METRIC_ADDR="127.0.0.1:0")
        serving = asyncio.create_task(serve_async(Plugin(), environ=settings, stop=stop))
        await engine.wait_registered("small")
        stop.set()
        await serving
    notice = (
        "MIRASTACK_METRIC_ADDR is not a variable of the SDK: did you mean MIRASTACK_METRICS_ADDR?"
    )
    assert caplog.messages.count(notice) == 1


async def health_of(port: int) -> int:
    """Probe an agent over a connection of its own."""
    async with channel_to(port) as channel:
        return await status_of(channel)


@pytest.mark.contract("Who calls whom: one line with the port on standard output")
async def test_the_port_is_printed_or_handed_over(capsys: pytest.CaptureFixture[str]) -> None:
    """The port is passed to `on_listening` if given, and printed otherwise."""
    stop = asyncio.Event()
    stop.set()
    ports: list[int] = []
    await serve_async(Plugin(), environ=environ(), stop=stop, on_listening=ports.append)
    assert ports[0] > 0
    assert capsys.readouterr().out == ""
    await serve_async(Plugin(), environ=environ(), stop=stop)
    assert capsys.readouterr().out.startswith("MIRASTACK_PLUGIN_PORT=")


@pytest.mark.contract("Environment: MIRASTACK_PLUGIN_ADVERTISE_ADDR, by default hostname:port")
@pytest.mark.parametrize("listen", ["", ":0", "127.0.0.1:0"])
async def test_the_engine_dials_the_hostname_unless_another_address_is_set(
    listen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agent that listens on all interfaces gives the machine's name and its own port."""
    monkeypatch.setattr("socket.gethostname", lambda: "localhost")
    ports: list[int] = []
    async with LocalEngine() as engine, asyncio.TaskGroup() as tasks:
        settings = environ(engine, MIRASTACK_PLUGIN_ADDR=listen)
        stop = asyncio.Event()
        tasks.create_task(
            serve_async(Plugin(), environ=settings, stop=stop, on_listening=ports.append)
        )
        registered = await engine.wait_registered("small")
        stop.set()
    host = "127.0.0.1" if listen.startswith("127") else "localhost"
    assert registered.address == f"{host}:{ports[0]}"


class Declaring(Plugin):
    """Declares a config parameter."""

    def info(self) -> PluginInfo:
        return replace(super().info(), config_params=[ConfigParam("url", "Where.")])


class Overriding(Plugin):
    """Has its own `config_updated`."""

    async def config_updated(self, config: dict[str, str]) -> None:
        pass


@pytest.mark.contract("Configuration at the start: only an agent that takes a config is given one")
@pytest.mark.parametrize(("plugin", "calls"), [(Plugin, 0), (Declaring, 1), (Overriding, 1)])
async def test_the_config_is_requested_for_an_agent_that_takes_one(
    plugin: type[Plugin], calls: int
) -> None:
    """It has parameters or a `config_updated`; the engine is not called for any other."""
    stop = asyncio.Event()
    async with LocalEngine() as engine, asyncio.TaskGroup() as tasks:
        tasks.create_task(serve_async(plugin(), environ=environ(engine), stop=stop))
        agent = await engine.wait_registered("small")
        await agent.execute("act")
        stop.set()
    assert len(engine.calls_of("get_config")) == calls


async def test_two_agents_share_a_loop() -> None:
    """Two agents run on one loop, with one engine."""
    stop = asyncio.Event()
    other = Plugin()
    other.name = "other"
    async with LocalEngine() as engine:
        tasks = [
            asyncio.create_task(serve_async(plugin, environ=environ(engine), stop=stop))
            for plugin in (Plugin(), other)
        ]
        for name in ("small", "other"):
            agent = await engine.wait_registered(name)
            assert (await agent.execute("act")).success
        stop.set()
        await asyncio.gather(*tasks)


async def test_leaves_no_task_behind() -> None:
    """Afterwards, no task of the agent is left on the loop."""
    stop = asyncio.Event()
    async with LocalEngine() as engine:
        before = asyncio.all_tasks()
        serving = asyncio.create_task(serve_async(Plugin(), environ=environ(engine), stop=stop))
        await engine.wait_registered("small")
        stop.set()
        await serving
        # The engine's own handlers end with the agent's connection.
        left = asyncio.all_tasks() - before
        if left:
            await asyncio.wait(left, timeout=5)
        assert asyncio.all_tasks() == before


async def test_a_plugin_no_engine_accepts_is_an_exception() -> None:
    """The caller gets every violation, and nothing has been started."""
    wrong = Plugin()
    wrong.name = ""
    with pytest.raises(InvalidPluginError) as caught:
        await start(wrong, environ())
    assert any("name" in violation for violation in caught.value.violations)


@pytest.mark.parametrize("given", [Plugin, "plugin", None])
async def test_what_is_no_plugin_is_said(given: object) -> None:
    """Passing a class instead of an instance, a common mistake, is named."""
    with pytest.raises(InvalidPluginError, match="instance of a MirastackPlugin"):
        await start(given, environ())  # type: ignore[arg-type] # wrong on purpose


async def test_a_wrong_variable_is_an_exception() -> None:
    """The sentence names the variable."""
    with pytest.raises(ConfigurationError, match="MIRASTACK_PLUGIN_ADDR"):
        await start(Plugin(), {"MIRASTACK_PLUGIN_ADDR": "nowhere"})


@pytest.mark.contract("Environment: without a tenant a warning names the two variables")
@pytest.mark.parametrize(
    ("variables", "warned"),
    [
        ({}, True),
        ({"MIRASTACK_PLUGIN_TENANT_SLUG": "acme"}, False),
        ({"MIRASTACK_PLUGIN_TENANT_ID": "t-1"}, False),
    ],
)
async def test_without_a_tenant_it_warns(
    variables: dict[str, str], *, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Engines of today refuse such an agent."""
    stop = asyncio.Event()
    async with LocalEngine() as engine, asyncio.TaskGroup() as tasks:
        tasks.create_task(serve_async(Plugin(), environ=environ(engine, **variables), stop=stop))
        await engine.wait_registered("small")
        stop.set()
    warnings = [one.message for one in caplog.records if "no tenant is set" in one.message]
    assert len(warnings) == warned
    assert all("MIRASTACK_PLUGIN_TENANT_ID" in one for one in warnings)
    assert all("MIRASTACK_PLUGIN_TENANT_SLUG" in one for one in warnings)


@pytest.mark.contract("Routing: the log says at the start which actions have derived ones")
async def test_derived_routing_semantics_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    """By the names of the actions, and only if there are any."""
    caplog.set_level(logging.INFO)
    stop = asyncio.Event()
    stop.set()
    await serve_async(Plugin(), environ=environ(), stop=stop)
    [line] = [one.message for one in caplog.records if "routing semantics" in one.message]
    assert line.endswith(": act")

    class Routed(Plugin):
        def schema(self) -> PluginSchema:
            own = RoutingSemantics(["core.test.small"], "core.test.small.act", ["Act"])
            return PluginSchema([Action("act", "Act.", {}, routing_semantics=own)])

    caplog.clear()
    await serve_async(Routed(), environ=environ(), stop=stop)
    assert "routing semantics" not in caplog.text


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({}, logging.NOTSET), ({"MIRASTACK_LOG_LEVEL": "ERROR"}, logging.ERROR)],
)
async def test_the_log_level_counts_for_the_sdks_own_lines(
    variables: dict[str, str], expected: int
) -> None:
    """The caller has configured logging; an operator can still make the SDK quieter."""
    sdk, root = logging.getLogger("mirastack_sdk"), logging.getLogger().level
    stop = asyncio.Event()
    stop.set()
    try:
        await serve_async(Plugin(), environ=environ(None, **variables), stop=stop)
        assert sdk.level == expected
        assert logging.getLogger().level == root
    finally:
        sdk.setLevel(logging.NOTSET)
