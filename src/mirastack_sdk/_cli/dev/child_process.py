"""A process that runs an agent: its start, its output, and an end that leaves nothing behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from typing import Literal, Self

from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._deferred.named_tuples import NamedTuple

type StreamName = Literal["stdout", "stderr"]
type OnLine = Callable[[StreamName, str], object]

_PROGRAM = "mirastack_sdk._cli.dev.agent_child"
_MOST_CHARACTERS = 256 * 1024
# The last lines of a process that has ended have been written; they only need to be read.
_OUTPUT_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a process has loaded: the author's files, and the schemas of typed actions."""

    files: Sequence[str] = ()
    schemas: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


class _Lines(asyncio.Protocol):
    """The lines of a pipe; a line that does not end is cut into pieces."""

    def __init__(self, on_line: Callable[[str], object]) -> None:
        self._on_line = on_line
        self._rest = b""
        self.ended = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        """Pass on the lines that are complete."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _MOST_CHARACTERS:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            self._pass_on(line)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Pass on the last line."""
        if self._rest:
            self._pass_on(self._rest)
        self.ended.set()

    def _pass_on(self, line: bytes) -> None:
        self._on_line(line.decode(errors="replace").removesuffix("\r"))


class _Started(NamedTuple):
    process: subprocess.Popen[bytes]
    control: int
    report: int


class ChildProcess:
    """One process of the agent.

    `start` starts it, `go` lets it load the target, and `stop` ends it together with the processes
    that the author's code has started.
    """

    def __init__(self, started: _Started) -> None:
        self._process, self._control, self._report = started
        self._exit = asyncio.create_task(asyncio.to_thread(self._process.wait), name="agent")
        self._outputs: list[_Lines] = []
        self._reading: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls,
        target: str,
        environ: Mapping[str, str],
        on_line: OnLine,
        on_report: Callable[[LoadReport], object],
    ) -> Self:
        """Start a process, which then waits.

        `on_line` is called with each line of its output, and `on_report` once with what it has
        loaded.
        """
        child = cls(_start(target, environ))
        try:
            await child._read_output(on_line, on_report)
        except BaseException:
            child.kill()
            raise
        return child

    def go(self) -> None:
        """Let the process load the target; one that has ended does not."""
        with suppress(BrokenPipeError):
            os.write(self._control, b"!")

    async def ended(self) -> int:
        """Wait until the process has ended and its output has been read; returns its status."""
        status = await asyncio.shield(self._exit)
        # What the author's code has started would keep the output open.
        self.kill()
        with suppress(TimeoutError):
            async with asyncio.timeout(_OUTPUT_SECONDS):
                for output in self._outputs:
                    await output.ended.wait()
        return status

    async def stop(self, grace: float) -> None:
        """Ask the process to end, and kill it if it does not within `grace` seconds."""
        if not self._exit.done():
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGTERM)
        try:
            await asyncio.wait({self._exit}, timeout=grace)
        finally:
            self.kill()
        await self.ended()
        if self._reading is not None:
            self._reading.cancel()
        os.close(self._control)

    def kill(self) -> None:
        """Kill the process and those it has started, at once."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _read_output(
        self, on_line: OnLine, on_report: Callable[[LoadReport], object]
    ) -> None:
        await self._read(self._process.stdout, lambda line: on_line("stdout", line))
        await self._read(self._process.stderr, lambda line: on_line("stderr", line))
        texts: list[str] = []
        report = await self._read(os.fdopen(self._report, "rb"), texts.append)
        self._reading = asyncio.create_task(_pass_on(report, texts, on_report), name="report")

    async def _read(self, pipe: object, on_line: Callable[[str], object]) -> _Lines:
        loop = asyncio.get_running_loop()
        _, lines = await loop.connect_read_pipe(lambda: _Lines(on_line), pipe)
        self._outputs.append(lines)
        return lines


async def _pass_on(
    lines: _Lines, texts: Sequence[str], on_report: Callable[[LoadReport], object]
) -> None:
    await lines.ended.wait()
    match json.loads("".join(texts) or "null"):
        case {"files": list(files), "schemas": dict(schemas)}:
            on_report(LoadReport(files=files, schemas=schemas))
        case _:  # it has ended before it could report
            pass


def _start(target: str, environ: Mapping[str, str]) -> _Started:
    control_read, control = os.pipe()
    report, report_write = os.pipe()
    # Without -P, a file json.py beside the agent would take the place of Python's json.
    program = (sys.executable, "-P", "-u", "-m", _PROGRAM)
    try:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*program, str(control_read), str(report_write), target],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ,
            pass_fds=(control_read, report_write),
            # Ctrl-C in the terminal is for the parent, which ends the agent in good order.
            start_new_session=True,
        )
    except BaseException:
        os.close(control)
        os.close(report)
        raise
    finally:
        os.close(control_read)
        os.close(report_write)
    return _Started(process, control, report)
