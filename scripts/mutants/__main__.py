"""Tries the tests: `make mutants` makes small faults in the sources and shows which go unnoticed.

Each mutant is a random small change. It is tried with the tests that run the changed line, up to
the first that fails. Exits with 1 if too few are killed.
"""

import argparse
import random
import signal
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from scripts.mutants import equivalents, line_map, selection, type_check
from scripts.mutants.executed_lines import SOURCES
from scripts.mutants.operators import Mutant
from scripts.mutants.worker import Result, Worker
from scripts.mutants.workspace import REPOSITORY, copy_repository

_KEPT = REPOSITORY / ".mutants"


def attempts(
    mutants: Iterable[Mutant], chosen: selection.Selection, options: argparse.Namespace
) -> Iterable[Result]:
    """Try mutants in several processes; results come as they are ready."""
    with (
        tempfile.TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as folder,
        ProcessPoolExecutor(
            options.jobs,
            mp_context=get_context("spawn"),
            initializer=Worker.start,
            initargs=(folder, options.grace),
        ) as pool,
    ):
        futures = []
        for mutant in mutants:
            tests = chosen.tests_for(mutant.path, mutant.line)
            batches = selection.batches(mutant.path, tests, options.budget)
            futures.append(pool.submit(Worker.attempt, mutant, batches, len(tests)))
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def shown(result: Result, *, is_refused: bool) -> str:
    """One line for a mutant."""
    mutant = result.mutant
    if result.failure:
        fate = f"killed: {result.failure.test} {result.failure.how}"
    elif is_refused:
        fate = f"killed: mypy, after {result.ran} tests"
    elif result.ran:
        left = f", {result.left} slower ones left out" if result.left else ""
        fate = f"SURVIVED {result.ran} tests{left}"
    else:
        fate = "SURVIVED: no test runs this line"
    change = f"{mutant.path}:{mutant.line}: `{mutant.before}` -> `{mutant.after}`"
    return f"{change}  {fate} ({result.seconds:.1f} s)"


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=40, help="how many mutants (40)")
    parser.add_argument("--seed", type=int, help="chooses the same mutants again; random if absent")
    parser.add_argument("--minimum", type=float, default=90.0, help="percentage to be killed (90)")
    parser.add_argument("--jobs", type=int, default=2, help="mutants tried at a time (2)")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of tests a mutant (60)")
    parser.add_argument(
        "--grace", type=float, default=30.0, help="seconds before a test hangs (30)"
    )
    parser.add_argument("paths", nargs="*", default=selection.MUTATED, help="files or folders")
    options = parser.parse_args(arguments)
    for path in options.paths:
        if not (REPOSITORY / path).exists():
            parser.error(f"{path}: no file or folder of the repository")
    return options


def main(arguments: Sequence[str]) -> int:
    """Try a sample, and return the exit status."""
    options = _options(arguments)
    # As SIGINT does: what has been started ends, and the copies are removed.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    seed = random.randrange(10**6) if options.seed is None else options.seed  # noqa: S311 - a sample
    recorded = line_map.refresh(_KEPT / "lines.gz", options.jobs)
    texts = selection.sources(REPOSITORY, options.paths)
    listed = equivalents.read()
    sample = list(selection.sample(texts, seed, options.count, _KEPT / "counts.json"))
    tried = [mutant for mutant in sample if mutant.key not in listed]
    print(f"{len(sample)} mutants, seed {seed}", flush=True)
    for mutant in sample:
        if mutant.key in listed:
            print(f"{mutant.path}:{mutant.line}: `{mutant.after}`  equivalent")
    chosen = selection.Selection(
        selection.sources(REPOSITORY, SOURCES), list(recorded.tests.values())
    )
    killed = refused = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        workspace = copy_repository(Path(folder))
        for result in attempts(tried, chosen, options):
            is_refused = not result.failure and type_check.is_refused(workspace, result.mutant)
            refused += is_refused
            killed += is_refused or result.failure is not None
            print(shown(result, is_refused=is_refused), flush=True)
    for entry in equivalents.outdated(listed.values(), REPOSITORY):
        print(f"{entry.path}: `{entry.before}` is no longer there; remove it from the list")
    percentage = 100 * killed / len(tried) if tried else 100.0
    print(
        f"\n{killed} of {len(tried)} killed ({percentage:.1f} %), {refused} of them by mypy only; "
        f"{len(tried) - killed} survived, {len(sample) - len(tried)} equivalent; seed {seed}"
    )
    return 0 if percentage >= options.minimum else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
