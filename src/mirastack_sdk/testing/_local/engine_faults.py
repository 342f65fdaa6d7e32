"""The faults that a test can order from a local engine."""

import asyncio
from collections.abc import Mapping
from typing import Literal, get_args

from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing._faults import FaultPlan

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
    """The gRPC status with which an engine reports `error`."""
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
    """An empty plan for every method of the engine."""
    return FaultPlan[EngineFault](get_args(EngineRpc.__value__))


async def apply_fault(fault: EngineFault | None, clock: Clock) -> str:
    """Apply the fault that was ordered for the running call.

    Returns the reason to refuse a registration, or an empty string.
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
    """Faults for coming calls of each method, by its name in snake_case.

    A fault applies to the next `times` calls, or to every call until `recover` if `times` is
    `None`. Faults for a number of calls apply first, in the order in which they were ordered.
    """

    def __init__(self, plan: FaultPlan[EngineFault]) -> None:
        self._plan = plan

    def fail(
        self, method: EngineRpc, status: str, message: str = "ordered", *, times: int | None = 1
    ) -> None:
        """End calls with a gRPC status such as "UNAVAILABLE" or "RESOURCE_EXHAUSTED".

        Each attempt counts as a call: agents make up to four attempts of a read that fails with
        UNAVAILABLE. Raises `ValueError` for an unknown status.
        """
        if status not in Status.__members__ or status == Status.OK.name:
            known = ", ".join(member.name for member in Status if member is not Status.OK)
            raise ValueError(f"status must be one of {known}, not {status!r}")
        self._order(method, _Failure(status=Status[status], message=message), times)

    def hang(self, method: EngineRpc, *, times: int | None = 1) -> None:
        """Never respond to calls; each ends when its caller or the engine gives up."""
        self._order(method, _Hang(), times)

    def delay(self, method: EngineRpc, seconds: float, *, times: int | None = 1) -> None:
        """Respond to calls after `seconds` of the engine's clock."""
        if seconds < 0:
            raise ValueError(f"seconds must be 0 or more, not {seconds!r}")
        self._order(method, _Delay(seconds=seconds), times)

    def refuse_registration(self, error: str, *, times: int | None = 1) -> None:
        """Respond to registrations with `success=false` and `error`, without dialling back."""
        if not error:
            raise ValueError("error must say why the registration is refused")
        self._order(_REGISTER, _Refusal(error=error), times)

    def recover(self, method: EngineRpc | None = None) -> None:
        """Remove the faults ordered for `method`, or for all methods."""
        self._plan.clear(method)

    def _order(self, method: EngineRpc, fault: EngineFault, times: int | None) -> None:
        if times is None:
            self._plan.always(method, fault)
        else:
            self._plan.next(method, fault, times)
