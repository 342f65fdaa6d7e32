"""Authors' files checked against the source: correct ones pass, mistakes are found."""

from pathlib import Path

import pytest

from tests.typing import checkers
from tests.typing.checkers import Verdict
from tests.typing.documented_agent import AS_PRINTED


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> Verdict:
    """The findings of both checkers in all files, in an author's folder."""
    return checkers.check_authors_files(tmp_path_factory.mktemp("author"))


def test_there_are_many_seeded_mistakes() -> None:
    """At least thirty mistakes of many kinds, so that the tests below mean something."""
    seeded = checkers.marked(checkers.MISTAKES)
    assert len(seeded) >= 30
    assert len({finding.code for finding in seeded}) >= 10


@pytest.mark.parametrize("file", checkers.MISTAKES, ids=lambda file: file.stem)
def test_mypy_flags_exactly_the_seeded_mistakes(file: Path, verdict: Verdict) -> None:
    """Mypy reports each seeded mistake with the expected code, and nothing else."""
    assert verdict.mypy_of(file) == checkers.marked([file])


@pytest.mark.parametrize("file", checkers.MISTAKES, ids=lambda file: file.stem)
def test_pyright_flags_exactly_the_seeded_mistakes(file: Path, verdict: Verdict) -> None:
    """Pyright reports the same lines as mypy."""
    assert verdict.pyright_of(file) == [finding.line for finding in checkers.marked([file])]


def test_an_agent_without_mistakes_passes_both(verdict: Verdict) -> None:
    """A typed agent that uses the whole API passes `mypy --strict` and pyright."""
    assert verdict.mypy_of(checkers.VALID) == []
    assert verdict.pyright_of(checkers.VALID) == []


def test_typed_actions_keep_their_types(verdict: Verdict) -> None:
    """A decorated function has exactly its own type, for both checkers."""
    assert verdict.mypy_of(checkers.VALID_ACTIONS) == []
    assert verdict.pyright_of(checkers.VALID_ACTIONS) == []


def test_suites_and_fixtures_have_types(verdict: Verdict) -> None:
    """An author's tests with the standard suite and the fixtures pass both."""
    assert verdict.mypy_of(checkers.VALID_SUITE) == []
    assert verdict.pyright_of(checkers.VALID_SUITE) == []


def test_the_documented_agent_lacks_only_its_own_annotations(verdict: Verdict) -> None:
    """In the agent as printed, strict mypy reports only its functions' missing annotations."""
    assert verdict.mypy_of(AS_PRINTED) == checkers.missing_annotations()
    assert verdict.pyright_of(AS_PRINTED) == []


def test_the_documented_agent_annotated_passes_both(verdict: Verdict) -> None:
    """With those annotations, neither checker reports anything."""
    assert verdict.mypy_of(checkers.ANNOTATED) == []
    assert verdict.pyright_of(checkers.ANNOTATED) == []
