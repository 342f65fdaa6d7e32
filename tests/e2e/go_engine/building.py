"""The build of the grpc-go engine, on machines that can build it."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from codegen.protoc import compile_proto
from tests.golden.google import CONTRACT

_SOURCES = Path(__file__).parent
# Debian's packages of Go sources, which are built without modules and without a network.
_GOPATH = Path("/usr/share/gocode")
_PACKAGES = {
    "google.golang.org/grpc": "golang-google-grpc-dev",
    "google.golang.org/protobuf": "golang-google-protobuf-dev",
}
_BUILD_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The built engine, and the file with the contract's descriptors."""

    path: Path
    descriptors: Path


def built(folder: Path) -> Program:
    """Return the engine, built once for each folder; skips the test if it cannot be built."""
    require_go()
    return _build(folder)


def require_go() -> None:
    """Skip the test if no program of grpc-go can be built."""
    missing = _missing()
    if missing:
        pytest.skip(f"the engine of grpc-go cannot be built: {', '.join(missing)} not installed")


def _missing() -> list[str]:
    """Return the Debian packages that are missing."""
    packages = [name for path, name in _PACKAGES.items() if not (_GOPATH / "src" / path).is_dir()]
    return packages if shutil.which("go") else ["golang-go", *packages]


@cache
def _build(folder: Path) -> Program:
    program = Program(path=folder / "go_engine", descriptors=folder / "plugin.binpb")
    program.descriptors.write_bytes(compile_proto(*CONTRACT).SerializeToString())
    build_go(_SOURCES, program.path)
    return program


def build_go(sources: Path, target: Path) -> None:
    """Build a program of grpc-go."""
    go = shutil.which("go")
    assert go is not None
    result = subprocess.run(
        [go, "build", "-o", str(target), "."],
        cwd=sources,
        env={**os.environ, "GO111MODULE": "off", "GOFLAGS": "", "GOPATH": str(_GOPATH)},
        capture_output=True,
        text=True,
        timeout=_BUILD_SECONDS,
        check=False,
    )
    assert result.returncode == 0, f"{target.name} cannot be built:\n{result.stderr}"
