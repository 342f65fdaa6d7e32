"""Counts the conformance cases, each of which names the section that it holds."""

import importlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

_ROW = type(pytest.param())
_HERE = Path(__file__).parent
_SECTION = re.compile(r"(rfc9113|rfc7541)[-_][c\d]+([._]\d+)*|grpc")


def _names(module: ModuleType) -> Iterator[str]:
    """Yield the ids of a module's cases, then the tests that are cases by themselves."""
    for name, test in vars(module).items():
        if not name.startswith("test_"):
            continue
        sets = [
            row
            for mark in getattr(test, "pytestmark", [])
            for row in mark.args[1]
            if isinstance(row, _ROW) and row.id
        ]
        yield from (str(row.id) for row in sets)
        if not sets:
            yield name.removeprefix("test_")


def _cases() -> list[str]:
    modules = [path.stem for path in sorted(_HERE.glob("test_*.py")) if path.stem != "test_count"]
    assert modules
    package = "tests.wire.http2.conformance"
    return [
        name for stem in modules for name in _names(importlib.import_module(f"{package}.{stem}"))
    ]


def test_there_are_at_least_140_cases() -> None:
    """A case that holds for both ends of a connection counts once."""
    named = {name.removesuffix("-server").removesuffix("-client") for name in _cases()}
    assert len(named) >= 140


def test_every_case_names_its_section() -> None:
    """The section comes first in the name of a case, or gRPC where the rule is gRPC's."""
    assert [name for name in _cases() if not _SECTION.match(name)] == []


def test_no_two_cases_have_one_name() -> None:
    """What fails can be found by its name."""
    assert [name for name, count in Counter(_cases()).items() if count > 1] == []
