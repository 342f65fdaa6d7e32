"""A session of `dev`: the engine that stays, and the agent that comes and goes."""

import asyncio
import os
import time
from collections import deque
from collections.abc import Iterable, Mapping

from mirastack_sdk._cli.dev.child_process import ChildProcess, LoadReport, StreamName
from mirastack_sdk._cli.dev.dev_terminal import DevTerminal
from mirastack_sdk._cli.dev.log_lines import log_line
from mirastack_sdk._cli.dev.source_watcher import SourceWatcher, forget_compiled
from mirastack_sdk._cli.inspector.inspector_desk import InspectorDesk, ReloadState

# Beyond the agent's own grace: to deregister, to leave lifespans, and to end.
_END_SECONDS = 2.0
# Imports that never end, such as a wait for a backend, would otherwise look like a slow start.
_SLOW_START_SECONDS = 10.0
_MOST_LAST_LINES = 60
_WORTH_REPEATING = frozenset({"ERROR", "CRITICAL"})
_PORT_LINE = "MIRASTACK_PLUGIN_PORT="


class DevSession:
    """Runs an agent as a process, and starts it anew whenever its sources change.

    A second process always waits with the SDK loaded, so that a reload takes little longer than
    loading the author's code. The old process has ended before the new one loads anything.
    """

    def __init__(
        self,
        target: str,
        environ: Mapping[str, str],
        grace: float,
        watcher: SourceWatcher,
        terminal: DevTerminal,
    ) -> None:
        self._target = target
        self._environ = environ
        self._grace = grace
        self._watcher = watcher
        self._terminal = terminal
        self._desk: InspectorDesk | None = None
        self._wanted = asyncio.Event()
        self._reason = ""
        self._began = 0.0
        self._count = 0
        self._spare: ChildProcess | None = None
        self._spare_wanted = asyncio.Event()
        self._last_lines: deque[str] = deque(maxlen=_MOST_LAST_LINES)

    async def run(self, desk: InspectorDesk) -> None:
        """Run the agent until this is cancelled; then it is ended, too."""
        self._desk = desk
        desk.on_reload = lambda: self._want("the page asks for it")
        self._began = time.monotonic()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch(), name="watcher")
                tasks.create_task(self._keep_spare(), name="spare process")
                while True:
                    await self._run_once(desk)
        finally:
            if self._spare is not None:
                await self._spare.stop(0)
            desk.set_reload("stopped")

    def note_change(self, state: ReloadState) -> None:
        """Print that the agent's process has changed."""
        took = f"{(time.monotonic() - self._began) * 1000:.0f} ms"
        match state.status:
            case "running":
                agent = self._desk.agent if self._desk is not None else None
                name = "" if agent is None else f"{agent.name} {agent.version} "
                what = "is ready" if self._count == 0 else f"is ready again (reload {self._count})"
                self._terminal.say("agent", f"{name}{what} after {took}", "good")
            case "failed":
                self._terminal.say("agent", f"does not run: {state.headline}", "bad")
                before = "the one before has ended; " if self._count > 0 else ""
                self._terminal.say("", f"{before}save a file to try again", "quiet")
            case "stopped" if state.error is not None:
                self._terminal.say("agent", state.error, "bad")
            case _:
                return
        self._spare_wanted.set()

    async def _watch(self) -> None:
        async for paths in self._watcher.changes():
            forget_compiled(paths)
            self._want(f"{_named(paths)} changed")

    def _want(self, reason: str) -> None:
        if not self._wanted.is_set():
            self._began = time.monotonic()
            self._reason = reason
        self._wanted.set()

    async def _run_once(self, desk: InspectorDesk) -> None:
        """Run the agent until a reload is wanted."""
        child = self._spare or await self._spawned()
        self._spare = None
        self._wanted.clear()
        self._last_lines.clear()
        desk.set_reload("starting", is_new=self._count > 0)
        child.go()
        watching = asyncio.create_task(self._note_end(child, desk), name="end of the agent")
        slow = asyncio.get_running_loop().call_later(
            _SLOW_START_SECONDS, self._note_slow_start, desk.reload
        )
        try:
            await self._wanted.wait()
            self._count += 1
            self._terminal.say("reload", self._reason, "quiet")
        finally:
            watching.cancel()
            slow.cancel()
            await child.stop(self._grace + _END_SECONDS)

    def _note_slow_start(self, state: ReloadState) -> None:
        if self._desk is not None and self._desk.reload is state:
            text = f"still starts after {_SLOW_START_SECONDS:g} s: it imports, connects or waits"
            self._terminal.say("agent", text, "warning")

    async def _note_end(self, child: ChildProcess, desk: InspectorDesk) -> None:
        status = await child.ended()
        if desk.reload.status in {"starting", "failed"}:
            text = "\n".join(self._last_lines).strip() or f"it ended with status {status}"
            desk.set_reload("failed", text)
        else:
            how = f"signal {-status}" if status < 0 else f"status {status}"
            desk.set_reload("stopped", f"ended with {how}; save a file to start it again")

    async def _keep_spare(self) -> None:
        """Keep a process ready once the agent has started, so that it does not slow that down."""
        while True:
            await self._spare_wanted.wait()
            self._spare_wanted.clear()
            if self._spare is None:
                self._spare = await self._spawned()

    async def _spawned(self) -> ChildProcess:
        return await ChildProcess.start(
            self._target, self._environ, self._note_line, self._note_report
        )

    def _note_report(self, report: LoadReport) -> None:
        self._watcher.add(report.files)
        if self._desk is not None:
            self._desk.set_schemas(report.schemas)

    def _note_line(self, stream: StreamName, text: str) -> None:
        if stream == "stdout" and text.startswith(_PORT_LINE):
            return
        line = log_line(stream, text)
        if line.level in _WORTH_REPEATING or (not line.level and stream == "stderr"):
            self._last_lines.append(line.text)
        self._terminal.log(line)
        if self._desk is not None:
            self._desk.add_log(line)


def _named(paths: Iterable[str]) -> str:
    first, *others = sorted(os.path.relpath(path) for path in paths)
    return f"{first} and {len(others)} more" if others else first
