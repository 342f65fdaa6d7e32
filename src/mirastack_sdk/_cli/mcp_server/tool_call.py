"""One call of a tool: an execution, its questions, and what it reports while it runs."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Self

from mcp import types

from mirastack_sdk._cli.mcp_server.approvals import Question
from mirastack_sdk._cli.mcp_server.offered_tools import OfferedTool
from mirastack_sdk._core.model.engine_api import Approval

# A client that reads slowly misses the oldest reports.
_MOST_REPORTS = 1_000


type Report = Callable[["Listener"], Awaitable[None]]
"""Sends something that happened to the client that waits for the result."""


class Listener:
    """What a client may be told before the result; by default nothing."""

    async def partial(self, text: str) -> None:
        """A partial result."""

    async def progress(self, fraction: float | None, message: str) -> None:
        """How much of the work is done; `None` if nobody knows how much is left."""

    async def event(self, level: types.LoggingLevel, event: str, data: object) -> None:
        """An event that the agent logged."""


class ToolCall:
    """A call of a tool, which ends with its result or when it is cancelled.

    Clients of the protocol 2026-07-28 may follow one call with several requests, one after another:
    a question ends a request, and the answer comes with the next one. `owner` identifies the client
    as far as it can be told from others.
    """

    def __init__(self, tool: OfferedTool, arguments: Mapping[str, object], owner: object) -> None:
        self.tool = tool
        self.arguments = arguments
        self.owner = owner
        self._questions: dict[str, Question] = {}
        self._reports = deque[Report](maxlen=_MOST_REPORTS)
        self._changed = asyncio.Event()
        self._task: asyncio.Task[types.CallToolResult] | None = None
        self._numbers = 0

    def start(self, run: Callable[[Self], Awaitable[types.CallToolResult]]) -> None:
        """Start the task that ends with the result."""

        async def result() -> types.CallToolResult:
            return await run(self)

        self._task = asyncio.create_task(result(), name=f"tool-{self.tool.name}")
        self._task.add_done_callback(lambda _: self._changed.set())

    @property
    def task(self) -> asyncio.Task[types.CallToolResult]:
        """The task that ends with the result."""
        assert self._task is not None  # noqa: S101 - a call is started at once
        return self._task

    @property
    def open_questions(self) -> dict[str, Question]:
        """The questions that nobody has answered yet."""
        return {key: one for key, one in self._questions.items() if not one.answer.done()}

    def cancel(self) -> None:
        """Cancel the execution and every question."""
        self.task.cancel()

    def report(self, report: Report) -> None:
        """Tell the client something."""
        self._reports.append(report)
        self._changed.set()

    def take_reports(self) -> Iterable[Report]:
        """Yield what the client has yet to be told."""
        while self._reports:
            yield self._reports.popleft()

    async def ask(self, question: Question) -> Approval:
        """Wait for the answer to a question; it is withdrawn when this is cancelled."""
        self._numbers += 1
        key = f"approval-{self._numbers}"
        self._questions[key] = question
        self._changed.set()
        try:
            return await question.answer
        finally:
            del self._questions[key]
            self._changed.set()

    async def changed(self) -> None:
        """Wait until there is something new: a report, a question, or the result."""
        await self._changed.wait()
        self._changed.clear()
