"""The metrics of one agent: what measures it, and the port that shows it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

from mirastack_sdk._core.redaction.known_secrets import KnownSecrets
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.metrics_variables import METRICS_TOKEN_FILE
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._log import Log
from mirastack_sdk._runtime.agent_service import AgentService
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._runtime.connection_security.protection_files import bearer_token
from mirastack_sdk._runtime.engine_access.registration_state import RegistrationState
from mirastack_sdk._runtime.metrics.loop_lag import LoopLag
from mirastack_sdk._runtime.metrics.metric_pages import MetricPages
from mirastack_sdk._runtime.metrics.metrics_protocol import Metrics
from mirastack_sdk._runtime.metrics.prometheus_recorder import PrometheusRecorder
from mirastack_sdk._runtime.metrics.scrape_server import serving_pages
from mirastack_sdk._runtime.metrics.state_collector import StateCollector
from mirastack_sdk._runtime.serving_status import ServingStatus
from mirastack_sdk._wire.grpc.request_check import BearerToken
from mirastack_sdk._wire.server.grpc_server import Server

_LOG = Log("metrics")

_LAG_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class AgentMetrics(Metrics):
    """Measures one agent, and shows it at `address`."""

    def __init__(
        self,
        agent: CheckedPlugin,
        settings: Settings,
        address: Address,
        bearer: BearerToken | None,
        secrets: KnownSecrets,
    ) -> None:
        registry = CollectorRegistry(auto_describe=False)
        self.recorder = PrometheusRecorder(
            registry,
            agent.info.name,
            [action.name for action in agent.schema.actions],
            tenant_id=settings.tenant_id,
            engine=settings.engine_addr,
            hide=secrets.hide,
        )
        lag = Histogram(
            "mirastack_agent_event_loop_lag_seconds",
            "How much later than planned the event loop runs what is due.",
            registry=registry,
            buckets=_LAG_BOUNDS,
        )
        self._lag = LoopLag(lag.observe)
        self._state = StateCollector(agent, self._lag.blocked_seconds)
        registry.register(self._state)
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        self._pages = MetricPages(registry)
        self._address = address
        self._has_engine = settings.engine_addr is not None
        self._bearer = bearer

    def served(self) -> AbstractAsyncContextManager[None]:
        """Serve the metrics while this is entered; raises `ConfigurationError`."""
        return self._served()

    @asynccontextmanager
    async def _served(self) -> AsyncIterator[None]:
        async with serving_pages(self._address, self._pages, self._bearer) as port:
            _LOG.info("metrics are served at /metrics", extra={"port": port})
            with self._lag:
                yield

    def watch(self, service: AgentService, server: Server, status: ServingStatus) -> None:
        """Show the state of these from now on."""
        self._state.served = service, server, status

    def watch_registration(self, state: RegistrationState) -> None:
        """Show whether the agent is registered from now on, if it has an engine."""
        if self._has_engine:
            self._state.registration = state


def open_metrics(
    agent: CheckedPlugin, settings: Settings, address: Address, secrets: KnownSecrets
) -> AgentMetrics:
    """Return what measures an agent, to be shown at `address`.

    Raises `ConfigurationError` for a token that cannot be read.
    """
    bearer = bearer_token(
        settings.metrics.token,
        settings.metrics.token_file,
        METRICS_TOKEN_FILE.name,
        notice=_learning(secrets),
    )
    return AgentMetrics(agent, settings, address, bearer, secrets)


def _learning(secrets: KnownSecrets) -> Callable[[Sequence[str]], None]:
    """What makes tokens known secrets; the thread that reads them again calls this, too."""
    loop = asyncio.get_running_loop()
    learn = partial(secrets.learn, user="the metrics token")

    def notice(tokens: Sequence[str]) -> None:
        # The loop has closed where the agent has ended meanwhile.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(learn, tokens)

    return notice
