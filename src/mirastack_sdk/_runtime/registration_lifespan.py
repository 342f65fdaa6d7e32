"""The time during which an agent is registered: the session with its engine, and its config."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from mirastack_sdk._core.model.plugin_base import ignore
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._log import Log
from mirastack_sdk._runtime.calls.config_reload import ConfigReload
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._runtime.engine_access.engine_config import EngineConfig
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.engine_access.session import Registration, Session
from mirastack_sdk._runtime.serving_status import ServingStatus
from mirastack_sdk._wire.socket.jitter import uniform

_LOG = Log("agent")

LEAVE_SECONDS = 5.0
_RESTART_SECONDS = 30.0


@asynccontextmanager
async def registered(
    session: Session,
    link: EngineLink,
    status: ServingStatus,
    time_left: Callable[[], float],
    clock: Clock,
) -> AsyncIterator[None]:
    """Keep the agent registered, if it has an engine, and deregister it in the end.

    `time_left` returns the seconds that are left for the shutdown.
    """
    if link.address is None:
        _LOG.warning(
            "serving unregistered: MIRASTACK_ENGINE_ADDR is not set, so no engine knows this agent"
        )
        status.start()
        yield
        return
    if not link.tenant_id:
        _LOG.warning(
            "no tenant is set, and engines refuse agents without one: set "
            "MIRASTACK_PLUGIN_TENANT_ID or MIRASTACK_PLUGIN_TENANT_SLUG"
        )
    registering = asyncio.create_task(_stay_registered(session, clock), name="mirastack-session")
    try:
        yield
    finally:
        registering.cancel()
        await asyncio.wait([registering])
        await session.leave(min(LEAVE_SECONDS, time_left() / 2))


@asynccontextmanager
async def fetching_config(config: EngineConfig | None, reload: ConfigReload) -> AsyncIterator[None]:
    """Fetch the config after registrations and heartbeats, if the agent takes one.

    And reload it when its files change, if it has any.
    """
    tasks = list[asyncio.Task[None]]()
    if reload.has_files:
        tasks.append(asyncio.create_task(reload.run(), name="mirastack-config-files"))
    if config is not None:
        tasks.append(asyncio.create_task(config.run(), name="mirastack-config"))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def new_session(
    agent: CheckedPlugin,
    settings: Settings,
    link: EngineLink,
    port: int,
    clock: Clock,
    config: EngineConfig | None,
    status: ServingStatus,
) -> Session:
    """Return the session of an agent that listens on `port`.

    The agent serves from its first registration.
    """

    def on_registered() -> None:
        status.start()
        if config is not None:
            config.on_registered()

    registration = Registration(
        name=agent.info.name,
        version=agent.info.version,
        grpc_addr=_advertised(settings, port),
        instance_id=agent.instance_id,
        tenant_id=settings.tenant_id,
    )
    return Session(
        link,
        registration,
        fixed_interval=settings.heartbeat_interval,
        deregisters=settings.deregisters,
        clock=clock,
        uniform=uniform,
        on_registered=on_registered,
        on_heartbeat=ignore if config is None else config.on_heartbeat,
    )


def _advertised(settings: Settings, port: int) -> str:
    """The address that the engine dials back."""
    if settings.advertise_addr is not None:
        return str(settings.advertise_addr)
    listening = settings.listen_addr
    # An agent that listens on one address only can be reached on no other.
    host = socket.gethostname() if listening.is_any_interface else listening.host
    return str(Address(host, port))


async def _stay_registered(session: Session, clock: Clock) -> None:
    """Keep the agent registered, even if our own code fails: it must not vanish unnoticed."""
    while True:
        try:
            await session.run()
        except Exception:  # noqa: BLE001 - a task's root
            _LOG.critical("the session has failed, it starts again", exc_info=True)
            await clock.sleep(_RESTART_SECONDS)
