"""Sessions of commands with an agent over real sockets: one that they serve, or one that runs."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.console import error_console
from mirastack_sdk._cli.environment import process_environment
from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.loading.author_code import author_traceback, summary
from mirastack_sdk._core.model.declarations import PluginInfo, PluginSchema
from mirastack_sdk._core.model.plugin_base import MirastackPlugin, ignore
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.metrics_variables import METRICS_VARIABLES
from mirastack_sdk._core.settings.process_settings import (
    ADVERTISE_ADDR,
    ENGINE_ADDR,
    LISTEN_ADDR,
    TENANT_ID,
    TENANT_SLUG,
)
from mirastack_sdk._core.settings.security_variables import SECURITY_VARIABLES, SecuritySettings
from mirastack_sdk._core.settings.shutdown_variables import SHUTDOWN_GRACE
from mirastack_sdk._runtime.checked_plugin import takes_config
from mirastack_sdk._runtime.connection_security.protection import Protection, protection
from mirastack_sdk._runtime.serve import serve_async
from mirastack_sdk.errors import ConfigurationError, InvalidPluginError, StartError
from mirastack_sdk.testing import (
    AgentCallError,
    AgentClient,
    Encoding,
    LocalEngine,
    RegisteredAgent,
)
from mirastack_sdk.testing._agent_client import AgentConnections

_FREE_PORT = "127.0.0.1:0"
_TENANT = "local"
_REPLACED = (ENGINE_ADDR, LISTEN_ADDR, ADVERTISE_ADDR, *METRICS_VARIABLES, *SECURITY_VARIABLES)
# A lifespan may load a model, or wait for a database.
_START_SECONDS = 300.0
_PATIENCE_SECONDS = 10.0
# The calls of commands have been answered or given up before the agent stops. A plain function
# cannot be stopped, and would hold up the command.
_GRACE_SECONDS = 2.0


def local_environment(engine: LocalEngine, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The variables of an agent that is served beside a local engine, on loopback.

    Other addresses, TLS and tokens are left out. Without a tenant, the agent has one of its own, so
    that it does not warn of its absence.
    """
    replaced = {variable.name for variable in _REPLACED}
    kept = {name: value for name, value in environ.items() if name not in replaced}
    has_tenant = TENANT_ID.is_set(environ) or TENANT_SLUG.is_set(environ)
    tenant = {} if has_tenant else {TENANT_SLUG.name: _TENANT}
    return {**kept, **tenant, ENGINE_ADDR.name: engine.address, LISTEN_ADDR.name: _FREE_PORT}


@asynccontextmanager
async def serving(
    plugin: MirastackPlugin, engine: LocalEngine, environ: Mapping[str, str] | None = None
) -> AsyncIterator[RegisteredAgent]:
    """Serve a plugin on this loop beside `engine`, which has started, until the block ends.

    `environ` replaces the process's environment; the agent's addresses and security are those of
    `local_environment` in either case. At the end the agent deregisters, lets its calls finish
    within the grace period, by default two seconds, and leaves its lifespans.

    Raises `CommandError` with the status `NO_AGENT` if the agent does not start.
    """
    given = process_environment() if environ is None else environ
    stop = asyncio.Event()
    environ = {SHUTDOWN_GRACE.name: str(_GRACE_SECONDS), **local_environment(engine, given)}
    served = asyncio.create_task(
        serve_async(plugin, environ=environ, stop=stop, on_listening=ignore), name="serving"
    )
    try:
        yield await _ready(plugin, engine, served)
    finally:
        stop.set()
        await _ended(served)


async def require_accepted(config: Mapping[str, str], agent: RegisteredAgent) -> None:
    """Raise `CommandError` if `config` has a key that the agent does not declare, or it refuses it.

    An agent that declares none may read any.
    """
    info = agent.introduction.info
    known = [param.key for param in info.config_params]
    for key in config:
        if known and key not in known:
            raise CommandError(
                f"{info.name} has no config parameter {key}; it has {', '.join(known)}"
            )
    if not config:
        return
    try:
        answer = await agent.push_config(config)
    except AgentCallError as error:
        raise CommandError(str(error), status=ExitStatus.NO_RESPONSE) from error
    if not answer.acknowledged:
        raise CommandError(f"{info.name} refuses the config: {answer.error}")


