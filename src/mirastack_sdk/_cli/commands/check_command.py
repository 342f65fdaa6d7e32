"""`mirastack-agent check`."""

import sys
from contextlib import redirect_stdout

import click

from mirastack_sdk._cli.check.agent_findings import checked_agent
from mirastack_sdk._cli.check.baseline_file import read_baseline, write_baseline
from mirastack_sdk._cli.check.ignored_codes import ignored_codes
from mirastack_sdk._cli.completions import complete_target
from mirastack_sdk._cli.console import output_console
from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.loading.targets import load_target
from mirastack_sdk._cli.rendering.json_output import write_json


@click.command(
    name="check",
    epilog="Example: mirastack-agent check agent.py --baseline card.json --strict",
)
@click.argument("target", shell_complete=complete_target)
@click.option("--baseline", metavar="FILE", help="Report what changed since this card.")
@click.option(
    "--write-baseline",
    "baseline_to_write",
    metavar="FILE",
    help="Write the agent's card to this file.",
)
@click.option("--ignore", multiple=True, metavar="CODES", help="Ignore findings: MA103,MA7.")
@click.option("--strict", is_flag=True, help="Fail if there is advice, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(
    target: str,
    *,
    baseline: str | None,
    baseline_to_write: str | None,
    ignore: tuple[str, ...],
    strict: bool,
    as_json: bool,
) -> int:
    """Find what engines refuse and what models stumble over.

    TARGET is file.py, file.py:object or package.module:object. The status is 0 if the agent passes,
    1 if it does not, and 3 if it cannot be loaded.
    """
    # Standard output is for the report alone, whatever the author's code prints.
    with redirect_stdout(sys.stderr):
        loaded = load_target(target)
        ignored = ignored_codes(ignore, loaded.file)
        old = None if baseline is None else read_baseline(baseline)
        report = checked_agent(loaded, ignored=ignored, baseline=old, is_strict=strict)
    if report.card is not None and baseline_to_write is not None:
        write_baseline(baseline_to_write, report.card)
    output = output_console()
    if as_json:
        write_json(output, report.document())
    else:
        report.print_to(output)
    return ExitStatus.SUCCESS if report.passed else ExitStatus.FAILURE
