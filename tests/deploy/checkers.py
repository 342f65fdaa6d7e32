"""Programs that check files, from the packages of this environment or from the machine."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wheel_installation import demand

_TIMEOUT = 120.0


def checked(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a checker that is installed beside Python."""
    return _run(str(Path(sys.executable).with_name(program)), *arguments)


def passes(done: subprocess.CompletedProcess[str]) -> str:
    """What a checker prints that has found nothing."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def systemd_analyze(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze; without it, the test is skipped, but not in CI."""
    program = shutil.which("systemd-analyze")
    demand(program, "no systemd-analyze: apt-get install systemd")
    return _run(str(program), *arguments, folder=folder)


def kubectl(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run kubectl, which Debian does not have in a release that is current; or skip the test."""
    program = shutil.which("kubectl")
    if program is None:
        pytest.skip("no kubectl")
    return _run(program, *arguments)


def _run(
    program: str, *arguments: str | Path, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )
