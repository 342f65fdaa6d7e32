"""The command `python -m benchmarks [--quick] [--only NAME]`."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import machine
from benchmarks.cases import CASES, Case, LoadCase
from benchmarks.figures import Figures, figures
from benchmarks.generated import REPOSITORY
from benchmarks.report import failures, report, table
from benchmarks.rounds import FULL, QUICK, Effort, measure
from benchmarks.sampling import sampler
from benchmarks.site import Site

_RESULTS = REPOSITORY / "benchmarks" / "RESULTS.md"


def main(arguments: list[str] | None = None) -> int:
    """Measure, report, and return the exit status: 1 if a figure could not be taken."""
    options = _parser().parse_args(arguments)
    cases = [case for case in CASES if not options.only or case.name in options.only]
    load_before = os.getloadavg()[0]
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder)) as site:
        rows = _measure_all(cases, site, QUICK if options.quick else FULL)
        description = machine.description(site.h2load, site.engine, load_before=load_before)
    took = time.monotonic() - started
    output: Path | None = options.output
    if output is None and not options.quick and not options.only:
        output = _RESULTS
    if output is not None:
        text = report(rows, description, _command(options), took)
        output.write_text(text, encoding="utf-8")
    _say(table(rows))
    for failure in failures(rows):
        _say(failure)
    return 1 if failures(rows) else 0


def _measure_all(cases: Sequence[Case], site: Site, effort: Effort) -> list[Figures]:
    rows: list[Figures] = []
    for case in cases:
        if isinstance(case, LoadCase) and not site.can_send(case.encoding):
            sys.stderr.write(f"{case.name}: left out, it takes h2load\n")
            continue
        began = time.monotonic()
        sampled = sampler(case, site, effort.sample_seconds)
        rows += figures(measure(case, sampled, effort, site.end))
        sys.stderr.write(f"{case.name}: {time.monotonic() - began:.1f} s\n")
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Compare an agent under serve() with others; a whole run writes RESULTS.md.",
    )
    parser.add_argument("--quick", action="store_true", help="one short round: rough figures")
    parser.add_argument(
        "--only",
        action="append",
        choices=[case.name for case in CASES],
        metavar="NAME",
        help="measure this alone; may be repeated: " + ", ".join(case.name for case in CASES),
    )
    parser.add_argument("--output", type=Path, help="write the report here")
    return parser


def _command(options: argparse.Namespace) -> str:
    quick = ["--quick"] if options.quick else []
    return " ".join(["python -m benchmarks", *quick, *(f"--only {n}" for n in options.only or ())])


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
