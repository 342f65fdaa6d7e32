"""The built wheel, and environments that it is installed into."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
IN_CI = os.environ.get("CI") == "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The wheel and a fresh environment that it has been installed into."""

    wheel: Path
    python: Path
    folder: Path

    def run(self, *arguments: str, **extra_environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command, and return its result whatever its status."""
        environment = clean_environment() | extra_environment
        return run([str(self.python), *arguments], self.folder, environment)


def clean_environment() -> dict[str, str]:
    """The environment variables without those that lead Python back to the repository."""
    hidden = ("PYTHON", "VIRTUAL_ENV", "MIRASTACK", "PYTEST")
    return {name: value for name, value in os.environ.items() if not name.startswith(hidden)}


def run(
    command: list[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, however it ends."""
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def find_uv() -> str | None:
    """The uv of the machine or of the bootstrap, if one of them runs."""
    for candidate in (shutil.which("uv"), str(REPOSITORY / ".tools" / "bin" / "uv")):
        if candidate and Path(candidate).exists():
            asked = run([candidate, "--version"], REPOSITORY, os.environ)
            if asked.returncode == 0:
                return candidate
    return None


def demand(condition: object, reason: str) -> None:
    """Skip the test if the machine lacks something, but never in CI."""
    if not condition:
        if IN_CI:
            pytest.fail(reason)
        pytest.skip(reason)


def install(folder: Path, *packages: str, extra: str = "") -> Installation:
    """Build the wheel, create an environment, and install the wheel and other packages.

    The test is skipped on a machine that has no uv, or cannot reach an index of packages.
    """
    uv = find_uv()
    demand(uv, "no uv that runs: neither on PATH nor in .tools")
    python = folder / "venv" / "bin" / "python"

    def step(*arguments: str) -> None:
        done = run([str(uv), *arguments], folder, clean_environment())
        demand(done.returncode == 0, f"uv {' '.join(arguments)} failed:\n{done.stderr}")

    on = ("--quiet", "--python", sys.executable)
    step("build", *on, "--wheel", "--out-dir", str(folder / "dist"), str(REPOSITORY))
    (wheel,) = (folder / "dist").glob("*.whl")
    step("venv", *on, str(folder / "venv"))
    into = ("pip", "install", "--quiet", "--python", str(python))
    step(*into, f"{wheel}[{extra}]" if extra else str(wheel))
    step(*into, *packages)
    author = folder / "author"
    author.mkdir()
    return Installation(wheel=wheel, python=python, folder=author)