@asynccontextmanager
async def connected(
    address: Address, *, encoding: Encoding, environ: Mapping[str, str] | None = None
) -> AsyncIterator[AgentClient]:
    """Give a client of a running agent, and close its connections when the block ends.

    The variables with which agents call their engine, in `environ` or in the process's environment,
    say whether it calls over TLS, with which certificate, and with which token. Raises
    `CommandError` if they are not valid.
    """
    given = process_environment() if environ is None else environ
    client = AgentClient(
        str(address),
        AgentConnections(address, _as_caller(given)),
        encoding=encoding,
        tenant_id="",
        store_config=lambda _name, _config: 1,
    )
    async with client:
        yield client


async def declarations_of(client: AgentClient) -> tuple[PluginInfo, PluginSchema]:
    """What an agent declares when it is asked; raises `CommandError` if it does not say."""
    try:
        return await client.info(), await client.schema()
    except AgentCallError as error:
        raise CommandError(str(error), status=ExitStatus.NO_RESPONSE) from error
    except ValueError as error:
        raise CommandError(
            f"{client.address} serves no agent of the contract: {error}",
            status=ExitStatus.NO_RESPONSE,
        ) from error


def _as_caller(environ: Mapping[str, str]) -> Protection:
    """What protects calls from here, without what would protect a port."""
    errors: list[str] = []
    settings = SecuritySettings.read(environ, errors)
    if errors:
        raise CommandError("; ".join(errors))
    try:
        return protection(replace(settings.security, server=None), settings.names)
    except ConfigurationError as error:
        raise CommandError(str(error)) from error


async def _ready(
    plugin: MirastackPlugin, engine: LocalEngine, served: asyncio.Task[None]
) -> RegisteredAgent:
    """The agent once it can be called; `CommandError` if that takes too long."""
    known, fetched = len(engine.registrations), len(engine.calls_of("get_config"))
    notice = asyncio.get_running_loop().call_later(_PATIENCE_SECONDS, _say_that_it_starts)
    try:
        agent = await _registered(engine, served, known)
        if takes_config(plugin, agent.introduction.info):
            # So that fetching it is no part of what follows.
            await engine.wait_for(lambda: engine.calls_of("get_config")[fetched:], _START_SECONDS)
    except TimeoutError as error:
        raise CommandError(
            f"the agent did not start within {_START_SECONDS:g} s", status=ExitStatus.NO_AGENT
        ) from error
    finally:
        notice.cancel()
    return agent


def _say_that_it_starts() -> None:
    error_console().print("the agent is still starting", style="quiet")


async def _registered(
    engine: LocalEngine, served: asyncio.Task[None], known: int
) -> RegisteredAgent:
    """The agent once it has registered; its failure if it ends before."""
    waiting = asyncio.create_task(
        engine.wait_for(lambda: engine.registrations[known:], _START_SECONDS),
        name="registration",
    )
    try:
        await asyncio.wait({waiting, served}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            await _ended(served)
            raise CommandError("the agent stopped as it started", status=ExitStatus.NO_AGENT)
        first = waiting.result()[0]
    finally:
        waiting.cancel()
    if first.error:
        raise CommandError(
            f"the engine refuses the agent: {first.error}", status=ExitStatus.NO_AGENT
        )
    return await engine.wait_registered(first.name, _START_SECONDS)


async def _ended(served: asyncio.Task[None]) -> None:
    """Wait until the agent has stopped, and translate its failure."""
    try:
        await served
    except (InvalidPluginError, ConfigurationError, StartError) as error:
        # One line for each thing that is wrong.
        lines = "; ".join(str(error).splitlines())
        cause = error.__cause__
        raise CommandError(
            f"the agent cannot start: {lines}",
            status=ExitStatus.NO_AGENT,
            details="" if cause is None else author_traceback(cause),
        ) from error
    except Exception as error:
        raise CommandError(
            f"the agent failed: {summary(error)}",
            status=ExitStatus.NO_AGENT,
            details=author_traceback(error),
        ) from error
