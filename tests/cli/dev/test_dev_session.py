"""A session of `dev` says what the agent's process does."""

import asyncio
import io
from pathlib import Path

import pytest
from rich.console import Console
from rich.theme import Theme

from mirastack_sdk._cli.console import STYLES
from mirastack_sdk._cli.dev import dev_session
from mirastack_sdk._cli.dev.dev_session import DevSession
from mirastack_sdk._cli.dev.dev_terminal import DevTerminal
from mirastack_sdk._cli.dev.source_watcher import SourceWatcher
from mirastack_sdk._cli.inspector.inspector_desk import InspectorDesk
from mirastack_sdk.testing import LocalEngine
from tests.cli.processes import environment


class Screen(io.StringIO):
    """What the terminal shows; `seen` is set once that includes `text`."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self.seen = asyncio.Event()

    def write(self, text: str) -> int:
        """Show more."""
        written = super().write(text)
        if self._text in self.getvalue():
            self.seen.set()
        return written


async def test_a_start_that_does_not_end_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agent that waits for its backend while it is imported does not look like a slow start."""
    monkeypatch.setattr(dev_session, "_SLOW_START_SECONDS", 0.01)
    agent = tmp_path / "agent.py"
    agent.write_text("import threading\nthreading.Event().wait()\n")
    screen = Screen("still starts after 0.01 s: it imports, connects or waits")
    terminal = DevTerminal(Console(file=screen, theme=Theme(dict(STYLES))))
    watcher = SourceWatcher(str(tmp_path))
    session = DevSession(str(agent), environment(), 0.0, watcher, terminal)
    desk = InspectorDesk(LocalEngine(), "agent.py", on_change=session.note_change)
    running = asyncio.create_task(session.run(desk))
    async with asyncio.timeout(90):
        await screen.seen.wait()
    running.cancel()
    await asyncio.wait({running})
    assert running.cancelled()
