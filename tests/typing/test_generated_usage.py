"""Both type checkers accept the generated code, and find mistakes in its use."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.golden.google import REPOSITORY
from tests.typing.checkers import Finding, marked
from tests.typing.strict import mypy_strict, pyright_strict

USAGE = Path("tests", "typing", "generated_usage.py")
GENERATED = Path("src", "mirastack_sdk", "_gen")
MARKED = marked([REPOSITORY / USAGE])


@pytest.fixture(scope="module")
def found_by_mypy() -> Sequence[Finding]:
    """Mypy's findings in the generated code and in its use."""
    return mypy_strict(USAGE, GENERATED)


@pytest.fixture(scope="module")
def found_by_pyright(tmp_path_factory: pytest.TempPathFactory) -> Sequence[tuple[str, int]]:
    """The lines of the generated code and its use in which pyright in strict mode finds faults."""
    return pyright_strict(USAGE, GENERATED, folder=tmp_path_factory.mktemp("pyright"))


def test_mypy_finds_exactly_the_mistakes(found_by_mypy: Sequence[Finding]) -> None:
    """Each marked line is an error with the expected code, and no other line is."""
    assert [finding for finding in found_by_mypy if finding.file == USAGE.name] == MARKED
    assert len(MARKED) > 50


def test_pyright_finds_exactly_the_mistakes(found_by_pyright: Sequence[tuple[str, int]]) -> None:
    """Pyright in strict mode reports the same lines."""
    lines = [(finding.file, finding.line) for finding in MARKED]
    assert [found for found in found_by_pyright if found[0] == USAGE.name] == lines


def test_mypy_accepts_the_generated_code(found_by_mypy: Sequence[Finding]) -> None:
    """`mypy --strict` reports nothing."""
    assert [finding for finding in found_by_mypy if finding.file != USAGE.name] == []


def test_pyright_accepts_the_generated_code(found_by_pyright: Sequence[tuple[str, int]]) -> None:
    """Pyright in strict mode reports nothing."""
    assert [found for found in found_by_pyright if found[0] != USAGE.name] == []


def test_nothing_in_the_generated_code_is_exempt() -> None:
    """No comment makes the checkers skip a part of it."""
    exempt = [
        f"{path.name}:{number}: {line.strip()}"
        for path in sorted((REPOSITORY / GENERATED).glob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if any(word in line for word in ("type: ignore", "pyright:", "noqa", "cast("))
    ]
    assert exempt == []
