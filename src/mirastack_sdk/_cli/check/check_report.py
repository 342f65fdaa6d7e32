"""The report of a check: the same findings as text for people, and as JSON for programs."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from mirastack_sdk._cli.advice.finding import Finding, Severity
from mirastack_sdk._cli.check.card import Card
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._text import printable

_STYLES = {Severity.ERROR: "bad", Severity.ADVICE: "warning", Severity.NOTE: "quiet"}
_WIDTH = max(len(severity.value) for severity in Severity) + 1
_PLURALS = {Severity.ERROR: "errors", Severity.ADVICE: "pieces of advice", Severity.NOTE: "notes"}
_SINGULARS = {Severity.ERROR: "error", Severity.ADVICE: "piece of advice", Severity.NOTE: "note"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """The findings about one agent, and how many are ignored.

    There is no `card` of an agent that does not pass the quality gates.
    """

    card: Card | None
    findings: Sequence[Finding]
    ignored: int
    is_strict: bool

    @property
    def passed(self) -> bool:
        """Whether there is no error, and in strict mode no advice either."""
        failing = (Severity.ERROR, Severity.ADVICE) if self.is_strict else (Severity.ERROR,)
        return all(each.severity not in failing for each in self.findings)

    def document(self) -> dict[str, object]:
        """The report as a JSON object, which docs/checks.md describes."""
        counts = self._counts()
        return {
            "format": 1,
            "agent": None if self.card is None else self.card.name,
            "version": None if self.card is None else self.card.version,
            "passed": self.passed,
            "counts": {severity.value: counts[severity] for severity in Severity},
            "ignored": self.ignored,
            "findings": [
                {
                    "code": each.code,
                    "severity": each.severity.value,
                    "place": each.place,
                    "action": each.action or None,
                    "what": each.what,
                    "fix": each.fix,
                }
                for each in self.findings
            ],
        }

    def print_to(self, console: Console) -> None:
        """Print the findings, what to do about each kind, and a line that sums them up."""
        for (severity, fix), kind in groupby(self.findings, lambda each: (each.severity, each.fix)):
            for each in kind:
                line = Text()
                line.append(f"{each.code} ", style="name")
                line.append(severity.value.ljust(_WIDTH), style=_STYLES[severity])
                line.append(printable(f"{each.place}: {each.what}"))
                console.print(line, soft_wrap=True)
            if severity is not Severity.NOTE:
                console.print(Text(f"      {fix}", style="quiet"), soft_wrap=True)
        title = "" if self.card is None else f"{self.card.name} {self.card.version}: "
        console.print(Text(f"{title}{self._summary()}.", style=self._style()), soft_wrap=True)

    def _counts(self) -> Counter[Severity]:
        return Counter(each.severity for each in self.findings)

    def _summary(self) -> str:
        counts = self._counts()
        parts = [
            f"{counts[severity]} {(_SINGULARS if counts[severity] == 1 else _PLURALS)[severity]}"
            for severity in Severity
            if counts[severity]
        ]
        ignored = f" ({self.ignored} ignored)" if self.ignored else ""
        return f"{', '.join(parts) or 'nothing to report'}{ignored}"

    def _style(self) -> str:
        if not self.passed:
            return "bad"
        return "warning" if self._counts()[Severity.ADVICE] else "good"
