"""The command `python -m benchmarks.profile --case execute-32`: where the agent's time goes."""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.case_kinds import CallbackCase, LoadCase
from benchmarks.cases import CASES
from benchmarks.sampling import sampler
from benchmarks.site import Site
from benchmarks.systems import our_system

_PROFILED = {case.name: case for case in CASES if isinstance(case, LoadCase | CallbackCase)}


def main(arguments: list[str] | None = None) -> int:
    """Run one case's load, and print the agent's profile."""
    options = _parser().parse_args(arguments)
    case = _PROFILED[options.case]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "profile"
        system = our_system(
            "profiled",
            "this SDK under a profiler",
            module="benchmarks.profiled_agent",
            arguments=(options.how, str(report)),
        )
        with Site(Path(folder)) as site:
            sampled = sampler(case, site, options.seconds)
            sampled.prepare(system)
            reading = sampled.sample(system)
        sys.stdout.write(report.read_text(encoding="utf-8"))
    figures = (f"{quantity.text(value)}" for quantity, value in reading.items())
    sys.stdout.write(f"\nunder the profiler: {', '.join(figures)}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=main.__doc__)
    parser.add_argument("--case", choices=_PROFILED, default="execute-32")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long the load lasts")
    parser.add_argument(
        "--how",
        choices=("sample", "trace"),
        default="sample",
        help="stacks at ticks, or cProfile, which counts calls and distorts times",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
