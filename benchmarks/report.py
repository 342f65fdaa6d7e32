"""The report of a run, in Markdown that is readable in a terminal, too."""

from collections.abc import Sequence

from benchmarks.figures import Figures, Verdict
from benchmarks.systems import ALL, REFERENCE

_HEADINGS = (
    "measured",
    "`--only`",
    "ours",
    "(a)",
    "(b)",
    "(c)",
    f"ours to ({REFERENCE.name})",
    "lowest to highest",
    "CPU to (a)",
    "at least",
    "aim",
    "verdict",
)
_READING = """\
Each figure is the median of the rounds. A round measures every system once, one after the other.
The ratio is the median of the ratios of the rounds, so it can differ from the quotient of the
medians beside it. "CPU to (a)" is the ratio of the processor time per call. It is the steadiest
figure: on a busy machine, programs with more threads get more processor time, and rates shift in
their favour. Processor time and memory are those of the server process: all threads, user and
system. The load comes from h2load on one connection unless the row says otherwise. An Execute has
about 200 bytes, and every system must give the right response before it is measured.

In the JSON rows, ours and (b) use the JSON dialect, while (a) uses protobuf as in the other rows;
(c) does not support JSON. Callbacks are `cache_get` calls in protobuf to an engine that answers
with constants, the same one for every system. The rows without a call compare our codec with
Google's implementation in C, which (a) uses, in one process; the fastest of twenty repetitions
counts. Start and memory are measured with new processes and without an engine; idle processes have
served no call. All processes run on the same Python, over loopback, with TCP_NODELAY, and with each
library's default garbage collection."""


def table(rows: Sequence[Figures]) -> str:
    """Return the rows as a table."""
    cells = [_HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEADINGS))]
    lines = [_line(line, widths) for line in cells]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def report(
    rows: Sequence[Figures], machine: Sequence[tuple[str, str]], command: str, took: float
) -> str:
    """Return the whole report."""
    missed = [row for row in rows if row.verdict is Verdict.MISSED and row.metric.reason]
    parts = [
        "# Results",
        f"Written by `{command}` in {took:.0f} seconds; do not edit.",
        "\n".join(f"- {name}: {text}" for name, text in machine),
        "\n".join(
            f"- {'ours' if system.name == 'ours' else f'({system.name})'}: {system.title}"
            for system in ALL
        ),
        table(rows),
        *_list("Not measured", failures(rows)),
        *_list("Why a ratio is missed", [f"{r.metric.title}: {r.metric.reason}" for r in missed]),
        "## How to read it",
        _READING,
    ]
    return "\n\n".join(parts) + "\n"


def failures(rows: Sequence[Figures]) -> list[str]:
    """Return one sentence for each missing figure."""
    found = (
        f"`{row.name}` of {name}: {reason}" for row in rows for name, reason in row.failures.items()
    )
    return list(dict.fromkeys(found))


def _list(title: str, items: Sequence[str]) -> list[str]:
    return [f"## {title}", "\n".join(f"- {item}" for item in items)] if items else []


def _cells(row: Figures) -> tuple[str, ...]:
    metric, ratio = row.metric, row.ratio
    return (
        metric.title,
        row.name,
        *(_figure(row, system.name) for system in ALL),
        "" if ratio is None else f"{ratio.middle:.2f}",
        "" if ratio is None else f"{ratio.lowest:.2f} to {ratio.highest:.2f}",
        "" if row.cpu_ratio is None else f"{row.cpu_ratio.middle:.2f}",
        _bound(row, metric.least),
        _bound(row, metric.aim),
        row.verdict.value,
    )


def _figure(row: Figures, name: str) -> str:
    if name in row.failures:
        return "failed"
    return row.metric.quantity.text(row.medians[name]) if name in row.medians else "-"


def _bound(row: Figures, bound: float | None) -> str:
    if bound is None:
        return ""
    return f"{'≥' if row.metric.quantity.more_is_better else '≤'} {bound:g}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (f" {cell:<{width}} " for cell, width in zip(cells, widths, strict=True))
    return "|" + "|".join(padded) + "|"
