"""The measured agent under a profiler: `python -m benchmarks.profiled_agent HOW REPORT`."""

import cProfile
import io
import pstats
import sys
from pathlib import Path

from benchmarks.agents.sdk import BenchmarkAgent
from benchmarks.sampler import StackSampler
from mirastack_sdk import serve

_ROWS = 60


def main(how: str, report: Path) -> None:
    """Serve until the process is asked to end, then write the report."""
    text = _sampled() if how == "sample" else _traced()
    report.write_text(text, encoding="utf-8")


def _sampled() -> str:
    with StackSampler() as sampler:
        serve(BenchmarkAgent())
    return sampler.report()


def _traced() -> str:
    with cProfile.Profile() as profile:
        serve(BenchmarkAgent())
    text = io.StringIO()
    statistics = pstats.Stats(profile, stream=text)
    for order in ("tottime", "cumulative"):
        statistics.sort_stats(order).print_stats(_ROWS)
    return text.getvalue()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
