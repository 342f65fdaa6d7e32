# LEAD: written to unblock the runtime. Core: keep names and signatures; review, harden, test.
"""What a failed registration means, and when to try again."""

import enum
from collections.abc import Callable
from dataclasses import dataclass


class FailureReason(enum.Enum):
    """Why a registration or heartbeat failed; the value is what the log says."""

    ENGINE_UNAVAILABLE = "engine_unavailable"
    TENANT_NOT_ACTIVE_OR_MISSING = "tenant_not_active_or_missing"
    PERMISSION_DENIED = "permission_denied"
    INVALID_REGISTRATION_REQUEST = "invalid_registration_request"
    LICENSE_OR_QUOTA_EXHAUSTED = "license_or_quota_exhausted"
    REGISTRATION_REJECTED = "registration_rejected"

    @property
    def needs_operator(self) -> bool:
        """Whether waiting alone will not help."""
        return self not in _PASSING


_PASSING = frozenset(
    {FailureReason.ENGINE_UNAVAILABLE, FailureReason.TENANT_NOT_ACTIVE_OR_MISSING}
)
# Our errors' reasons (the errors module lists them), as the contract names them.
_BY_REASON = {
    "unavailable": FailureReason.ENGINE_UNAVAILABLE,
    "deadline_exceeded": FailureReason.ENGINE_UNAVAILABLE,
    "permission_denied": FailureReason.PERMISSION_DENIED,
    "invalid_argument": FailureReason.INVALID_REGISTRATION_REQUEST,
    "resource_exhausted": FailureReason.LICENSE_OR_QUOTA_EXHAUSTED,
}
_TENANT_PHRASES = ("not active", "inactive", "not found", "missing", "unknown")


def classify(reason: str, message: str) -> FailureReason:
    """Return what a failure means: `reason` is an `EngineError`'s, `message` the engine's text.

    The contract leaves no field for a tenant's state, so the text has to be searched for it.
    """
    text = message.lower()
    if "tenant" in text and any(phrase in text for phrase in _TENANT_PHRASES):
        return FailureReason.TENANT_NOT_ACTIVE_OR_MISSING
    return _BY_REASON.get(reason, FailureReason.REGISTRATION_REJECTED)


@dataclass(slots=True)
class Backoff:
    """Delays of 2 s doubling to 30 s, each with up to a quarter of jitter, never above 30 s.

    `uniform(low, high)` draws the jitter.
    """

    uniform: Callable[[float, float], float]
    first: float = 2.0
    longest: float = 30.0
    _next: float = 0.0

    def next_delay(self) -> float:
        """Return the seconds to wait before the next try."""
        base = self._next or self.first
        self._next = min(base * 2, self.longest)
        return base * self.uniform(0.75, 1.0)

    def reset(self) -> None:
        """Start over: the last try succeeded."""
        self._next = 0.0


def heartbeat_interval(fixed: float | None, from_engine: int, current: float) -> float:
    """Return the seconds to the next heartbeat: the environment's, else the engine's, else as is."""
    if fixed is not None:
        return fixed
    return float(from_engine) if from_engine > 0 else current
