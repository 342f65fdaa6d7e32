"""The approvals that an agent asks for, and the humans who decide."""

import asyncio
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, field
from typing import Literal

from mirastack_sdk._cli.inspector.event_stream import EventStream
from mirastack_sdk._cli.shared_options import ApprovalPolicy
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk.datetimeutils import now_utc_ms
from mirastack_sdk.engine import Approval
from mirastack_sdk.testing import RequestApprovalCall

type Decision = Literal["granted", "denied", "timed_out", "withdrawn"]

_MOST_KEPT = 200
# A timer may fire a little early by the clock that is read here.
_TOLERANCE_SECONDS = 0.05


@dataclass(slots=True, kw_only=True, eq=False)
class ApprovalRecord:
    """One request for approval, and its decision once there is one."""

    asked: RequestApprovalCall
    number: int
    approval_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    asked_at: int = field(default_factory=now_utc_ms)
    decision: Decision | None = None
    comment: str = ""
    reviewer: str = ""
    answer: asyncio.Future[Approval] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def shown(self) -> dict[str, object]:
        """The request as the page gets it."""
        radius = self.asked.blast_radius
        return {
            "id": self.approval_id,
            "execution_id": self.asked.ctx.execution_id or None,
            "description": self.asked.description,
            "permission": self.asked.permission.name,
            "context": self.asked.context,
            "blast_radius": None if radius is None else asdict(radius),
            "asked_at": self.asked_at,
            "timeout_s": self.asked.timeout,
            "decision": self.decision,
            "comment": self.comment,
            "reviewer": self.reviewer,
        }


class AlreadyDecidedError(Exception):
    """A request for approval that is decided, timed out or withdrawn."""


class ApprovalDesk:
    """Decides requests for approval: by `policy`, or by asking whoever looks.

    `listener` is told of each request, and of its decision.
    """

    def __init__(
        self,
        policy: ApprovalPolicy,
        stream: EventStream,
        listener: Callable[[ApprovalRecord], object],
    ) -> None:
        self._policy = policy
        self._stream = stream
        self._listener = listener
        self._records: dict[str, ApprovalRecord] = {}
        self._count = 0

    async def decide(self, call: RequestApprovalCall) -> Approval:
        """Return the decision on one request; waits for it if the policy is to ask."""
        self._count += 1
        record = ApprovalRecord(asked=call, number=self._count)
        self._records[record.approval_id] = record
        self._forget_old()
        if self._policy != "ask":
            self.answer(record, approved=self._policy == "all", reviewer="--approve")
            return record.answer.result()
        self._publish(record)
        deadline = asyncio.get_running_loop().time() + call.timeout - _TOLERANCE_SECONDS
        try:
            return await record.answer
        except asyncio.CancelledError:
            is_late = asyncio.get_running_loop().time() >= deadline
            record.decision = "timed_out" if is_late else "withdrawn"
            self._publish(record)
            raise

    def answer(
        self, record: ApprovalRecord, *, approved: bool, comment: str = "", reviewer: str
    ) -> None:
        """Grant or deny a request; raises `AlreadyDecidedError` if that is too late."""
        if record.decision is not None:
            raise AlreadyDecidedError(f"this request is already {_WORDS[record.decision]}")
        record.decision = "granted" if approved else "denied"
        record.comment, record.reviewer = comment, reviewer
        record.answer.set_result(Approval(approved=approved, comment=comment, reviewer=reviewer))
        self._publish(record)

    def find(self, approval_id: str) -> ApprovalRecord | None:
        """Return a request that is kept, if there is one of that id."""
        return self._records.get(approval_id)

    def waiting(self) -> Iterator[ApprovalRecord]:
        """Yield the requests that nobody has decided, the oldest first."""
        return (record for record in self._records.values() if record.decision is None)

    def records(self) -> Iterator[ApprovalRecord]:
        """Yield the requests that are kept, the oldest first."""
        return iter(self._records.values())

    def _publish(self, record: ApprovalRecord) -> None:
        self._stream.publish("approval", record.shown())
        self._listener(record)

    def _forget_old(self) -> None:
        decided = [record for record in self._records.values() if record.decision is not None]
        for record in decided[: max(len(self._records) - _MOST_KEPT, 0)]:
            del self._records[record.approval_id]


_WORDS: dict[Decision, str] = {
    "granted": "granted",
    "denied": "denied",
    "timed_out": "out of time",
    "withdrawn": "withdrawn",
}
