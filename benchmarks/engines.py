"""The engine that the agents call: grpc-go's where it can be built, and otherwise one in Python.

The one in Python limits the rates of callbacks. More processes of it would not help: each agent
has one connection, which one process serves.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.actions import CACHED
from benchmarks.generated import REPOSITORY
from scripts.go_build import GoBuildError, build_go, missing_packages

_SOURCES = REPOSITORY / "benchmarks" / "go_engine"
_SLOW = "in Python, which limits the rates of callbacks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The command that starts an engine, and what the report calls it."""

    command: tuple[str, ...]
    title: str


def find_engine(folder: Path) -> Engine:
    """Return the fastest engine there is; one of grpc-go is built in the folder."""
    missing = missing_packages()
    if missing:
        return python_engine(f"{', '.join(missing)} not installed")
    program = folder / "go_engine"
    try:
        build_go(_SOURCES, program)
    except GoBuildError as error:
        return python_engine(str(error).strip().splitlines()[-1])
    return Engine(command=(str(program), f"--cached={CACHED}"), title=_version(program))


def python_engine(reason: str) -> Engine:
    """Return the engine in Python, which is used because of `reason`."""
    return Engine(command=(sys.executable, "-m", "benchmarks.engine"), title=f"{_SLOW}: {reason}")


def _version(program: Path) -> str:
    result = subprocess.run(  # noqa: S603 - the command is our own
        [program, "--version"], capture_output=True, text=True, check=True
    )
    return result.stdout.strip()
