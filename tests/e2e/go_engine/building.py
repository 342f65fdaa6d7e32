"""The build of the grpc-go engine, on machines that can build it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from codegen.protoc import compile_proto
from scripts.go_build import build_go, missing_packages
from tests.golden.google import CONTRACT

_SOURCES = Path(__file__).parent


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
    missing = missing_packages()
    if missing:
        pytest.skip(f"the engine of grpc-go cannot be built: {', '.join(missing)} not installed")


@cache
def _build(folder: Path) -> Program:
    program = Program(path=folder / "go_engine", descriptors=folder / "plugin.binpb")
    program.descriptors.write_bytes(compile_proto(*CONTRACT).SerializeToString())
    build_go(_SOURCES, program.path)
    return program
