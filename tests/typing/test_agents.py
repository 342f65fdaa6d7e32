"""Authors' files, checked against the source: right ones pass, wrong ones are flagged."""

from pathlib import Path

import pytest

from tests.typing import checkers
from tests.typing.documented_agent import AS_PRINTED, annotated_copy, missing_annotations


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An author's folder: nothing of this repository's configuration reaches it."""
    return tmp_path


def test_seeded_mistakes_are_many() -> None:
    """At least thirty mistakes of many kinds are seeded, so that the tests below mean something."""
    seeded = checkers.marked(checkers.MISTAKES)
    assert len(seeded) >= 30
    assert len({finding.code for finding in seeded}) >= 10


def test_mypy_flags_exactly_the_seeded_mistakes(folder: Path) -> None:
    """Each seeded mistake is flagged, with the expected code, and nothing else is."""
    assert checkers.mypy(checkers.MISTAKES, cwd=folder) == checkers.marked(checkers.MISTAKES)


def test_pyright_flags_exactly_the_seeded_mistakes(folder: Path) -> None:
    """Pyright agrees with mypy about every line."""
    seeded = [(finding.file, finding.line) for finding in checkers.marked(checkers.MISTAKES)]
    assert checkers.pyright(checkers.MISTAKES, cwd=folder) == seeded


def test_an_agent_without_mistakes_passes_both(folder: Path) -> None:
    """A typed agent that uses the whole of the API passes `mypy --strict` and pyright."""
    assert checkers.mypy(checkers.VALID, cwd=folder) == []
    assert checkers.pyright(checkers.VALID, cwd=folder) == []


def test_the_documented_agent_as_printed_lacks_its_own_annotations_only(folder: Path) -> None:
    """Of the agent as printed, strict mypy asks for its functions' missing annotations only."""
    assert checkers.mypy([AS_PRINTED], cwd=folder) == missing_annotations()


def test_the_documented_agent_annotated_passes_mypy(folder: Path) -> None:
    """With those annotations filled in, `mypy --strict` has nothing to say."""
    assert checkers.mypy([annotated_copy(folder)], cwd=folder) == []


def test_the_documented_agent_passes_pyright(folder: Path) -> None:
    """Pyright, as it comes, has nothing to say of the agent as printed or annotated."""
    assert checkers.pyright([AS_PRINTED, annotated_copy(folder)], cwd=folder) == []
