"""A folder of agents for the tests of the command line."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirastack_sdk._cli import console


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder, which is empty; what is imported from it is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(console, "_is_plain", console._is_plain)  # noqa: SLF001 - restored afterwards
    known = dict(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - set(known):
        if _is_below(sys.modules[name], tmp_path):
            del sys.modules[name]


def _is_below(module: object, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and Path(file).is_relative_to(folder)
