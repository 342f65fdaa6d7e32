"""The life of one agent: its parts are nested in the order of the shutdown."""

import asyncio
import os
import random
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

from mirastack_sdk._core.model.plugin_base import HasLifespan, MirastackPlugin, ServeContext
from mirastack_sdk._core.redaction.known_secrets import KnownSecrets, secret_values
from mirastack_sdk._core.settings.access_warnings import access_warnings
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._log import Log
from mirastack_sdk._runtime.agent_service import AgentService
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache, EngineConfig, Notice
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.engine_access.session import Identity, Session, do_nothing
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._runtime.logging import hiding_in_logs
from mirastack_sdk._runtime.protection import Protection, protection
from mirastack_sdk._runtime.telemetry.recorder_protocol import Telemetry
from mirastack_sdk._runtime.watchdog import LoopWatchdog
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk.errors import ConfigurationError

_LARGE_BYTES = 4 * 1024 * 1024


def keep_freed_memory() -> None:
    """Have memory of large messages kept for the next ones, where glibc is the C library.

    It gives all but 128 KiB of it back to the system at once, and each new message of 100 KB must
    fetch it anew, page by page: a fifth of what such a message costs. What is freed once in a large
    block teaches it that blocks up to that size come and go, and that twice as much may be kept
    (mallopt(3), M_MMAP_THRESHOLD). The block itself is never touched, so it uses no memory.
    """
    bytes(_LARGE_BYTES)


_LOG = Log("agent")

# At least this long for closing, however much of the grace period is gone.
_CLOSING_SECONDS = 0.5


@asynccontextmanager
async def kept_open(
    plugin: MirastackPlugin, surroundings: ServeContext, remaining: Callable[[], float]
) -> AsyncIterator[None]:
    """Keep open what a plugin owns; closing it takes about as long as there is time `remaining`.

    Raises the `MirastackError` of a plugin that cannot start.
    """
    if not isinstance(plugin, HasLifespan):
        yield
        return
    owned = plugin.serving(surroundings)
    await owned.__aenter__()
    try:
        yield
    finally:
        limit = asyncio.timeout(max(_CLOSING_SECONDS, remaining()))
        try:
            async with limit:
                await owned.__aexit__(None, None, None)
        except TimeoutError:
            if not limit.expired():
                raise
            _LOG.warning("what the agent keeps open was not closed within the grace period")


_LEAVE_SECONDS = 5.0
_RESTART_SECONDS = 30.0
# What part of the grace period is kept for sending the last telemetry.
_SENDING_SHARE = 0.1
# For health checks and the like, on a connection that is full of executions.
_STREAMS_IN_RESERVE = 100
_NOTHING: Mapping[str, str] = MappingProxyType({})


def print_port_line(port: int) -> None:
    """Tell whoever started the process where the agent listens, as the contract has it."""
    try:
        line = f"MIRASTACK_PLUGIN_PORT={port}"
        print(line, flush=True)  # noqa: T201 - the one line that standard output carries
    except OSError as error:
        _LOG.warning("the port line could not be printed: %s", error)


async def run_agent(
    agent: CheckedPlugin,
    settings: Settings,
    *,
    stop: asyncio.Event,
    on_listening: Callable[[int], None],
    clock: Clock,
    environ: Mapping[str, str] = _NOTHING,
) -> None:
    """Serve one agent until `stop` is set or the task is cancelled, then end it in order.

    `on_listening` is called with the port. Leaving the engine, finishing the running calls and
    sending the last telemetry take at most the grace period together. `environ` holds
    OpenTelemetry's own variables, and those of the agent's configuration.

    Raises `ConfigurationError` when the agent's address cannot be bound, or something in `settings`
    or `environ` not be used; `StartError` when what spans the agent's life does not begin.
    """
    keep_freed_memory()
    secrets = KnownSecrets()
    protected = _protected(agent, settings, secrets)
    telemetry = _telemetry(agent, settings, environ, secrets)
    link = EngineLink(settings, agent.info.name, telemetry, protected, clock=clock)
    config = ConfigCache(settings.config_cache_ttl, clock, notice=_learning(agent, secrets))
    service = AgentService(agent, link, config, clock, settings=settings, secrets=secrets)
    server = _server(service, telemetry, settings, protected)
    kept = settings.shutdown_grace * _SENDING_SHARE if settings.telemetry_enabled else 0.0
    farewell = _Farewell(settings.shutdown_grace - kept, clock)
    with LoopWatchdog(), hiding_in_logs(secrets.hide):
        async with (
            _recording(telemetry, farewell, kept),
            kept_open(agent.plugin, ServeContext(environ, secrets.learn), farewell.remaining),
            _serving(server, link, config, settings, farewell),
        ):
            on_listening(server.port)
            _LOG.info("listening", extra={"port": server.port})
            session = _session(agent, settings, link, server.port, clock, service.engine_config)
            async with _told(service.engine_config), _joined(session, link, farewell, clock):
                await stop.wait()
                _LOG.info("stopping")


class _Farewell:
    """The time left for ending, from the moment it begins."""

    def __init__(self, grace: float, clock: Clock) -> None:
        self._grace = grace
        self._clock = clock
        self._ends: float | None = None

    def remaining(self) -> float:
        """Seconds left; the first to ask starts the time."""
        now = self._clock.monotonic()
        if self._ends is None:
            self._ends = now + self._grace
        return max(0.0, self._ends - now)


