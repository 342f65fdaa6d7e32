"""The removal of tracebacks, including the source code in them, from text."""

from collections.abc import Iterator

from mirastack_sdk._deferred.patterns import deferred_pattern

MARK = "[traceback]"

_HEADER = deferred_pattern(r"(?:Exception Group )?Traceback \(most recent call last\):?.*")
_GROUP_MARGIN = deferred_pattern(r"^\s*[|+][-+|]*(?: (?=\S))?")
_BETWEEN = deferred_pattern(
    r"\s*(?:-{4,} \d+ -{4,}|-{4,}|\.{3} \d+ more|[\^~]+"
    r"|During handling of the above exception, another exception occurred:"
    r"|The above exception was the direct cause of the following exception:)\s*"
)
_FRAME = deferred_pattern(
    r'\s*File "[^"]*", line \d+'  # Python
    r"|\s+at \S"  # Java, JavaScript, .NET
    r"|goroutine \d+ \[|created by \S|\s+\S+\.go:\d+|[\w./*()]+\((?:\{?0x|\.\.\.)"  # Go
    r"|\s*from \S+:\d+:in "  # Ruby
    r"|#\d+ +\S"  # PHP, gdb
)


def without_tracebacks(text: str) -> Iterator[str]:
    """The lines of `text`, stripped, with each traceback replaced by `MARK`.

    The last line of a traceback, which names the exception, stays.
    """
    if "Traceback" in text:
        text = text.replace("\\n", "\n")  # a traceback inside a quoted string
    block = _Block()
    for line in text.splitlines():
        yield from block.read(line)


class _Block:
    """A reader of lines that tracks whether it is inside a traceback, and its indentation."""

    def __init__(self) -> None:
        self._indent: int | None = None

    def read(self, line: str) -> Iterator[str]:
        """Yield what stays of one line."""
        body = _GROUP_MARGIN.sub("", line) if self._indent is not None else line
        header = _HEADER.search(line)
        if header is not None:
            before = line[: header.start()].strip(" \t|+")
            if before:
                yield before
            yield from self._enter(_indent_of(_GROUP_MARGIN.sub("", line)))
        elif _FRAME.match(body):
            yield from self._enter(_indent_of(body))
        elif not body.strip() or _BETWEEN.fullmatch(body) or self._is_within(body):
            return
        else:
            self._indent = None
            yield body.strip()

    def _enter(self, indent: int) -> Iterator[str]:
        if self._indent is None:
            self._indent = indent
            yield MARK

    def _is_within(self, body: str) -> bool:
        return self._indent is not None and _indent_of(body) > self._indent


def _indent_of(line: str) -> int:
    return len(line) - len(line.lstrip())
