"""The entry points `serve()` and `serve_async()`, which run a plugin as an agent."""

import asyncio
import atexit
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from mirastack_sdk._core.model.plugin_base import MirastackPlugin
from mirastack_sdk._core.model.worker_marks import SERVED_IN_WORKER, is_worker_process
from mirastack_sdk._core.settings.log_variables import LOG_LEVEL
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._core.settings.security_options import Security
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin, checked_plugin
from mirastack_sdk._runtime.clock import SystemClock
from mirastack_sdk._runtime.lifecycle import print_port_line, run_agent
from mirastack_sdk._runtime.log_output.sdk_handler import configure_logging, limit_sdk_lines
from mirastack_sdk._runtime.process import (
    StopSignals,
    end_despite_threads,
    loop_factory,
    run_until_done,
)
from mirastack_sdk._runtime.standard_streams import (
    occupy_standard_descriptors,
    settle_standard_streams,
    write_in_time,
)
from mirastack_sdk.errors import ConfigurationError, InvalidPluginError, MirastackError, StartError

_ONLY_LOADING: ContextVar[bool] = ContextVar("only_loading", default=False)


class ServedWhileLoadingError(BaseException):
    """A call of `serve()` or `serve_async()` by code that is only being loaded.

    The text is the name of the function. Like `SystemExit`, it passes `except Exception`.
    """


@contextmanager
def loading_only() -> Iterator[None]:
    """Refuse to serve in this block: tools that load an author's module decide about that.

    `serve()` and `serve_async()` raise `ServedWhileLoadingError`.
    """
    token = _ONLY_LOADING.set(True)
    try:
        yield
    finally:
        _ONLY_LOADING.reset(token)


def serve(plugin: MirastackPlugin, *, security: Security | None = None) -> None:
    """Serve an agent until SIGINT, SIGTERM or SIGHUP; blocks.

    Starts the gRPC server, registers with the engine at `MIRASTACK_ENGINE_ADDR` and stays
    registered. On a signal the agent deregisters, lets running calls finish within the grace
    period, and returns; a second signal ends the process at once. The author's code cannot keep the
    process alive: the process is ended one second after the grace period if calls still run, and
    one second after the end of the program if only the author's threads still run.

    `security` replaces the environment's security settings: TLS in both directions, and the token.

    If no engine would accept the plugin, a variable is invalid or a lifespan does not start, the
    process ends with status 1, and the reasons are on standard error.

    Raises `RuntimeError` in a thread whose event loop runs already, as in a notebook or in a
    coroutine: `serve_async()` serves there.
    """
    _require_leave_to_serve("serve()")
    _require_no_running_loop()
    occupy_standard_descriptors()
    atexit.register(settle_standard_streams)
    try:
        settings = Settings.from_mapping(os.environ, security)
        configure_logging(
            settings.log_level,
            is_set=LOG_LEVEL.is_set(os.environ),
            log_format=settings.log_format,
        )
        agent = checked_plugin(plugin)
        new_loop = loop_factory(settings.event_loop)
        with StopSignals(settings.shutdown_delay + settings.shutdown_grace) as signals:
            run_until_done(_serve_until_signalled(agent, settings, signals), new_loop)
        end_despite_threads()
    except (ConfigurationError, InvalidPluginError, StartError) as error:
        _exit_with(error)


async def serve_async(
    plugin: MirastackPlugin,
    *,
    environ: Mapping[str, str] | None = None,
    security: Security | None = None,
    stop: asyncio.Event | None = None,
    on_listening: Callable[[int], None] = print_port_line,
) -> None:
    """Serve an agent on the running loop until `stop` is set or the task is cancelled.

    In both cases it first deregisters and lets running calls finish within the grace period. A
    cancellation after `stop` does not shorten that; a second one does.
    Settings come from `environ`, by default the process's own. `security`, if given, replaces the
    security settings in it, except for MIRASTACK_REQUIRE_AUTH. `on_listening` is called with the
    port as soon as the agent listens; by default the port is printed as `serve()` does. Signals and
    logging are left to the caller.

    Raises `InvalidPluginError` if no engine would accept the plugin, `ConfigurationError` for an
    invalid setting, and `StartError` if a lifespan does not start.
    """
    _require_leave_to_serve("serve_async()")
    environ = os.environ if environ is None else environ
    settings = Settings.from_mapping(environ, security)
    limit_sdk_lines(settings.log_level, is_set=LOG_LEVEL.is_set(environ))
    agent = checked_plugin(plugin)
    if settings.telemetry_enabled and environ is not os.environ:
        from mirastack_sdk._runtime.telemetry.process_variables import (  # noqa: PLC0415 - rarely needed
            seen_by_opentelemetry,
        )

        environ = seen_by_opentelemetry(environ, os.environ)
    await run_agent(
        agent,
        settings,
        environ=environ,
        stop=stop or asyncio.Event(),
        on_listening=on_listening,
        clock=SystemClock(),
    )


async def _serve_until_signalled(
    agent: CheckedPlugin, settings: Settings, signals: StopSignals
) -> None:
    stop = asyncio.Event()
    signals.attach(stop)
    await run_agent(
        agent,
        settings,
        environ=os.environ,
        stop=stop,
        on_listening=print_port_line,
        clock=SystemClock(),
    )


def _require_leave_to_serve(function: str) -> None:
    if is_worker_process():
        # At once, past the author's `finally` and `except`; the agent says what is wrong.
        os._exit(SERVED_IN_WORKER)
    if _ONLY_LOADING.get():
        raise ServedWhileLoadingError(function)


def _require_no_running_loop() -> None:
    if asyncio._get_running_loop() is not None:  # noqa: SLF001 - documented, and raises nothing
        raise RuntimeError(
            "serve() cannot run here, because an event loop is already running in this thread (as "
            "in a notebook or an async function): use `await serve_async(plugin)` instead"
        )


_FAILURES: Mapping[type[MirastackError], str] = {
    ConfigurationError: "the configuration cannot be used",
    InvalidPluginError: "the plugin cannot be used",
    StartError: "the agent cannot start",
}


def _exit_with(error: ConfigurationError | InvalidPluginError | StartError) -> None:
    lines = [f"mirastack: {_FAILURES[type(error)]}:"]
    lines += [f"  - {line}" for line in str(error).splitlines()]
    write_in_time(sys.stderr, "\n".join([*lines, ""]))
    raise SystemExit(1)
