"""Calls of a local engine that go wrong on a test's order."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing._faults import FaultPlan

__all__ = ["EngineFault", "EngineFaults", "EngineRpc", "apply_fault", "fault_plan"]

type EngineRpc = Literal[
    "get_config",
    "cache_get",
    "cache_get_batch",
    "cache_set",
    "publish_result",
    "request_approval",
    "log_event",
    "call_plugin",
    "list_kpis",
    "get_kpi",
    "register_plugin",
    "deregister_plugin",
    "heartbeat",
]

_REGISTER: EngineRpc = "register_plugin"

_BY_REASON: Mapping[str, Status] = {
    "unavailable": Status.UNAVAILABLE,
    "deadline_exceeded": Status.DEADLINE_EXCEEDED,
    "permission_denied": Status.PERMISSION_DENIED,
    "invalid_argument": Status.INVALID_ARGUMENT,
    "not_found": Status.NOT_FOUND,
    "resource_exhausted": Status.RESOURCE_EXHAUSTED,
    "unimplemented": Status.UNIMPLEMENTED,
    "rejected": Status.FAILED_PRECONDITION,
}


def refusal_of(error: EngineError) -> CallRefused:
    """Return how an engine ends a call that a test wants to fail with `error`."""
    if error.status is not None:
        return CallRefused(Status[error.status], str(error))
    return CallRefused(_BY_REASON.get(error.reason, Status.INTERNAL), str(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    status: Status
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delay:
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    error: str


class _Hang:
    pass


type EngineFault = _Failure | _Delay | _Refusal | _Hang


def fault_plan() -> FaultPlan[EngineFault]:
    """A plan for every method of the engine, with nothing ordered yet."""
    return FaultPlan[EngineFault](get_args(EngineRpc.__value__))


async def apply_fault(fault: EngineFault | None, clock: Clock) -> str:
    """Undergo what was ordered for the call being made.

    Returns why a registration is to be refused, or an empty text.
    """
    match fault:
        case _Failure(status=status, message=message):
            raise CallRefused(status, message)
        case _Hang():
            await asyncio.Event().wait()
        case _Delay(seconds=seconds):
            await clock.sleep(seconds)
        case _Refusal(error=error):
            return error
        case None:
            pass
    return ""


class EngineFaults:
    """Orders for the coming calls of each method, named in snake_case.

    Each order takes the next `times` calls, or every call until `recover` where `times` is `None`;
    orders for a number of calls go first, in the order they were given.
    """

    def __init__(self, plan: FaultPlan[EngineFault]) -> None:
        self._plan = plan

    def fail(
        self, method: EngineRpc, status: str, message: str = "ordered", *, times: int | None = 1
    ) -> None:
        """End calls with a gRPC status, by its name: "UNAVAILABLE", "RESOURCE_EXHAUSTED", …

        Each try of a call counts: an agent makes reads again that end with UNAVAILABLE, four times
        in all.
        """
        if status not in Status.__members__ or status == Status.OK.name:
            known = ", ".join(member.name for member in Status if member is not Status.OK)
            raise ValueError(f"status must be one of {known}, not {status!r}")
        self._order(method, _Failure(status=Status[status], message=message), times)

    def hang(self, method: EngineRpc, *, times: int | None = 1) -> None:
        """Never answer calls; each ends with its caller, or with the engine."""
        self._order(method, _Hang(), times)

    def delay(self, method: EngineRpc, seconds: float, *, times: int | None = 1) -> None:
        """Answer calls after `seconds` of the engine's clock."""
        if seconds < 0:
            raise ValueError(f"seconds must be 0 or more, not {seconds!r}")
        self._order(method, _Delay(seconds=seconds), times)

    def refuse_registration(self, error: str, *, times: int | None = 1) -> None:
        """Answer registrations with `success=false` and `error`, without dialling back."""
        if not error:
            raise ValueError("error must say why the registration is refused")
        self._order(_REGISTER, _Refusal(error=error), times)

    def recover(self, method: EngineRpc | None = None) -> None:
        """Forget the orders for `method`, or for all methods."""
        self._plan.clear(method)

    def _order(self, method: EngineRpc, fault: EngineFault, times: int | None) -> None:
        if times is None:
            self._plan.always(method, fault)
        else:
            self._plan.next(method, fault, times)
