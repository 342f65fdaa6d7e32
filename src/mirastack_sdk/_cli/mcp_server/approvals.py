"""Approvals: what a person is asked, and what the answer of a client means."""

import asyncio
from dataclasses import field

from mcp import types

from mirastack_sdk._cli.mcp_server.offered_tools import OfferedTool
from mirastack_sdk._core.model.engine_api import Approval, BlastRadius
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._text import compact_json, shortened
from mirastack_sdk.testing import RequestApprovalCall

_LONGEST_VALUE = 2_000
_HOW = "start the server with --approve all to approve everything"
CANNOT_ASK = f"this client cannot ask anybody: it does not support elicitation; {_HOW}"
REFUSES_ALL = "the server was started with --approve none"
_FORM: types.ElicitRequestedSchema = {
    "type": "object",
    "properties": {
        "comment": {
            "type": "string",
            "title": "Comment",
            "description": "Optional: passed to the action.",
        }
    },
}


@dataclass(eq=False, slots=True, kw_only=True)
class Question:
    """A request for approval that a person has to answer."""

    text: str
    answer: asyncio.Future[Approval] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def settle(self, approval: Approval) -> None:
        """Answer the question, unless it has been answered or dropped."""
        if not self.answer.done():
            self.answer.set_result(approval)

    @property
    def request(self) -> types.ElicitRequest:
        """The question as MCP asks it."""
        params = types.ElicitRequestFormParams(message=self.text, requested_schema=_FORM)
        return types.ElicitRequest(params=params)


def question_of_tool(tool: OfferedTool, arguments: object) -> Question:
    """What an engine asks before it runs an action that changes something."""
    return Question(
        text=f"Run {tool.name} ({tool.permission.name})? {_shown('Arguments', arguments)}"
    )


def question_of_action(tool: OfferedTool, call: RequestApprovalCall) -> Question:
    """What an action asks while it runs."""
    lines = [f"{tool.name} asks for approval ({call.permission.name}): {call.description}"]
    if call.context:
        lines.append(_shown("Context", dict(call.context)))
    if call.blast_radius is not None:
        lines.append(_radius(call.blast_radius))
    return Question(text="\n".join(lines))


def approval_of(result: types.ElicitResult, reviewer: str) -> Approval:
    """What a person has answered."""
    comment = (result.content or {}).get("comment")
    text = comment if isinstance(comment, str) else ""
    match result.action:
        case "accept":
            return Approval(approved=True, reviewer=reviewer, comment=text)
        case "decline":
            return Approval(approved=False, reviewer=reviewer, comment=text)
        case "cancel":
            comment_of_us = text or "the question was dismissed"
            return Approval(approved=False, reviewer=reviewer, comment=comment_of_us)


def refused(reason: str) -> Approval:
    """A refusal without a reviewer."""
    return Approval(approved=False, comment=reason)


def refusal_text(tool: OfferedTool, approval: Approval) -> str:
    """Why a tool was not run."""
    start = f"{tool.name} was not run"
    if approval.reviewer:
        comment = f": {approval.comment}" if approval.comment else ""
        return f"{start}, its approval was refused{comment}"
    return f"{start}, it needs approval ({tool.permission.name}), but {approval.comment}"


def _radius(radius: BlastRadius) -> str:
    if radius.summary:
        return f"Affected: {radius.summary}"
    members = {
        "type": radius.resource_type,
        "resources": list(radius.resources),
        "scope": radius.scope,
        "reversible": radius.reversible,
        "count": radius.estimated_count,
        "regions": list(radius.regions),
    }
    shown = {name: value for name, value in members.items() if value or name == "reversible"}
    return _shown("Affected", shown)


def _shown(title: str, value: object) -> str:
    return f"{title}: {shortened(compact_json(value), _LONGEST_VALUE)}"
