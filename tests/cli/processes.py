"""The command line as a process, with or without a terminal."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from mirastack_sdk._cli import app

MAIN = "from mirastack_sdk._cli.entry_point import main; main()"
COMMAND = [sys.executable, "-c", MAIN]
SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A command that has ended."""

    status: int
    output: str
    errors: str


def environment(**extra: str) -> Mapping[str, str]:
    """The environment variables without those of an agent, and with some others."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("MIRASTACK_")}
    return kept | {"COLUMNS": "80", "TERM": "xterm-256color"} | extra


def run(*arguments: str, folder: Path, typed: str = "", **extra: str) -> Done:
    """Run a command to its end, without a terminal."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(**extra),
        input=typed,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Done(status=done.returncode, output=done.stdout, errors=done.stderr)


def run_here(*arguments: str, capture: pytest.CaptureFixture[str]) -> Done:
    """Run a command in this process and folder, which is faster than in one of its own."""
    status = app.run(list(arguments))
    printed = capture.readouterr()
    return Done(status=status, output=printed.out, errors=printed.err)


def start(
    *arguments: str, folder: Path, command: Sequence[str] = COMMAND, **extra: str
) -> subprocess.Popen[str]:
    """Start a command without a terminal."""
    return subprocess.Popen(
        [*command, *arguments],
        cwd=folder,
        env=environment(**extra),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_in_terminal(
    *arguments: str,
    folder: Path,
    typed: Sequence[tuple[str, str]] = (),
    command: Sequence[str] = COMMAND,
    **extra: str,
) -> Done:
    """Run a command on a terminal of its own; all of what it prints is the output.

    Each pair of `typed` is a text to wait for, and what to type then.
    """
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [*command, *arguments],
        cwd=folder,
        env=environment(**extra),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    waiting, seen = list(typed), b""
    while data := _read(controller):
        seen += data
        while waiting and waiting[0][0].encode() in seen:
            os.write(controller, waiting.pop(0)[1].encode())
    os.close(controller)
    status = process.wait(SECONDS)
    return Done(status=status, output=seen.decode().replace("\r\n", "\n"), errors="")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux reports the end of the other side as an error
        return b""
