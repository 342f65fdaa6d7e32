"""The life of one agent: nested contexts, which end in the order of the shutdown."""

import asyncio
import sys
from abc import abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from mirastack_sdk._core.model.engine_api import EngineClient
from mirastack_sdk._core.model.plugin_base import (
    ServeContext,
)
from mirastack_sdk._core.redaction.known_secrets import KnownSecrets, secret_notice
from mirastack_sdk._core.settings.access_warnings import access_warnings
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.process_settings import VARIABLES, Settings
from mirastack_sdk._core.settings.variable import unknown_variables
from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._gen.services import PluginServiceBase
from mirastack_sdk._log import Log
from mirastack_sdk._runtime.agent_service import AgentService
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._runtime.connection_security.protection import Protection, protection
from mirastack_sdk._runtime.engine_access.engine_client import agent_client
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache, EngineConfig
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._runtime.grace_period import GracePeriod
from mirastack_sdk._runtime.log_output.secret_filter import hiding_in_logs
from mirastack_sdk._runtime.metrics.metrics_protocol import Metrics, Unmeasured
from mirastack_sdk._runtime.metrics.optional_metrics import opened_metrics
from mirastack_sdk._runtime.plugin_lifespan import StoppedAtStartError, lifespan_of
from mirastack_sdk._runtime.recording.recording_protocol import (
    OpenRecording,
    Recording,
    Unrecorded,
)
from mirastack_sdk._runtime.registration_lifespan import (
    fetching_config,
    new_session,
    registered,
)
from mirastack_sdk._runtime.serving_status import ServingStatus
from mirastack_sdk._runtime.standard_services.service_loading import standard_services
from mirastack_sdk._runtime.standard_streams import write_in_time
from mirastack_sdk._runtime.telemetry.combined_recorder import combined
from mirastack_sdk._runtime.telemetry.optional_telemetry import opened_telemetry
from mirastack_sdk._runtime.telemetry.recorder_protocol import Telemetry
from mirastack_sdk._runtime.watchdog import LoopWatchdog
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.server.connection_age import ConnectionAge
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk._wire.server.server_state import Capacity
from mirastack_sdk._wire.socket.dialing import reason_of
from mirastack_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    # Only agents with an engine load it.
    from mirastack_sdk._wire.client.pool import ConnectionOptions

_LOG = Log("agent")

_LARGE_BYTES = 4 * 1024 * 1024
# The part of the grace period that is reserved for the last telemetry and recordings.
_SENDING_SHARE = 0.1
# For health checks and the like, on a connection that is full of executions.
_STREAMS_IN_RESERVE = 100
_NOTHING: Mapping[str, str] = MappingProxyType({})


def print_port_line(port: int) -> None:
    """Print the port line that the contract requires."""
    if not write_in_time(sys.stdout, f"MIRASTACK_PLUGIN_PORT={port}\n"):
        _LOG.warning("the port line could not be printed: standard output is full or closed")


class InProcessNetwork(Protocol):
    """Connects an agent to an engine and to callers in the same process, without sockets."""

    @abstractmethod
    def listen(self, server: Server, status: ServingStatus, config: EngineConfig | None) -> None:
        """Start `server`, and give it its connections from now on.

        `status` and `config` say when the agent is ready; `config` is `None` if it takes none.
        """

    @abstractmethod
    def engine_options(self) -> "ConnectionOptions":
        """How the agent connects to its engine."""


def _grace_period(settings: Settings, clock: Clock) -> GracePeriod:
    has_records = settings.telemetry_enabled or bool(settings.record)
    kept = settings.shutdown_grace * _SENDING_SHARE if has_records else 0.0
    return GracePeriod(settings.shutdown_grace - kept, kept, clock)


class _Replaced(NamedTuple):
    """What takes the place of sockets, if anything does, and what records the executions."""

    network: InProcessNetwork | None
    record: OpenRecording

    @property
    def engine(self) -> "ConnectionOptions | None":
        """How the agent connects to its engine, if not as usual."""
        return None if self.network is None else self.network.engine_options()

    def metrics(self, agent: CheckedPlugin, settings: Settings, secrets: KnownSecrets) -> Metrics:
        """What measures the agent; without sockets, nothing does."""
        if self.network is not None:
            return Unmeasured()
        return opened_metrics(agent, settings, secrets)


