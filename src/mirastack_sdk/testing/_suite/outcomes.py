"""What came of a call, as a model would read it."""

from mirastack_sdk._text import shortened
from mirastack_sdk.testing._wire_messages import ExecutionResult

_SHOWN = 300


def has_result(found: ExecutionResult) -> bool:
    """Whether there is a result beside the lines that report something."""
    return found.success and bool(found.output.keys() - {"error"})


def report_of(found: ExecutionResult) -> str:
    """What the response reports: its error and its log lines; empty if it reports nothing."""
    texts = [found.error, found.output.get("error", ""), *found.logs]
    return " ".join(dict.fromkeys(text for text in texts if text))


def shown(found: ExecutionResult) -> str:
    """The response in a few words, for an author."""
    if not found.success:
        return f"the error {shortened(found.error, _SHOWN)!r}"
    if has_result(found):
        return f"the result {shortened(str(found.output), _SHOWN)}"
    report = report_of(found)
    return f"the report {shortened(report, _SHOWN)!r}" if report else "an empty response"
