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
    missing = _missing()
    if missing:
        pytest.skip(f"the engine of grpc-go cannot be built: {', '.join(missing)} not installed")
    return _build(folder)


def _missing() -> list[str]:
    """Return the Debian packages that are missing."""
    packages = [name for path, name in _PACKAGES.items() if not (_GOPATH / "src" / path).is_dir()]
    return packages if shutil.which("go") else ["golang-go", *packages]


@cache
def _build(folder: Path) -> Program:
    program = Program(path=folder / "go_engine", descriptors=folder / "plugin.binpb")
    program.descriptors.write_bytes(compile_proto(*CONTRACT).SerializeToString())
    go = shutil.which("go")
    assert go is not None
    result = subprocess.run(
        [go, "build", "-o", str(program.path), "."],
        cwd=_SOURCES,
        env={**os.environ, "GO111MODULE": "off", "GOFLAGS": "", "GOPATH": str(_GOPATH)},
        capture_output=True,
        text=True,
        timeout=_BUILD_SECONDS,
        check=False,
    )
    assert result.returncode == 0, f"the engine cannot be built:\n{result.stderr}"
    return program
