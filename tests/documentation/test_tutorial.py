"""The tutorial, followed with the built wheel, and offline once that is installed."""

import asyncio
import json
import os
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from mirastack_sdk._runtime.clock import SystemClock
from tests.cli.dev.dev_process import DevProcess, dev
from tests.cli.processes import run_in_terminal
from tests.documentation.documentation import REPOSITORY
from tests.wheel_installation import Installation, install

PAGE = (REPOSITORY / "docs" / "tutorial.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^    (?! ).*\n(?:    .*\n|\n(?=    ))*", re.MULTILINE)
_PROMPT = "$ "
_EDITED = "src/queue_agent/agent.py"
# Python refuses each connection that leaves the machine, and notes it.
_OFFLINE = """
import sys

def refuse(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
        if not host.startswith("127.") and host not in ("::1", "localhost"):
            with open({log!r}, "a") as file:
                print(host, file=file)
            raise OSError(f"the test is offline: {{host}}")

sys.addaudithook(refuse)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A block of the page: a command and what it prints, or only one of the two."""

    command: str
    shown: Sequence[str]


def steps() -> Iterator[Step]:
    """The steps of the page in order."""
    for block in _BLOCK.findall(PAGE):
        lines = [line.removeprefix("    ") for line in block.rstrip("\n").splitlines()]
        starts = [at for at, line in enumerate(lines) if line.startswith(_PROMPT)]
        if not starts:
            yield Step(command="", shown=lines)
            continue
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            command, *shown = lines[start:end]
            while command.endswith("\\"):
                command = command[:-1] + shown.pop(0).strip()
            yield Step(command=command.removeprefix(_PROMPT), shown=shown)


STEPS = list(steps())


def words(text: str) -> list[str]:
    """The words of what is printed, wherever its lines are wrapped.

    Numbers differ between runs, and count as the same.
    """
    return re.sub(r"[0-9.:]+ m?s\b|[0-9]+", "#", text).split()


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel, with what the page installs; from now on, Python cannot leave the machine."""
    (command,) = [step.command for step in STEPS if step.command.startswith("pip install ")]
    sdk, *others = shlex.split(command)[2:]
    name, _, extra = sdk.rstrip("]").partition("[")
    assert name == "mirastack-agents-sdk-python"
    installed = install(tmp_path_factory.mktemp("tutorial"), *others, extra=extra)
    (packages,) = installed.python.parent.parent.glob("lib/python*/site-packages")
    guard = _OFFLINE.format(log=str(installed.folder / "connections"))
    (packages / "sitecustomize.py").write_text(guard, encoding="utf-8")
    return installed


class Reader:
    """Follows the page in a folder, step by step; `seconds` is when each step was done."""

    def __init__(self, installation: Installation, stack: AsyncExitStack) -> None:
        self.seconds: dict[str, float] = {}
        self._python = installation.python
        self._folder = installation.folder
        self._stack = stack
        self._dev: DevProcess | None = None
        self._seen = 0
        self._clock = SystemClock()
        self._began = self._clock.monotonic()

    async def follow(self, step: Step) -> None:
        """Do what a step says, and compare what is printed."""
        match step.command.split():
            case ["python3" | "." | "pip", *_]:
                return  # the environment is there
            case ["cd", folder]:
                self._folder /= folder
            case ["mirastack-agent", "dev", target]:
                await self._start_dev(target, step.shown)
            case ["curl", *_]:
                await self._push(step)
            case [program, *_]:
                await self._run(program, step)
            case _ if step.shown[0].startswith("-"):
                self._edit(step.shown)
            case _:
                await self._see(step.shown)
        self.seconds[step.command or step.shown[0]] = self._clock.monotonic() - self._began

    async def _run(self, program: str, step: Step) -> None:
        done = await asyncio.to_thread(
            run_in_terminal,
            folder=self._folder,
            command=shlex.split(step.command),
            PATH=self._path,
            NO_COLOR="1",
            PYTHONPATH="",
            PYTEST_ADDOPTS="",
        )
        assert words(done.output) == words("\n".join(step.shown)), done.output
        status = re.search(r"^status ([0-9])", "\n".join(step.shown), re.MULTILINE)
        assert done.status == (int(status[1]) if status else 0), program

    @property
    def _path(self) -> str:
        return os.pathsep.join([str(self._python.parent), os.environ["PATH"]])

    async def _start_dev(self, target: str, shown: Sequence[str]) -> None:
        running = dev(self._folder, target, environ={"PYTHONPATH": ""}, python=self._python)
        self._dev = await self._stack.enter_async_context(running)
        await self._see(shown)
        await self._dev.open_page()
        await self._dev.shows("running")

    def _edit(self, shown: Sequence[str]) -> None:
        before, after = (line[1:] for line in shown)
        source = (self._folder / _EDITED).read_text(encoding="utf-8")
        assert source.count(before) == 1
        self._running_dev.edit(_EDITED, source.replace(before, after))

    async def _see(self, shown: Sequence[str]) -> None:
        """Wait for the next lines of `dev`; those of the log may come earlier or later."""
        printed = await self._running_dev.first_lines(self._seen + len(shown))
        assert sorted(map(words, printed[self._seen :])) == sorted(map(words, shown))
        self._seen = len(printed)

    async def _push(self, step: Step) -> None:
        body = json.loads(shlex.split(step.command)[-1])
        answer = await self._running_dev.send("POST", "/api/config", body)
        assert words(json.dumps(answer)) == words("\n".join(step.shown))

    @property
    def _running_dev(self) -> DevProcess:
        assert self._dev is not None
        return self._dev


async def test_a_reader_can_follow_it(
    installation: Installation, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """Each command prints what the page shows, but for numbers, and nothing leaves the machine."""
    async with AsyncExitStack() as stack:
        reader = Reader(installation, stack)
        for step in STEPS:
            await reader.follow(step)
    for done, seconds in reader.seconds.items():
        record_testsuite_property(f"tutorial: {done}", f"{seconds:.1f} s")
    assert not (installation.folder / "connections").exists()


def test_all_of_the_page_is_followed() -> None:
    """The test does not pass by leaving steps out."""
    commands = [step.command.split()[:2] for step in STEPS if step.command]
    used = {name for program, name in commands if program == "mirastack-agent"}
    assert used == {"init", "dev", "call", "check", "mcp"}
    assert len(STEPS) == 18
