"""The end of a call: its result on standard output, and a summary on standard error."""

from rich.console import Console
from rich.text import Text

from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.rendering.json_output import write_json
from mirastack_sdk._cli.rendering.plain_texts import printable, seconds_text
from mirastack_sdk._cli.rendering.value_view import value_view
from mirastack_sdk._cli.single_call.call_report import CallReport


def show_heading(console: Console, call: str, expression: str) -> None:
    """Print what is called."""
    over = f" over {expression}" if expression else ""
    console.print(Text.assemble((printable(call), "title"), (printable(over), "quiet")))


def show_report(report: CallReport, output: Console, errors: Console, *, is_full: bool) -> None:
    """Print the result for people, or as JSON if it is not printed on a terminal.

    A program that reads the result gets all of it, and nothing else.
    """
    for line in report.logs:
        errors.print(Text.assemble(("note ", "warning"), printable(line)))
    if report.error:
        errors.print(Text.assemble((_HEADINGS[report.status], "bad"), printable(report.error)))
    elif output.is_terminal:
        output.print(value_view(report.result, is_full=is_full))
    else:
        write_json(output, report.result)
    errors.print(_summary(report))


_HEADINGS = {
    ExitStatus.SUCCESS: "",
    ExitStatus.FAILURE: "failed: ",
    ExitStatus.WRONG_PARAMETERS: "wrong parameters: ",
    ExitStatus.NO_RESPONSE: "no response: ",
    ExitStatus.NOT_APPROVED: "not approved: ",
}


def _summary(report: CallReport) -> Text:
    happenings = report.happenings
    counted = [
        (len(report.approvals), "approval"),
        (len(happenings.callbacks), "callback"),
        (len(happenings.partial_results), "partial result"),
    ]
    parts = [f"{n} {noun}{'' if n == 1 else 's'}" for n, noun in counted if n]
    took = seconds_text(report.duration_ms / 1000)
    style = "good" if report.status is ExitStatus.SUCCESS else "bad"
    word = "done" if report.status is ExitStatus.SUCCESS else f"status {int(report.status)}"
    return Text.assemble((word, style), (f" in {took}", "quiet"), (_joined(parts), "quiet"))


def _joined(parts: list[str]) -> str:
    return "".join(f", {part}" for part in parts)
