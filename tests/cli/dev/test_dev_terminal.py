"""The terminal of `dev` shows what happens, and decides approvals."""

import asyncio
import io
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import httpx
import pytest
from rich.console import Console
from rich.theme import Theme

from mirastack_sdk._cli.console import STYLES
from mirastack_sdk._cli.dev.dev_terminal import DevTerminal
from mirastack_sdk._cli.dev.log_lines import log_line
from mirastack_sdk._cli.inspector.log_line import LogLine
from tests.cli.processes import COMMAND, environment

APPROVING = '''
from mirastack_sdk import Agent, Context, EngineClient, Permission
agent = Agent(
    name="asks", version="1.0.0", description="Asks", permission=Permission.MODIFY,
    devops_stages=["operate"],
)


@agent.action
async def restart(engine: EngineClient, ctx: Context) -> bool:
    """Restart something. Use this when it hangs."""
    print("asking")
    return bool(await engine.request_approval(ctx, "Restart it", timeout=600))
'''


ESCAPED = r"a\x1b[2Jb\x07"


def printed(*lines: LogLine, color_system: Literal["truecolor"] | None = None) -> str:
    """What the terminal shows of some lines of the log."""
    out = io.StringIO()
    console = Console(
        file=out,
        force_terminal=color_system is not None,
        color_system=color_system,
        theme=Theme(dict(STYLES)),
    )
    terminal = DevTerminal(console)
    for line in lines:
        terminal.log(line)
    return out.getvalue()


def record(**changes: object) -> str:
    """A record in JSON, as an agent writes it."""
    members = {
        "time": "2026-04-08T12:00:00.042Z",
        "level": "INFO",
        "logger": "me",
        "message": "searched",
        **changes,
    }
    return json.dumps(members)


def test_a_record_is_read_with_its_fields() -> None:
    """Time, level, logger, text and fields are those of the JSON; blocks follow the text."""
    line = log_line("stderr", record(rows=3, execution_id="e-1", exception="Traceback\n  x"))
    assert (line.at, line.level, line.logger) == (1775649600042, "INFO", "me")
    assert (line.text, line.fields) == (
        "searched\nTraceback\n  x",
        {"rows": 3, "execution_id": "e-1"},
    )
    assert line.shown()["execution_id"] == "e-1"


@pytest.mark.parametrize(
    "text",
    ["", "hello", "{", '{"message": "mine"}', '{"time":1,"level":"","logger":"","message":""}'],
)
def test_what_is_no_record_is_a_printed_line(text: str) -> None:
    """Whatever the author's code prints is shown as it is."""
    line = log_line("stderr", text)
    assert (line.text, line.level, line.logger, line.fields) == (text, "", "stderr", {})


def test_a_record_that_is_printed_to_standard_output_is_a_line() -> None:
    """The log is on standard error; JSON on standard output is the author's."""
    assert log_line("stdout", record()).level == ""


def test_fields_follow_the_text_and_blocks_are_indented() -> None:
    """The id of the execution is shortened, and stands for the rest of the call."""
    fields = {"rows": 3, "execution_id": "0123456789abcdef", "step_id": "s", "action": "a"}
    line = LogLine(at=0, level="ERROR", logger="me", text="failed\nTraceback", fields=fields)
    first, second = printed(line).splitlines()
    assert first.endswith("ERROR   failed rows=3 execution_id=01234567")
    assert second == "  │   Traceback"


def test_what_the_sdk_says_at_each_start_is_left_to_the_page() -> None:
    """Its warnings are shown nevertheless, and so are all lines of others."""
    lines = [
        LogLine(at=0, level=level, logger=logger, text=f"{level} of {logger}")
        for level in ("INFO", "WARNING")
        for logger in ("mirastack_sdk._runtime", "me")
    ]
    shown = printed(*lines)
    assert "INFO of mirastack_sdk" not in shown
    assert shown.count("\n") == 3


def test_what_is_printed_stays_as_it_is() -> None:
    """Brackets are no markup, long lines stay whole, and a file gets no escape codes."""
    text = "[bold]x[/bold] \x1b[31mred\x1b[0m " + "y" * 200
    line = LogLine(at=0, level="", logger="stdout", text=text)
    assert printed(line) == "  │ [bold]x[/bold] red " + "y" * 200 + "\n"


def test_printed_colors_are_shown_and_end_with_their_line() -> None:
    """A terminal shows the colors of the author's code, and of the marks."""
    line = LogLine(at=0, level="", logger="stdout", text="\x1b[31mred")
    assert printed(line, color_system="truecolor") == "\x1b[2m  │ \x1b[0m\x1b[31mred\x1b[0m\n"


@pytest.mark.parametrize("level", ["", "INFO"])
def test_nothing_moves_the_cursor(level: str) -> None:
    """Other escape sequences and controls are written out."""
    line = LogLine(at=0, level=level, logger="x", text="a\x1b[2Jb\x07")
    assert printed(line, color_system="truecolor").rstrip("\n").endswith(ESCAPED)


def test_of_a_progress_bar_the_last_state_is_shown() -> None:
    """What a line was before it was written over is not a line of its own."""
    line = LogLine(at=0, level="", logger="stderr", text="10%\r 50%\r100%")
    assert printed(line) == "  │ 100%\n"


class Pty:
    """`dev` in a terminal of its own."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._text = ""
        self._changed = asyncio.Condition()

    def readable(self) -> None:
        """Take what the process has written."""
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:  # the process has closed it
            asyncio.get_running_loop().remove_reader(self._descriptor)
            return
        self._text += data.decode(errors="replace")
        self._woken = asyncio.ensure_future(self._notify())

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def shows(self, text: str) -> str:
        """Wait until the terminal has shown that text; returns everything."""
        try:
            async with asyncio.timeout(90), self._changed:
                await self._changed.wait_for(lambda: text in self._text)
        except TimeoutError:
            raise AssertionError(f"never shown: {text!r}; shown:\n{self._text}") from None
        return self._text

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._descriptor, f"{text}\n".encode())


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Pty]:
    (tmp_path / "agent.py").write_text(APPROVING)
    ours, theirs = os.openpty()
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, "dev", "agent.py", "--port", "0"),
        cwd=tmp_path,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(TERM="xterm", COLUMNS="200"),
    )
    os.close(theirs)
    pty = Pty(ours)
    asyncio.get_running_loop().add_reader(ours, pty.readable)
    try:
        yield pty
    finally:
        process.kill()
        await process.wait()
        asyncio.get_running_loop().remove_reader(ours)
        os.close(ours)


async def test_approvals_are_decided_in_the_terminal(terminal: Pty) -> None:
    """`y` grants the request that waits; what is neither y nor n is said."""
    url = (await terminal.shows("http://")).partition("http://")[2].partition("\x1b")[0]
    await terminal.shows("is ready after")
    async with httpx.AsyncClient(base_url=f"http://{url}", trust_env=False, timeout=90) as page:
        started = (await page.post("/api/executions", json={"action": "restart"})).json()
        await terminal.shows("1: Restart it (MODIFY); type y 1 or n 1")
        terminal.type("maybe")
        await terminal.shows("'maybe' is neither y nor n")
        terminal.type("y 2")
        await terminal.shows("there is no such request")
        terminal.type("y")
        await terminal.shows("1: granted by terminal")
        done = started
        while done["status"] == "running":
            done = (await page.get(f"/api/executions/{started['id']}")).json()
    assert done["result"] is True
