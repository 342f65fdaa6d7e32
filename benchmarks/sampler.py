"""A statistical profiler of the main thread: one stack per tick of processor time."""

import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Self

# The kernel rounds it up to its own ticks.
_INTERVAL = 0.001


@dataclass(slots=True)
class StackSampler:
    """Counts the stacks of the main thread while it is entered.

    Python looks at signals between its own steps only: what a C function takes is counted where
    the caller goes on.
    """

    stacks: int = 0
    own: Counter[CodeType] = field(default_factory=Counter)
    total: Counter[CodeType] = field(default_factory=Counter)
    lines: Counter[tuple[CodeType, int]] = field(default_factory=Counter)

    def __enter__(self) -> Self:
        signal.signal(signal.SIGPROF, self._on_tick)
        # Interrupted system calls are restarted.
        signal.siginterrupt(signal.SIGPROF, False)
        signal.setitimer(signal.ITIMER_PROF, _INTERVAL, _INTERVAL)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0.0)

    def report(self, rows: int = 40) -> str:
        """Return the functions and lines in which most of the time was spent."""
        functions = [
            f"{_share(count, self.stacks)} {_share(self.total[code], self.stacks)}  {_place(code)}"
            for code, count in self.own.most_common(rows)
        ]
        lines = [
            f"{_share(count, self.stacks)}  {_place(code, line)}"
            for (code, line), count in self.lines.most_common(rows)
        ]
        return "\n".join(
            [
                f"{self.stacks} stacks",
                "",
                "   own  total  function",
                *functions,
                "",
                "   own  line",
                *lines,
            ]
        )

    def _on_tick(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - one signal
        if frame is None:
            return
        self.stacks += 1
        self.own[frame.f_code] += 1
        self.lines[frame.f_code, frame.f_lineno] += 1
        seen = set[CodeType]()
        outer: FrameType | None = frame
        while outer is not None:
            seen.add(outer.f_code)
            outer = outer.f_back
        self.total.update(seen)


def _share(count: int, stacks: int) -> str:
    return f"{100 * count / max(1, stacks):5.1f}%"


def _place(code: CodeType, line: int | None = None) -> str:
    path = Path(code.co_filename)
    return f"{path.parent.name}/{path.name}:{line or code.co_firstlineno} {code.co_qualname}"
