"""The report of a run, in Markdown."""

from collections.abc import Mapping, Sequence

from benchmarks.figures import Figures, Verdict
from benchmarks.reasons import REASONS
from benchmarks.systems import ALL
from benchmarks.tables import builds_table, heading, peers_table

_READING = """\
Each figure is the median of the rounds. A round measures every system once, one after the other.
The ratio is the median of the ratios of the rounds, so it can differ from the quotient of the
medians beside it. "CPU to (a)" is the ratio of the processor time per call. It is the steadiest
figure: on a busy machine, programs with more threads get more processor time, and rates shift in
their favour. Processor time and memory are those of the server process: all threads, user and
system. The load comes from h2load on one connection unless the row says otherwise. An Execute has
about 200 bytes, and every system must give the right response before it is measured. Where a
server has one CPU, its threads share it, and the load may use all.

In the JSON rows, ours and (b) use the JSON dialect, while (a) uses protobuf as in the other rows;
(c) does not support JSON. Callbacks are `cache_get` calls in protobuf to an engine that answers
with constants, the same one for every system. An agent's contract has no streams: their rows
compare this SDK's wire and generated messages, without the rest of `serve()`, with (a), on one
stream of messages of 64 bytes; the client sends each in a DATA frame of its own. The rows without a
call compare our codec with Google's implementation in C, which (a) uses, in one process; the
fastest of twenty repetitions counts. Start and memory are measured with new processes and without
an engine; idle processes have served no call. All processes run on the same Python, over loopback,
with TCP_NODELAY, and with each library's default garbage collection. Unless a row says so, this SDK
runs without its extras, though they are installed."""


def report(
    rows: Sequence[Figures],
    machine: Sequence[tuple[str, str]],
    left_out: Mapping[str, str],
    command: str,
    took: float,
) -> str:
    """Return the whole report."""
    builds = builds_table(rows)
    parts = [
        "# Results",
        f"Written by `{command}` in {took:.0f} seconds; do not edit.",
        "\n".join(f"- {name}: {text}" for name, text in machine),
        "\n".join(f"- {heading(system.name)}: {system.title}" for system in ALL),
        "## This SDK and other ways to write the agent",
        peers_table(rows),
        *(["## The builds of this SDK", builds] if builds else []),
        *_list("Left out", [f"{heading(name)}: {why}" for name, why in left_out.items()]),
        *_list("Not measured", failures(rows)),
        *_list("Why a ratio is missed", _reasons(rows)),
        "## How to read it",
        _READING,
    ]
    return "\n\n".join(parts) + "\n"


def failures(rows: Sequence[Figures]) -> list[str]:
    """Return one sentence for each missing figure."""
    found = (
        f"`{row.name}` of {heading(name)}: {reason}"
        for row in rows
        for name, reason in row.failures.items()
    )
    return list(dict.fromkeys(found))


def _reasons(rows: Sequence[Figures]) -> list[str]:
    """Return the reasons that are known for the ratios that are missed."""
    missed = (
        (row, name)
        for row in rows
        for name, standing in row.standings.items()
        if standing.verdict is Verdict.MISSED
    )
    return [
        f"{row.metric.title} ({row.name}), {name}: {REASONS[row.name, name]}"
        for row, name in missed
        if (row.name, name) in REASONS
    ]


def _list(title: str, items: Sequence[str]) -> list[str]:
    return [f"## {title}", "\n".join(f"- {item}" for item in items)] if items else []