async def run_agent(
    agent: CheckedPlugin,
    settings: Settings,
    *,
    stop: asyncio.Event,
    on_listening: Callable[[int], None],
    clock: Clock,
    environ: Mapping[str, str] = _NOTHING,
    network: InProcessNetwork | None = None,
    record: OpenRecording | None = None,
) -> None:
    """Serve one agent until `stop` is set or the task is cancelled, then shut it down in order.

    `on_listening` is called with the port. Deregistering, finishing the running calls and sending
    the last telemetry share the grace period. OpenTelemetry and the agent's config read `environ`.
    With a `network`, the agent uses no sockets, and the port is 0. `record` opens what records the
    executions, in place of what the settings say.

    A task that is cancelled after `stop` was set still gets the whole shutdown; a second
    cancellation ends whatever the shutdown waits for.

    Raises `ConfigurationError` when the agent's address cannot be bound, or a value in `settings`
    or `environ` cannot be used; `StartError` when a lifespan does not start.
    """
    keep_freed_memory()
    for notice in unknown_variables(environ, VARIABLES):
        _LOG.warning("%s", notice)
    grace = _grace_period(settings, clock)
    replaced = _Replaced(network, record or _chosen_recording(settings))
    # A task of its own: the contexts must be left in the task that entered them.
    running = asyncio.create_task(
        _run(agent, settings, grace, stop, on_listening, clock, environ, replaced),
        name="mirastack-agent",
    )
    await _shut_down_when_cancelled(running, grace)


async def _shut_down_when_cancelled(running: asyncio.Task[None], grace: GracePeriod) -> None:
    cancellation: asyncio.CancelledError | None = None
    while not running.done():
        try:
            await asyncio.wait((running,))
        except asyncio.CancelledError as error:
            if cancellation is not None or not grace.has_begun:
                running.cancel()
            cancellation = error
    running.result()
    if cancellation is not None:
        raise cancellation


async def _run(
    agent: CheckedPlugin,
    settings: Settings,
    grace: GracePeriod,
    stop: asyncio.Event,
    on_listening: Callable[[int], None],
    clock: Clock,
    environ: Mapping[str, str],
    replaced: _Replaced,
) -> None:
    secrets, network = KnownSecrets(), replaced.network
    recording = replaced.record(agent, secrets, clock)
    protected = _protected(agent, settings, secrets)
    metrics = replaced.metrics(agent, settings, secrets)
    telemetry = combined(opened_telemetry(agent, settings, environ, secrets), metrics.recorder)
    link = recording.link(settings, agent.info.name, telemetry, protected, clock, replaced.engine)
    config = _config_cache(recording, agent, settings, secrets, clock)
    service = AgentService(agent, link, config, clock, settings=settings, secrets=secrets)
    context = _serve_context(environ, secrets, settings, agent_client(link, config, clock), service)
    status = ServingStatus(clock, service.is_healthy if settings.health.follows_agent else None)
    server = _server(recording.observed(service), telemetry, settings, protected, status)
    metrics.watch(service, server, status)
    with LoopWatchdog(), hiding_in_logs(secrets.hide), suppress(StoppedAtStartError):
        async with (
            _recorded(metrics, telemetry, recording, grace),
            lifespan_of(agent.plugin, context, grace.remaining, stop),
            _serving(server, service, link, config, settings, grace, status, network),
        ):
            on_listening(server.port)
            _LOG.info("listening", extra={"port": server.port})
            fetched = service.fetched_config
            session = new_session(agent, settings, link, server.port, clock, fetched, status)
            metrics.watch_registration(session.state)
            async with (
                fetching_config(fetched, service.config_reload),
                registered(session, link, status, grace.remaining, clock),
            ):
                await status.until(stop, settings.shutdown_delay)
                grace.begin()
                _LOG.info("stopping")


