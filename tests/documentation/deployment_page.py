"""The blocks of docs/deployment.md, and a shell that follows them."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.cli.processes import MAIN
from tests.documentation.documentation import REPOSITORY
from tests.documentation.page_blocks import PageBlock, page_blocks
from tests.wheel_installation import clean_environment

PAGE = REPOSITORY / "docs" / "deployment.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = list(page_blocks(PAGE))
TIMEOUT = 60.0
# Commands that this environment has under other names.
COMMANDS = f"""
mirastack-agent() {{ {shlex.quote(sys.executable)} -c {shlex.quote(MAIN)} "$@"; }}
python() {{ exec {shlex.quote(sys.executable)} "$@"; }}
"""


def block(name: str) -> PageBlock:
    """The block that shows a file, or that begins with a command."""
    (found,) = [one for one in BLOCKS if one.name.startswith(name) and not one.reason]
    return found


def blocks(name: str) -> list[PageBlock]:
    """The blocks that show a file, if the page has several for different cases."""
    return [one for one in BLOCKS if one.name == name]


def shell(commands: PageBlock, folder: Path, **extra: str) -> str:
    """Run commands in a folder, which holds what they write into /etc and /var, too."""
    text = re.sub(r"(?<=\s)/(?=etc/|var/)", f"{folder}/root/", "\n".join(commands.commands))
    done = subprocess.run(
        ["bash", "-euc", COMMANDS + text],  # noqa: S607 - the shell that is installed
        cwd=folder,
        env=clean_environment() | {"PYTHONPATH": os.environ.get("PYTHONPATH", "")} | extra,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
