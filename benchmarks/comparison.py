"""The comparison of this working tree with another revision, measured in turns."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.case_kinds import Case, CodecCase
from benchmarks.cases import CASES
from benchmarks.figures import Figures, Ratio, Standing, figures
from benchmarks.generated import REPOSITORY
from benchmarks.measuring import measure_all, missing_systems
from benchmarks.quantities import Quantity
from benchmarks.report import failures
from benchmarks.rounds import QUICK, Effort
from benchmarks.site import Site
from benchmarks.systems import System
from benchmarks.tables import figure, middle, table

# The cases that say most, in about two minutes.
COMPARED_CASES = (
    "execute-32",
    "execute-1",
    "json-32",
    "connections-32",
    "callbacks-1",
    "callbacks-32",
    "stream-responses",
    "stream-requests",
    "result-100k",
    "start",
    "idle",
)
# More rounds than a whole run makes: what is compared here differs by little.
_PAIRED = Effort(rounds=11, sample_seconds=0.4, case_seconds=60.0)


def compare(revision: str, names: Sequence[str], build: System, *, quick: bool) -> int:
    """Print how a build of this tree stands to that of a revision; return the exit status."""
    cases = [case for case in CASES if case.name in names]
    if in_process := [case.name for case in cases if isinstance(case, CodecCase)]:
        sys.stderr.write(f"{', '.join(in_process)}: measured in this process, not compared\n")
    try:
        commit = _git("rev-parse", "--verify", "--short", f"{revision}^{{commit}}")
    except subprocess.CalledProcessError:
        sys.stderr.write(f"{revision} is not a revision of this repository\n")
        return 2
    with tempfile.TemporaryDirectory() as folder, _checked_out(commit, Path(folder)) as tree:
        then = replace(build, name=commit, title=f"the revision {commit}", source=str(tree))
        now = replace(build, name="now", title="this working tree", source=str(REPOSITORY))
        compared = [
            replace(case, systems=(then, now)) for case in cases if not isinstance(case, CodecCase)
        ]
        rows = _measured(compared, then, QUICK if quick else _PAIRED)
    if rows:
        sys.stdout.write(f"{comparison_table(rows, then.name, now.name)}\n")
    for failure in failures(rows):
        sys.stdout.write(f"{failure}\n")
    return 1 if failures(rows) or not rows else 0


def comparison_table(rows: Sequence[Figures], then: str, now: str) -> str:
    """Return the ratios of `now` to `then`, and how far they spread."""
    headings = (
        "measured",
        "`--only`",
        then,
        now,
        "ratio",
        "middle half",
        "lowest to highest",
        "CPU ratio",
        "middle half",
        f"{now} is",
    )
    return table(headings, [_row(row, then, now) for row in rows])


def _row(row: Figures, then: str, now: str) -> tuple[str, ...]:
    standing = row.standing(now)
    ratio = standing.ratio
    return (
        row.metric.title,
        row.name,
        figure(row, then),
        figure(row, now),
        middle(ratio),
        _middle_half(ratio),
        "" if ratio is None else f"{ratio.lowest:.2f} to {ratio.highest:.2f}",
        middle(standing.cpu_ratio),
        _middle_half(standing.cpu_ratio),
        _change(row, standing),
    )


def _middle_half(ratio: Ratio | None) -> str:
    return "" if ratio is None else f"{ratio.lower:.2f} to {ratio.upper:.2f}"


def _change(row: Figures, standing: Standing) -> str:
    """Return what has changed; the processor time tells small changes apart on a busy machine."""
    if standing.ratio is None:
        return "not measured"
    more, less = "better", "worse"
    if not row.metric.quantity.more_is_better:
        more, less = less, more
    parts = [_side(standing.ratio, more, "about the same", less)]
    if standing.cpu_ratio is not None and row.metric.quantity is not Quantity.CPU:
        parts.append(_side(standing.cpu_ratio, "more CPU", "", "less CPU"))
    return ", ".join(filter(None, parts))


def _side(ratio: Ratio, more: str, same: str, less: str) -> str:
    """Return on which side of one most of the ratios are; one round says nothing."""
    if ratio.lowest == ratio.highest:
        return ""
    if ratio.lower <= 1 <= ratio.upper:
        return same
    return more if ratio.middle > 1 else less


def _measured(cases: Sequence[Case], reference: System, effort: Effort) -> list[Figures]:
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder)) as site:
        if missing_systems(cases, site):
            return []
        results = measure_all(cases, site, effort)
    return [row for result in results for row in figures(result, reference.name)]


@contextmanager
def _checked_out(commit: str, folder: Path) -> Iterator[Path]:
    """Check a commit out below the folder; nothing of it is left afterwards."""
    tree = folder / "tree"
    _git("worktree", "add", "--quiet", "--detach", str(tree), commit)
    try:
        yield tree
    finally:
        _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    result = subprocess.run(  # noqa: S603 - the command is our own
        command, cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return result.stdout.strip()
