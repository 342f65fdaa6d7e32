"""Runs the documented agent beside a local engine, and prints what the engine sees.

This process is the engine; the agent is another process. Any failure ends with status 1 and one
sentence.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
import textwrap
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryFile

from mirastack_sdk.datetimeutils import format_rfc3339
from mirastack_sdk.plugin import Action, PluginInfo, TimeRange
from mirastack_sdk.testing import Encoding, LocalEngine, RegisteredAgent

HERE = Path(__file__).parent
AGENT = HERE / "minimal_agent.py"
NAME = "my_agent"
LAST_HALF_HOUR = TimeRange(1775604600000, 1775606400000, "Europe/Amsterdam", "last 30 minutes")
STEP_SECONDS = 20.0
LOG_LINES_SHOWN = 15
NAME_WIDTH = 16


class DemoError(Exception):
    """What went wrong, in one sentence."""


class Screen:
    """The terminal: a title for each step, then its facts in columns."""

    def __init__(self) -> None:
        self._coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def _styled(self, text: str, code: int) -> str:
        return f"\033[{code}m{text}\033[0m" if self._coloured else text

    def title(self, text: str, remark: str = "") -> None:
        """Begin a step."""
        print(f"\n{self._styled(text, 1)}" + (f"  {self._styled(remark, 2)}" if remark else ""))

    def row(self, name: str, value: str, remark: str = "") -> None:
        """One fact."""
        note = f"  {self._styled(remark, 2)}" if remark else ""
        print(f"  {self._styled(name.ljust(NAME_WIDTH), 36)}{value}{note}", flush=True)

    def text(self, text: str) -> None:
        """A sentence below a fact, as wide as the terminal allows."""
        width = max(40, shutil.get_terminal_size().columns - NAME_WIDTH - 2)
        for line in textwrap.wrap(text, width):
            self.row("", self._styled(line, 2))

    def good(self, text: str) -> None:
        """The last line."""
        print(f"\n{self._styled(text, 32)}")


class Stopwatch:
    """The time since it was created."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    def __str__(self) -> str:
        """In seconds or milliseconds."""
        seconds = time.perf_counter() - self._start
        return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


async def port_of(process: Process) -> int:
    """Read the port that the agent prints when it listens."""
    assert process.stdout is not None  # noqa: S101 - it was started with a pipe
    line = (await process.stdout.readline()).decode().strip()
    if not line:
        raise DemoError(f"the agent exited with status {await process.wait()} before it listened")
    name, _, value = line.partition("=")
    if name != "MIRASTACK_PLUGIN_PORT" or not value.isdecimal():
        raise DemoError(f"the agent printed {line!r} instead of its port")
    return int(value)


