"""Runs of the command `check`, and the agents that it checks."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.advice.cases import CLEAN, TEMPLATE
from tests.cli.processes import Done
from tests.cli.programs import PLUGIN

BROKEN = PLUGIN.replace('"1.0.0"', '""').replace('"hello", "Say', '"Hello", "Say')
"""An agent that engines refuse, for two reasons."""


type Check = Callable[..., Done]


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return name


def found(done: Done) -> list[str]:
    """The codes in the JSON that the command printed."""
    return [each["code"] for each in json.loads(done.output)["findings"]]


def clean(folder: Path) -> str:
    """A file with the agent that has no findings."""
    (folder / "templates").mkdir()
    write(folder, "templates/metrics_guide.tmpl", TEMPLATE)
    return write(folder, "clean.py", CLEAN)
