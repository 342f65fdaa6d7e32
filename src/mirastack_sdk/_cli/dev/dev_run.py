"""What `dev` consists of: the local engine, the inspector, and the session with the agent."""

import os
import threading
import webbrowser
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.console import output_console
from mirastack_sdk._cli.dev.dev_session import DevSession
from mirastack_sdk._cli.dev.dev_terminal import DevTerminal
from mirastack_sdk._cli.dev.source_watcher import SourceWatcher, package_folder
from mirastack_sdk._cli.environment import process_environment
from mirastack_sdk._cli.inspector.inspector_desk import InspectorDesk
from mirastack_sdk._cli.inspector.web.inspector_server import inspector_server
from mirastack_sdk._cli.loading.target_text import TargetText
from mirastack_sdk._cli.sessions import local_environment
from mirastack_sdk._cli.shared_options import ApprovalPolicy
from mirastack_sdk._cli.stop_signals import stop_signal
from mirastack_sdk._core.settings.log_variables import LOG_FORMAT
from mirastack_sdk._core.settings.shutdown_variables import SHUTDOWN_GRACE
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk.testing import LocalEngine

# Running calls get less time than in production: whoever edits wants to see the effect.
_GRACE_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class DevOptions:
    """What the author has typed."""

    target: TargetText
    port: int | None
    engine_port: int
    config: Mapping[str, str]
    approve: ApprovalPolicy
    opens_browser: bool


async def run_dev(options: DevOptions) -> int:
    """Serve the inspector and keep the agent running until a signal arrives."""
    terminal = DevTerminal(output_console())
    with stop_signal() as stop:
        await _run(options, terminal)
    terminal.say("dev", "the engine and the inspector have stopped")
    return stop.status


async def _run(options: DevOptions, terminal: DevTerminal) -> None:
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(_engine(options.engine_port))
        environ = local_environment(engine, process_environment())
        session = DevSession(
            options.target.text,
            {SHUTDOWN_GRACE.name: str(_GRACE_SECONDS), **environ, LOG_FORMAT.name: "json"},
            _grace(environ),
            SourceWatcher(_root(options.target)),
            terminal,
        )
        desk = InspectorDesk(
            engine,
            options.target.text,
            policy=options.approve,
            config=options.config,
            on_approval=terminal.show_approval,
            on_change=session.note_change,
        )
        stack.enter_context(desk.attached())
        url = await stack.enter_async_context(inspector_server(desk, options.port))
        stack.enter_context(terminal.asking(desk.approvals))
        stack.push_async_callback(desk.history.close)
        terminal.say("inspector", url, "name")
        terminal.say("engine", engine.address)
        if options.opens_browser:
            # Some browsers run in the terminal until they are closed.
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
        try:
            await session.run(desk)
        finally:
            terminal.say("agent", "has stopped")


@asynccontextmanager
async def _engine(port: int) -> AsyncIterator[LocalEngine]:
    engine = LocalEngine(port=port)
    try:
        await engine.start()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise CommandError(f"the engine cannot use port {port}: {reason}") from error
    try:
        yield engine
    finally:
        await engine.stop()


def _root(target: TargetText) -> str:
    return package_folder(target.path) if target.path else os.getcwd()


def _grace(environ: Mapping[str, str]) -> float:
    # A value that is not valid stops the agent, which says why.
    with suppress(ValueError):
        return float(environ.get(SHUTDOWN_GRACE.name, ""))
    return _GRACE_SECONDS
