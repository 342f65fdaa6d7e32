"""The command `python -m benchmarks [--quick] [--only NAME] [--compare REVISION]`."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import machine
from benchmarks.case_kinds import Case
from benchmarks.cases import CASES
from benchmarks.comparison import COMPARED_CASES, compare
from benchmarks.figures import figures
from benchmarks.generated import REPOSITORY
from benchmarks.interpreters import Interpreters
from benchmarks.measuring import measure_all, missing_systems, with_systems
from benchmarks.report import failures, report
from benchmarks.rounds import FULL, QUICK
from benchmarks.site import Site
from benchmarks.systems import ALL, BUILDS, OURS, PYGRPC_NATIVE, REFERENCE, System
from benchmarks.tables import builds_table, peers_table

_RESULTS = REPOSITORY / "benchmarks" / "RESULTS.md"
_EPILOG = """\
A whole run takes 10 minutes on a quiet machine with two CPUs. The compiled build and pygrpc-native
get environments of their own below .bench, which the first run makes: the compiled build takes
minutes more. What cannot be built or installed is left out, and the report says why.

--compare measures this working tree and another revision in turns, each in its own processes, with
the benchmarks of this tree. Both run with the dependencies of this tree, and without extras; with
--system compiled, both are compiled, each with its own. The ratios are those of pairs of samples
that were taken one after the other, so that they say something even on a busy machine: watch their
spread, and the processor time. It takes three minutes on a quiet machine.
"""


def main(arguments: list[str] | None = None) -> int:
    """Measure, report, and return the exit status: 1 if a figure could not be taken."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.compare is not None:
        build = _compared_build(parser, options.system or [OURS.name])
        names = options.only or COMPARED_CASES
        return compare(options.compare, names, build, quick=options.quick)
    cases = [case for case in CASES if not options.only or case.name in options.only]
    if options.system:
        wanted = {REFERENCE.name, *options.system}
        cases = with_systems(cases, [system for system in ALL if system.name in wanted])
    return _measure_and_report(cases, options)


def _measure_and_report(cases: Sequence[Case], options: argparse.Namespace) -> int:
    load_before = os.getloadavg()[0]
    interpreters = Interpreters(may_build=not options.quick)
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder), interpreters) as site:
        left_out = missing_systems(cases, site)
        cases = with_systems(cases, [system for system in ALL if system.name not in left_out])
        started = time.monotonic()
        results = measure_all(cases, site, QUICK if options.quick else FULL)
        took = time.monotonic() - started
        rows = [row for result in results for row in figures(result)]
        for part in (peers_table(rows), builds_table(rows), *failures(rows)):
            sys.stdout.write(f"{part}\n" if part else "")
        if output := _output(options):
            peers = [interpreters.package(one) for one in (PYGRPC_NATIVE,) if _measured(one, cases)]
            facts = machine.description(site.h2load, site.engine, peers, load_before=load_before)
            text = report(rows, facts, left_out, _command(options), took)
            output.write_text(text, encoding="utf-8")
    return 1 if failures(rows) else 0


def _output(options: argparse.Namespace) -> Path | None:
    output: Path | None = options.output
    is_whole = not (options.quick or options.only or options.system)
    return _RESULTS if output is None and is_whole else output


def _measured(system: System, cases: Sequence[Case]) -> bool:
    return any(system in case.systems for case in cases)


def _compared_build(parser: argparse.ArgumentParser, names: Sequence[str]) -> System:
    builds = {system.name: system for system in BUILDS}
    if len(names) > 1 or names[0] not in builds:
        parser.error(f"--compare takes one --system out of: {'; '.join(builds)}")
    return builds[names[0]]


def _parser() -> argparse.ArgumentParser:
    names = [case.name for case in CASES]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Compare an agent under serve() with others; a whole run writes RESULTS.md.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="one short round: rough figures, of what needs no building",
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=names,
        metavar="NAME",
        help="measure this alone; may be repeated: " + ", ".join(names),
    )
    systems = [system.name for system in ALL]
    parser.add_argument(
        "--system",
        action="append",
        choices=systems,
        metavar="NAME",
        help=f"measure this beside ({REFERENCE.name}); may be repeated: " + "; ".join(systems),
    )
    parser.add_argument("--output", type=Path, help="write the report here")
    parser.add_argument(
        "--compare",
        metavar="REVISION",
        help="compare this working tree with a commit or branch; without --only: "
        + ", ".join(COMPARED_CASES),
    )
    return parser


def _command(options: argparse.Namespace) -> str:
    quick = ["--quick"] if options.quick else []
    only = [f"--only {name}" for name in options.only or ()]
    systems = [f"--system '{name}'" for name in options.system or ()]
    return " ".join(["python -m benchmarks", *quick, *only, *systems])


if __name__ == "__main__":
    sys.exit(main())
