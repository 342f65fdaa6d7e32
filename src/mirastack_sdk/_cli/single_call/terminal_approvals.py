"""The approvals of a call: granted, denied, or asked for on the terminal."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from rich.console import Console
from rich.text import Text

from mirastack_sdk._cli.console import is_terminal
from mirastack_sdk._cli.rendering.plain_texts import on_one_line
from mirastack_sdk._cli.shared_options import ApprovalPolicy
from mirastack_sdk._core.model.declarations import Permission
from mirastack_sdk._core.model.engine_api import Approval, BlastRadius
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk.testing import RequestApprovalCall

_MOST_CHARACTERS = 500
_REVIEWER = "mirastack-agent call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision; `reason` says why something was denied."""

    description: str
    permission: str
    approved: bool
    reason: str = ""


type ReadLine = Callable[[], Awaitable[str]]


class TerminalApprovals:
    """Decides on approvals by a policy, and keeps the decisions.

    `read_line` reads a line from the terminal; it is `None` if there is none.
    """

    def __init__(
        self, policy: ApprovalPolicy, console: Console, read_line: ReadLine | None
    ) -> None:
        self._policy = policy
        self._console = console
        self._read_line = read_line
        self._asking = asyncio.Lock()
        self.decisions: list[Decision] = []

    @property
    def has_denied(self) -> bool:
        """Whether anything was denied."""
        return not all(decision.approved for decision in self.decisions)

    async def may_run(self, action: str, permission: Permission) -> bool:
        """Decide as engines do before they call an action that changes something."""
        if permission is Permission.READ:
            return True
        decision = await self._decide(f"run {action}", permission, None)
        return decision.approved

    async def answer(self, call: RequestApprovalCall) -> Approval:
        """Decide on what the agent itself asks for."""
        decision = await self._decide(call.description, call.permission, call.blast_radius)
        return Approval(approved=decision.approved, reviewer=_REVIEWER, comment=decision.reason)

    async def _decide(
        self, description: str, permission: Permission, radius: BlastRadius | None
    ) -> Decision:
        reason = await self._reason_to_deny(description, permission, radius)
        decision = Decision(
            description=description,
            permission=permission.name,
            approved=not reason,
            reason=reason,
        )
        self.decisions.append(decision)
        return decision

    async def _reason_to_deny(
        self, description: str, permission: Permission, radius: BlastRadius | None
    ) -> str:
        if self._policy == "all":
            return ""
        if self._policy == "none":
            return "denied by --approve none"
        if self._read_line is None:
            return "there is no terminal to ask on: pass --approve all or --approve none"
        async with self._asking:
            self._show(description, permission, radius)
            line = await self._read_line()
        return "" if line.strip().lower() in {"y", "yes"} else "denied on the terminal"

    def _show(self, description: str, permission: Permission, radius: BlastRadius | None) -> None:
        asked = on_one_line(description, _MOST_CHARACTERS)
        self._console.print(Text.assemble(("approval ", "warning"), f"{permission.name}: {asked}"))
        for line in _radius_lines(radius):
            self._console.print(Text(f"  {line}", "quiet"))
        self._console.print(Text("  approve? [y/N] ", "title"), end="")


def terminal_reader() -> ReadLine | None:
    """Return what reads a line from the terminal without blocking the loop, if there is one."""
    return _read_line if is_terminal(sys.stdin) and is_terminal(sys.stderr) else None


async def _read_line() -> str:
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    # A terminal is readable as soon as there is a whole line.
    return sys.stdin.readline()


def _radius_lines(radius: BlastRadius | None) -> list[str]:
    if radius is None:
        return []
    undo = "reversible" if radius.reversible else "not reversible"
    what = [radius.summary, radius.resource_type, radius.scope, ", ".join(radius.resources)]
    counted = f"{radius.estimated_count} affected" if radius.estimated_count else ""
    parts = [*what, ", ".join(radius.regions), counted, undo]
    return [on_one_line("; ".join(part for part in parts if part), _MOST_CHARACTERS)]
