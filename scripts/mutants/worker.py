"""A process that tries mutants, one after the other, in its own copy of the repository."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.mutants import trial
from scripts.mutants.operators import Mutant
from scripts.mutants.workspace import Workspace, copy_repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a mutant."""

    mutant: Mutant
    failure: trial.Failure | None
    ran: int
    left: int
    seconds: float


class Worker:
    """Tries mutants in a copy of its own; there is one in each worker process."""

    workspace: Workspace
    grace: float
    passes: dict[str, bool]

    @classmethod
    def start(cls, folder: str, grace: float) -> None:
        """Make the copy, and import what tests import."""
        cls.workspace = copy_repository(Path(tempfile.mkdtemp(dir=folder)))
        cls.grace = grace
        cls.passes = {}
        trial.import_for_tests()

    @classmethod
    def attempt(cls, mutant: Mutant, batches: Sequence[Mapping[str, float]], count: int) -> Result:
        """Run the tests on the mutant until one fails that passes without it."""
        start = time.monotonic()
        failure, ran = None, 0
        for batch in batches:
            ran += len(batch)
            failure = cls._first_failure(mutant, batch)
            if failure:
                break
        return Result(
            mutant=mutant,
            failure=failure,
            ran=ran,
            left=count - ran,
            seconds=time.monotonic() - start,
        )

    @classmethod
    def _first_failure(cls, mutant: Mutant, tests: Mapping[str, float]) -> trial.Failure | None:
        """A failure that the mutant causes; tests that fail without it are left out."""
        original = (cls.workspace.root / mutant.path).read_text(encoding="utf-8")
        while tests:
            cls.workspace.write(mutant.path, mutant.text)
            try:
                failure = trial.run_tests(cls.workspace, tests, cls.grace)
            finally:
                cls.workspace.write(mutant.path, original)
            if failure is None or cls._passes_without(failure.test, tests):
                return failure
            kept = {name: tests[name] for name in tests if not name.startswith(failure.test)}
            if len(kept) == len(tests):
                output = cls.workspace.output.read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"the tests cannot be run without a mutant:\n{output[-2000:]}")
            tests = kept
        return None

    @classmethod
    def _passes_without(cls, name: str, tests: Mapping[str, float]) -> bool:
        """Tell whether a test, or those of a file that could not be read, pass as they should."""
        if name not in cls.passes:
            found = {test: seconds for test, seconds in tests.items() if test.startswith(name)}
            cls.passes[name] = trial.run_tests(cls.workspace, found or tests, cls.grace) is None
        return cls.passes[name]