def agent_environment(engine: LocalEngine) -> Mapping[str, str]:
    """The agent's environment: the address of its engine, and a loopback address to listen on."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("MIRASTACK_")}
    return kept | {
        "MIRASTACK_ENGINE_ADDR": engine.address,
        "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
    }


@asynccontextmanager
async def running_agent(engine: LocalEngine) -> AsyncIterator[Process]:
    """Start the agent, and end it on leaving; after a failure, print its log."""
    with TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(AGENT), env=agent_environment(engine), stdout=PIPE, stderr=log
        )
        try:
            yield process
        except BaseException:
            if process.returncode is None:
                process.kill()
            await process.wait()
            log.seek(0)
            for line in log.read().decode(errors="replace").splitlines()[-LOG_LINES_SHOWN:]:
                print(f"  agent | {line}", file=sys.stderr)
            raise
        finally:
            await process.communicate()


async def show_start(screen: Screen, engine: LocalEngine, agent: Process) -> None:
    """Show the two processes and their addresses."""
    screen.title("Two processes")
    screen.row("engine", engine.address, f"pid {os.getpid()}")
    port = await port_of(agent)
    screen.row("agent", f"127.0.0.1:{port}", f"pid {agent.pid}, {AGENT.name}")


async def show_registration(screen: Screen, engine: LocalEngine) -> RegisteredAgent:
    """Wait until the agent has registered and the engine has dialled it back."""
    since = Stopwatch()
    registered = await engine.wait_registered(NAME, STEP_SECONDS)
    record = engine.registrations[-1]
    screen.title("Registered", f"in {since}")
    screen.row("called", f"RegisterPlugin, in {record.encoding.name}")
    screen.row("dialled back", record.address, "Info, GetSchema, HealthCheck")
    return registered


async def show_card(screen: Screen, agent: RegisteredAgent) -> None:
    """Show what the agent tells the engine about itself."""
    info: PluginInfo = await agent.info()
    screen.title(f"{info.name} {info.version}", info.description)
    screen.row("permission", info.permission.name)
    screen.row("stages", ", ".join(info.devops_stages))
    for action in (await agent.schema()).actions:
        show_action(screen, action)


def show_action(screen: Screen, action: Action) -> None:
    """Show one action and its parameters."""
    screen.row("action", action.name)
    screen.text(action.description)
    for name, param in action.input_params.items():
        needed = "required" if param.required else "optional"
        screen.row("  parameter", f"{name}: {param.type}, {needed}", param.description)


async def show_execution(screen: Screen, agent: RegisteredAgent) -> None:
    """Execute the documented action with a time range, once in each encoding."""
    start, end = LAST_HALF_HOUR.start_epoch_ms, LAST_HALF_HOUR.end_epoch_ms
    screen.title("get_status of checkout", f"{format_rfc3339(start)} to {format_rfc3339(end)}")
    expected = {"service": "checkout", "status": "ok", "queried_at": format_rfc3339(end)}
    for encoding in (Encoding.JSON, Encoding.PROTOBUF):
        since = Stopwatch()
        result = await agent.execute(
            "get_status", {"service": "checkout"}, time_range=LAST_HALF_HOUR, encoding=encoding
        )
        response = result.output.get("result", "{}")
        if not result.success or json.loads(response) != expected:
            raise DemoError(f"get_status in {encoding.name} returned {result}")
        screen.row(encoding.name, response, str(since))


async def show_health_and_config(screen: Screen, agent: RegisteredAgent) -> None:
    """Check the agent's health, and push a config."""
    screen.title("Health and config")
    since = Stopwatch()
    health = await agent.health()
    if not health.healthy:
        raise DemoError(f"the agent is not healthy: {health.message}")
    screen.row("health", f"healthy: {health.message}", str(since))
    since = Stopwatch()
    response = await agent.push_config({"backend_url": "http://127.0.0.1:8428"})
    if not response.acknowledged:
        raise DemoError(f"the agent rejected its config: {response.error}")
    screen.row("config", "backend_url accepted", str(since))


async def show_end(screen: Screen, engine: LocalEngine, agent: Process) -> None:
    """Send SIGTERM: the agent deregisters, then exits with status 0."""
    screen.title("SIGTERM")
    since = Stopwatch()
    agent.send_signal(signal.SIGTERM)
    await engine.wait_deregistered(NAME, STEP_SECONDS)
    if not engine.deregistrations:
        raise DemoError("the agent exited without calling DeregisterPlugin")
    screen.row("deregistered", f"known agents: {', '.join(engine.agents) or 'none'}", str(since))
    status = await agent.wait()
    if status != 0:
        raise DemoError(f"the agent exited with status {status}")
    screen.row("exited", f"with status {status}", str(since))


async def show_everything() -> None:
    """Run every step, each with a time limit."""
    screen, since = Screen(), Stopwatch()
    async with LocalEngine() as engine, running_agent(engine) as agent:
        async with asyncio.timeout(STEP_SECONDS):
            await show_start(screen, engine, agent)
        registered = await show_registration(screen, engine)
        await show_card(screen, registered)
        await show_execution(screen, registered)
        await show_health_and_config(screen, registered)
        async with asyncio.timeout(STEP_SECONDS):
            await show_end(screen, engine, agent)
        if engine.violations:
            raise DemoError(f"the agent broke the contract: {engine.violations[0]}")
    screen.good(f"Finished in {since}.")


def main() -> int:
    """Return status 0 if every step succeeded."""
    try:
        asyncio.run(show_everything())
    except KeyboardInterrupt:
        return 130
    except TimeoutError as error:
        print(f"run: took too long: {str(error) or 'the agent did not respond'}", file=sys.stderr)
        return 1
    except Exception as error:  # noqa: BLE001 - the program's root: a sentence, no traceback
        print(f"run: {str(error) or type(error).__name__}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