def _protected(agent: CheckedPlugin, settings: Settings, secrets: KnownSecrets) -> Protection:
    """Read what protects the agent, and say what does not."""
    exposed = access_warnings(
        agent.info,
        agent.schema,
        settings.security,
        listen=settings.listen_addr,
        engine=settings.engine_addr,
    )
    if exposed.refusal is not None:
        raise ConfigurationError(exposed.refusal)
    protected = protection(
        settings.security.security,
        settings.security.names,
        notice=lambda token: secrets.learn([token]),
    )
    for warning in exposed.warnings:
        _LOG.warning("%s", warning)
    return protected


def _server(
    service: AgentService, telemetry: Telemetry | None, settings: Settings, protected: Protection
) -> Server:
    observed = service if telemetry is None else telemetry.observed(service)
    streams = settings.limits.max_executions + _STREAMS_IN_RESERVE
    return Server(
        [observed],
        CODECS,
        max_message_bytes=settings.max_message_bytes,
        max_connections=settings.limits.max_connections,
        limits=Limits(max_concurrent_streams=streams),
        tls=protected.server,
        bearer=protected.bearer,
    )


def _telemetry(
    agent: CheckedPlugin, settings: Settings, environ: Mapping[str, str], secrets: KnownSecrets
) -> Telemetry | None:
    if not settings.telemetry_enabled:
        return None
    from mirastack_sdk._runtime.telemetry.otel_recorder import open_telemetry  # noqa: PLC0415 - for an optional extra

    return open_telemetry(agent, settings, environ, hide=secrets.hide)


def _learning(agent: CheckedPlugin, secrets: KnownSecrets) -> Notice:
    params = tuple(agent.info.config_params)
    return lambda config: secrets.learn(secret_values(params, config))


@asynccontextmanager
async def _recording(
    telemetry: Telemetry | None, farewell: _Farewell, kept: float
) -> AsyncIterator[None]:
    try:
        yield
    finally:
        if telemetry is not None:
            await telemetry.close(farewell.remaining() + kept)


@asynccontextmanager
async def _serving(
    server: Server, link: EngineLink, config: ConfigCache, settings: Settings, farewell: _Farewell
) -> AsyncIterator[None]:
    address = settings.listen_addr
    try:
        await server.start(address.host, address.port)
    except OSError as error:
        raise ConfigurationError(
            f"MIRASTACK_PLUGIN_ADDR: cannot listen on {address}: {_reason(error)}"
        ) from error
    try:
        yield
    finally:
        try:
            cancelled = await server.drain(farewell.remaining())
            if cancelled:
                _LOG.warning("calls were cancelled: they outran the grace period (%d)", cancelled)
        finally:
            config.close()
            link.close()
            await server.close()
            _LOG.info("stopped")


@asynccontextmanager
async def _joined(
    session: Session, link: EngineLink, farewell: _Farewell, clock: Clock
) -> AsyncIterator[None]:
    if link.address is None:
        _LOG.warning(
            "serving unregistered: MIRASTACK_ENGINE_ADDR is not set, so no engine knows this agent"
        )
        yield
        return
    membership = asyncio.create_task(_stay_member(session, clock), name="mirastack-session")
    try:
        yield
    finally:
        membership.cancel()
        await asyncio.wait([membership])
        await session.leave(min(_LEAVE_SECONDS, farewell.remaining() / 2))


@asynccontextmanager
async def _told(config: EngineConfig | None) -> AsyncIterator[None]:
    """Have the engine asked for the configuration, where the agent wants it told."""
    if config is None:
        yield
        return
    asking = asyncio.create_task(config.run(), name="mirastack-config")
    try:
        yield
    finally:
        asking.cancel()
        await asyncio.wait([asking])


def _session(
    agent: CheckedPlugin,
    settings: Settings,
    link: EngineLink,
    port: int,
    clock: Clock,
    config: EngineConfig | None,
) -> Session:
    identity = Identity(
        name=agent.info.name,
        version=agent.info.version,
        grpc_addr=_advertised(settings, port),
        instance_id=agent.instance_id,
        tenant_id=settings.tenant_id,
    )
    return Session(
        link,
        identity,
        fixed_interval=settings.heartbeat_interval,
        clock=clock,
        uniform=random.uniform,
        on_registered=do_nothing if config is None else config.on_registered,
    )


def _advertised(settings: Settings, port: int) -> str:
    """Name the address the engine dials back."""
    if settings.advertise_addr is not None:
        return str(settings.advertise_addr)
    listening = settings.listen_addr
    # An agent that listens on one address only cannot be reached on another.
    host = socket.gethostname() if listening.is_any_interface else listening.host
    return str(Address(host, port))


async def _stay_member(session: Session, clock: Clock) -> None:
    """Keep the agent registered, even where our own code fails: it must not drift away unseen."""
    while True:
        try:
            await session.run()
        except Exception:  # noqa: BLE001 - a task's root
            _LOG.critical("the session has failed, it begins again", exc_info=True)
            await clock.sleep(_RESTART_SECONDS)


def _reason(error: OSError) -> str:
    """Say why, without the address that asyncio and sockets add to it."""
    if isinstance(error, socket.gaierror) or error.errno is None:
        return error.strerror or str(error)
    return os.strerror(error.errno)