def _config_cache(
    recording: Recording,
    agent: CheckedPlugin,
    settings: Settings,
    secrets: KnownSecrets,
    clock: Clock,
) -> ConfigCache:
    notice = secret_notice(agent.info, secrets, user="the engine's config")
    return recording.config_cache(settings.config_cache_ttl, clock, notice=notice)


def _serve_context(
    environ: Mapping[str, str],
    secrets: KnownSecrets,
    settings: Settings,
    engine: EngineClient | None,
    service: AgentService,
) -> ServeContext:
    notice = partial(secrets.learn, user="the author's config")
    workers, watch = settings.limits.worker_processes, service.config_reload.watch
    return ServeContext(environ, notice, engine, settings.tenant_id, workers, watch)


def keep_freed_memory() -> None:
    """Make glibc keep the memory of large messages for the next ones.

    By default it returns all but 128 KiB to the system, and each message of 100 KB has to fetch its
    memory again, page by page: a fifth of the cost of such a message. Freeing one large block
    raises the threshold to its size (mallopt(3), M_MMAP_THRESHOLD). The block itself is never
    touched, so it uses no memory.
    """
    bytes(_LARGE_BYTES)


def _protected(agent: CheckedPlugin, settings: Settings, secrets: KnownSecrets) -> Protection:
    """Read what protects the agent, and warn of what does not."""
    exposed = access_warnings(
        agent.info,
        agent.schema,
        settings.security,
        listen=settings.listen_addr,
        engine=settings.engine_addr,
        metrics=settings.metrics,
    )
    if exposed.refusal is not None:
        raise ConfigurationError(exposed.refusal)
    protected = protection(
        settings.security.security,
        settings.security.names,
        notice=partial(secrets.learn, user="the token"),
    )
    for warning in exposed.warnings:
        _LOG.warning("%s", warning)
    return protected


def _server(
    service: PluginServiceBase,
    telemetry: Telemetry | None,
    settings: Settings,
    protected: Protection,
    status: ServingStatus,
) -> Server:
    observed = service if telemetry is None else telemetry.observed(service)
    limits = settings.limits
    age = ConnectionAge(limits.max_connection_age, limits.max_connection_age_grace)
    streams = limits.max_executions + _STREAMS_IN_RESERVE
    return Server(
        [observed, *standard_services(status, settings)],
        CODECS,
        max_message_bytes=settings.max_message_bytes,
        capacity=Capacity(limits.max_connections, limits.max_executions, age),
        limits=Limits(max_concurrent_streams=streams),
        tls=protected.server,
        bearer=protected.bearer,
    )


def _chosen_recording(settings: Settings) -> OpenRecording:
    if not settings.record:
        return Unrecorded
    from mirastack_sdk._runtime.recording.file_recording import open_recording  # noqa: PLC0415 - most agents do not record

    return partial(open_recording, path=settings.record)


@asynccontextmanager
async def _recorded(
    metrics: Metrics, telemetry: Telemetry | None, recording: Recording, grace: GracePeriod
) -> AsyncIterator[None]:
    async with metrics.served():
        try:
            yield
        finally:
            left = grace.remaining() + grace.for_records
            closing = [] if telemetry is None else [telemetry.close(left)]
            await asyncio.gather(recording.close(left), *closing)


@asynccontextmanager
async def _serving(
    server: Server,
    service: AgentService,
    link: EngineLink,
    config: ConfigCache,
    settings: Settings,
    grace: GracePeriod,
    status: ServingStatus,
    network: InProcessNetwork | None,
) -> AsyncIterator[None]:
    if network is None:
        await _listen(server, settings.listen_addr)
    else:
        network.listen(server, status, service.fetched_config)
    try:
        yield
    finally:
        status.end()
        try:
            cancelled = await server.drain(grace.remaining())
            if cancelled:
                _LOG.warning("calls were cancelled at the end of the grace period (%d)", cancelled)
        finally:
            config.close()
            link.close()
            await server.close()
            _LOG.info("stopped")


async def _listen(server: Server, address: Address) -> None:
    try:
        await server.start(address.host, address.port)
    except OSError as error:
        raise ConfigurationError(
            f"MIRASTACK_PLUGIN_ADDR: cannot listen on {address}: {reason_of(error)}"
        ) from error
