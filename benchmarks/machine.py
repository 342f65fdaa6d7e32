"""The environment that the figures depend on: versions, processors, the date."""

import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.engines import Engine
from benchmarks.generated import REPOSITORY
from benchmarks.h2load import H2Load

_PACKAGES = ("grpcio", "protobuf", "grpclib", "betterproto", "h2", "hpack", "orjson", "uvloop")
_AUTOGROUP = Path("/proc/self/autogroup")
_SDK = "mirastack-agents-sdk-python"


def description(
    h2load: H2Load | None, engine: Engine, peers: Sequence[str], *, load_before: float
) -> list[tuple[str, str]]:
    """Return the facts that a reader needs to compare figures, by name.

    `peers` are packages that are installed elsewhere, with their versions.
    """
    packages = [*filter(None, map(_package, _PACKAGES)), *peers]
    client = h2load.version() if h2load else "not installed: all load is grpcio's, JSON is left out"
    return [
        ("date", datetime.now(UTC).date().isoformat()),
        ("SDK", f"{version(_SDK)}{_commit()}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("packages", ", ".join(packages)),
        ("h2load", client),
        ("engine", engine.title),
        ("machine", f"{os.cpu_count()} CPUs, {platform.machine()}, {platform.system()}"),
        ("other programs", f"load average {load_before:.1f} before the run{_turns()}"),
    ]


def _package(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return ""


def _turns() -> str:
    """The niceness of the session, which has more weight than the process's own."""
    try:
        niceness = _AUTOGROUP.read_text(encoding="utf-8").rpartition("nice ")[2].strip()
    except OSError:
        return ""
    return f", which had nice {niceness} among them" if niceness not in {"", "0"} else ""


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty=, changed"]
    try:
        result = subprocess.run(  # noqa: S603 - the command is our own
            command, cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return f" ({result.stdout.strip()})" if result.returncode == 0 else ""
