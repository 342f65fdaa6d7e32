"""`agent_client`: a client of an agent that is served within the test's process."""

import asyncio
from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from mirastack_sdk._core.model.context import TimeRange
from mirastack_sdk._core.model.execution import ExecutionMode
from mirastack_sdk._core.model.plugin_base import MirastackPlugin, ignore
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin, checked_plugin
from mirastack_sdk._runtime.clock import SystemClock
from mirastack_sdk._runtime.lifecycle import run_agent
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk.testing._agent_client import AgentClient, AgentConnections, StoreConfig
from mirastack_sdk.testing._in_process.agent_environment import agent_environment
from mirastack_sdk.testing._in_process.memory_network import MemoryNetwork
from mirastack_sdk.testing._in_process.mock_engine_service import MockEngineService
from mirastack_sdk.testing._mock_engine import MockEngineClient, warn_author
from mirastack_sdk.testing._script import UnscriptedCallError
from mirastack_sdk.testing._wire_messages import AgentHealth, ConfigAnswer, ExecutionResult


class InProcessAgent(AgentClient):
    """An agent that is served in this process, and a client to call it; `agent_client` yields it.

    `engine` is the mock engine that the agent calls. `violations` lists what real engines, or their
    operators, object to in the agent's calls; each is also a `UserWarning` at the line of the test
    that made the call. A call during which the agent makes an engine call that is not scripted
    raises `UnscriptedCallError`, whatever the agent does about it.
    """

    def __init__(
        self,
        name: str,
        connections: AgentConnections,
        engine: MockEngineClient,
        unscripted: list[UnscriptedCallError],
        *,
        encoding: Encoding,
        tenant_id: str,
        store_config: StoreConfig,
    ) -> None:
        super().__init__(
            name, connections, encoding=encoding, tenant_id=tenant_id, store_config=store_config
        )
        self.engine = engine
        self.violations: list[str] = []
        self._shown_violations = 0
        self._warns = True
        self._unscripted = unscripted

    async def execute(
        self,
        action: str,
        params: Mapping[str, object] | None = None,
        *,
        time_range: TimeRange | None = None,
        encoding: Encoding | None = None,
        tenant_id: str | None = None,
        context: Mapping[str, str] | None = None,
        mode: ExecutionMode = ExecutionMode.AUTONOMOUS,
        timeout: float = 30.0,
    ) -> ExecutionResult:
        try:
            return await super().execute(
                action,
                params,
                time_range=time_range,
                encoding=encoding,
                tenant_id=tenant_id,
                context=context,
                mode=mode,
                timeout=timeout,
            )
        finally:
            self._report()

    async def health(
        self, *, encoding: Encoding | None = None, timeout: float = 10.0
    ) -> AgentHealth:
        try:
            return await super().health(encoding=encoding, timeout=timeout)
        finally:
            self._report()

    async def push_config(
        self,
        config: Mapping[str, str],
        *,
        encoding: Encoding | None = None,
        timeout: float = 10.0,
    ) -> ConfigAnswer:
        try:
            return await super().push_config(config, encoding=encoding, timeout=timeout)
        finally:
            self._report()

    def _report(self) -> None:
        """Raise for a call that the test should have scripted, and warn of new violations."""
        if self._unscripted:
            raise self._unscripted.pop(0).with_traceback(None)
        new = self.violations[self._shown_violations :]
        self._shown_violations = len(self.violations)
        for violation in new if self._warns else ():
            warn_author(violation)

    def _list_violations_only(self) -> None:
        """Do not warn of violations, for a caller that looks at the list."""
        self._warns = False


class AgentClientFactory(Protocol):
    """What the pytest fixture `agent_client` is: `agent_client` with the fixture's engine."""

    @abstractmethod
    def __call__(
        self,
        plugin: MirastackPlugin,
        *,
        config: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
        encoding: Encoding = Encoding.JSON,
    ) -> AbstractAsyncContextManager[InProcessAgent]:
        """Serve a plugin in this process, and give a client that calls it."""


@asynccontextmanager
async def agent_client(
    plugin: MirastackPlugin,
    *,
    engine: MockEngineClient | None = None,
    config: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
    encoding: Encoding = Encoding.JSON,
) -> AsyncIterator[InProcessAgent]:
    """Serve a plugin in this process, without sockets, and give a client that calls it.

        async with agent_client(MyAgent()) as agent:
            result = await agent.execute("get_status", {"service": "cart"})

    The agent runs as with `serve()`: its lifespans are entered, it registers, and it is given its
    config before the block begins. When the block ends, it deregisters, finishes its calls within
    the grace period and leaves its lifespans. Both directions pass the real codecs, client and
    server. It takes a few milliseconds.

    `engine` answers the agent's calls, by default a new `MockEngineClient` with the agent's name.
    `config` replaces `engine.config`. `environ` is what config classes and the SDK's settings are
    read from, by default the environment of this process without the variables MIRASTACK_* and
    OTEL_*. Calls use `encoding` unless they pass another one.

    As in production, reads of the engine that fail with UNAVAILABLE are repeated: order such
    failures with `fail_always` instead of `fail_next`.

    Raises `InvalidPluginError` if no engine would accept the plugin, `ConfigurationError` for an
    invalid setting, and `StartError` if a lifespan does not start.
    """
    async with _served(plugin, engine, config, agent_environment(environ), encoding) as agent:
        yield agent


@asynccontextmanager
async def _served(
    plugin: MirastackPlugin,
    engine: MockEngineClient | None,
    config: Mapping[str, str] | None,
    environ: Mapping[str, str],
    encoding: Encoding,
) -> AsyncIterator[InProcessAgent]:
    settings, agent = Settings.from_mapping(environ), checked_plugin(plugin)
    name = agent.info.name
    mock = MockEngineClient(agent=name) if engine is None else engine
    if config is not None:
        mock.config = dict(config)
    service = MockEngineService(mock)
    network = MemoryNetwork(service)
    client = InProcessAgent(
        name,
        AgentConnections(Address(name, 0), options=network.agent_options()),
        mock,
        service.unscripted,
        encoding=encoding,
        tenant_id=settings.tenant_id,
        store_config=service.store_config,
    )
    async with _running(agent, settings, environ, network):
        service.is_started = True
        try:
            with mock._serving(name, client.violations.append):  # noqa: SLF001 - only meant for this
                yield client
        finally:
            client.close()
        client._report()  # noqa: SLF001 - likewise


@asynccontextmanager
async def _running(
    agent: CheckedPlugin, settings: Settings, environ: Mapping[str, str], network: MemoryNetwork
) -> AsyncIterator[None]:
    """Keep the agent running, from when it is ready to the end of its shutdown."""
    stop = asyncio.Event()
    running = asyncio.create_task(
        run_agent(
            agent,
            settings,
            stop=stop,
            on_listening=ignore,
            clock=SystemClock(),
            environ=environ,
            network=network,
        ),
        name=f"agent {agent.info.name}",
    )
    try:
        await _ready(network, running)
        yield
    finally:
        stop.set()
        try:
            await running
        finally:
            await network.close()


async def _ready(network: MemoryNetwork, running: asyncio.Task[None]) -> None:
    """Wait until the agent is ready; raises what ended it before that."""
    ready = asyncio.ensure_future(network.ready())
    try:
        await asyncio.wait((ready, running), return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
            raise AssertionError("the agent ended before it had started")
        ready.result()
    finally:
        ready.cancel()
        await asyncio.wait((ready,))
