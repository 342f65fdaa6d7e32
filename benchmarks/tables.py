"""The tables of a report, in Markdown that is readable in a terminal, too."""

from collections.abc import Sequence

from benchmarks.case_kinds import Metric
from benchmarks.figures import Figures, Ratio
from benchmarks.systems import BUILDS, OURS, PEERS, REFERENCE

_STANDING = (
    f"to ({REFERENCE.name})",
    "lowest to highest",
    f"CPU to ({REFERENCE.name})",
    "at least",
    "aim",
    "verdict",
)


def peers_table(rows: Sequence[Figures]) -> str:
    """Return every row, with the other ways to write the agent beside this SDK."""
    headings = (
        "measured",
        "`--only`",
        *(heading(system.name) for system in PEERS),
        f"ours {_STANDING[0]}",
        *_STANDING[1:],
    )
    return table(headings, [_peers_row(row) for row in rows])


def builds_table(rows: Sequence[Figures]) -> str:
    """Return the rows of the builds of this SDK, one for each build; empty if none is measured."""
    lines = [line for row in rows for line in _build_rows(row)]
    return table(("measured", "`--only`", "build", "figure", *_STANDING), lines) if lines else ""


def table(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a table whose columns are aligned."""
    cells = [headings, *lines]
    widths = [max(len(line[column]) for line in cells) for column in range(len(headings))]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    first, *others = (_line(line, widths) for line in cells)
    return "\n".join([first, rule, *others])


def heading(system: str) -> str:
    """Return the name of a system as the reader sees it."""
    return f"({system})" if len(system) == 1 else system


def figure(row: Figures, system: str) -> str:
    """Return the median of a system, or why there is none."""
    if system in row.failures:
        return "failed"
    return row.metric.quantity.text(row.medians[system]) if system in row.medians else "-"


def middle(ratio: Ratio | None) -> str:
    """Return a ratio."""
    return "" if ratio is None else f"{ratio.middle:.2f}"


def _peers_row(row: Figures) -> tuple[str, ...]:
    figures = (figure(row, system.name) for system in PEERS)
    return (row.metric.title, row.name, *figures, *_standing(row, OURS.name))


def _build_rows(row: Figures) -> list[tuple[str, ...]]:
    builds = [one.name for one in BUILDS if one.name in row.medians or one.name in row.failures]
    if builds == [OURS.name]:
        return []
    return [
        (
            row.metric.title if number == 0 else "",
            row.name if number == 0 else "",
            "pure" if name == OURS.name else name,
            figure(row, name),
            *_standing(row, name),
        )
        for number, name in enumerate(builds)
    ]


def _standing(row: Figures, system: str) -> tuple[str, ...]:
    """Return the cells of a system's ratio."""
    standing = row.standing(system)
    ratio = standing.ratio
    bounds = row.metric.bounds.get(system)
    return (
        middle(ratio),
        "" if ratio is None else f"{ratio.lowest:.2f} to {ratio.highest:.2f}",
        middle(standing.cpu_ratio),
        "" if bounds is None else _bound(row.metric, bounds.least),
        "" if bounds is None else _bound(row.metric, bounds.aim),
        standing.verdict.value,
    )


def _bound(metric: Metric, bound: float) -> str:
    return f"{'≥' if metric.quantity.more_is_better else '≤'} {bound:g}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (f" {cell:<{width}} " for cell, width in zip(cells, widths, strict=True))
    return "|" + "|".join(padded) + "|"
