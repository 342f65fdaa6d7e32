"""What to do about the engine's answers while registering and staying registered."""

import enum
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from mirastack_sdk._core.settings.process_settings import DEFAULT_HEARTBEAT_SECONDS

__all__ = [
    "DEFAULT_HEARTBEAT_SECONDS",
    "Backoff",
    "FailureReason",
    "classify",
    "heartbeat_interval",
]

_LONGEST_DELAY = 30.0
# An engine may ask for heartbeats as seldom as this: a restart of it must not go unnoticed longer.
_LONGEST_INTERVAL = 3_600.0
# Agents that lost the engine at one moment must not all come back at one moment.
_JITTER = 0.2


class FailureReason(enum.Enum):
    """Why a registration did not succeed."""

    ENGINE_UNAVAILABLE = "engine_unavailable"
    TENANT_NOT_ACTIVE_OR_MISSING = "tenant_not_active_or_missing"
    PERMISSION_DENIED = "permission_denied"
    INVALID_REGISTRATION_REQUEST = "invalid_registration_request"
    LICENSE_OR_QUOTA_EXHAUSTED = "license_or_quota_exhausted"
    REGISTRATION_REJECTED = "registration_rejected"
    REGISTRATION_FAILED = "registration_failed"
    """In a way the contract does not name: a wrong address, or a fault in the engine."""

    @property
    def needs_operator(self) -> bool:
        """Whether waiting alone will not help."""
        return self not in _PASSING


_PASSING = frozenset({FailureReason.ENGINE_UNAVAILABLE, FailureReason.TENANT_NOT_ACTIVE_OR_MISSING})

_BY_STATUS: Mapping[str, FailureReason] = MappingProxyType(
    {
        "OK": FailureReason.REGISTRATION_REJECTED,  # answered, with success=false
        "UNAVAILABLE": FailureReason.ENGINE_UNAVAILABLE,
        "DEADLINE_EXCEEDED": FailureReason.ENGINE_UNAVAILABLE,
        "PERMISSION_DENIED": FailureReason.PERMISSION_DENIED,
        "UNAUTHENTICATED": FailureReason.PERMISSION_DENIED,
        "INVALID_ARGUMENT": FailureReason.INVALID_REGISTRATION_REQUEST,
        "RESOURCE_EXHAUSTED": FailureReason.LICENSE_OR_QUOTA_EXHAUSTED,
    }
)

# Where the engine gave no status, nothing of it was reached, save for what it garbled.
_BY_ERROR: Mapping[str, FailureReason] = MappingProxyType(
    {
        "invalid_reply": FailureReason.REGISTRATION_FAILED,
        "internal": FailureReason.REGISTRATION_FAILED,
        "rejected": FailureReason.REGISTRATION_REJECTED,
        "tls_failed": FailureReason.REGISTRATION_FAILED,
    }
)

# Engines say this with several statuses and within `success=false`, so that only the text tells.
_TENANT_MESSAGES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\btenant\b.{0,80}?\b(not|isn't)\s+(\w+\s+)?(active|found|known|provisioned)\b",
        r"\btenant\b.{0,80}?\b(inactive|unknown|does not exist|doesn't exist)\b",
        r"\btenant\b(?!\W?id\b).{0,80}?\bmissing\b",
        r"\b(unknown|inactive|no such|no active|(not|cannot|can't) find( the| a)?)\s+tenant\b",
    )
)


def classify(status: str | None, message: str, error_reason: str = "") -> FailureReason:
    """Why a registration failed.

    `status` is the gRPC status name the engine gave: `"OK"` when it answered `success=false`,
    `None` when it gave none. Then `error_reason` decides, the `reason` of our `EngineError`.
    """
    if any(pattern.search(message) for pattern in _TENANT_MESSAGES):
        return FailureReason.TENANT_NOT_ACTIVE_OR_MISSING
    if status is None:
        return _BY_ERROR.get(error_reason, FailureReason.ENGINE_UNAVAILABLE)
    return _BY_STATUS.get(status, FailureReason.REGISTRATION_FAILED)


class Backoff:
    """How long to wait after each failure in a row: growing to 30 s, a fifth more or less.

    `uniform(low, high)` picks a number between the two, as `random.uniform` does.
    """

    def __init__(
        self, uniform: Callable[[float, float], float], *, first: float = 2.0, growth: float = 2.0
    ) -> None:
        self._uniform = uniform
        self._first = self._delay = first
        self._growth = growth

    def next_delay(self) -> float:
        """Seconds to wait now; the next call answers about `growth` times as many."""
        delay = self._delay
        self._delay = min(delay * self._growth, _LONGEST_DELAY)
        return self._uniform(delay * (1 - _JITTER), delay * (1 + _JITTER))

    def reset(self) -> None:
        """Start over, after a success."""
        self._delay = self._first


def heartbeat_interval(fixed: float | None, from_engine: int, current: float) -> float:
    """Seconds until the next heartbeat.

    What the environment fixes holds; else what the engine asks for, if it asks, but an hour at
    most; else what held.
    """
    if fixed is not None:
        return fixed
    return min(float(from_engine), _LONGEST_INTERVAL) if from_engine > 0 else current
