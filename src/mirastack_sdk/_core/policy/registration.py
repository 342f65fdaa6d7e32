"""The rules of registration: why it failed, when to try again, how often to send heartbeats."""

import enum
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

_LONGEST_DELAY = 30.0
# The longest interval that an engine may ask for, so that its restart is noticed within an hour.
_LONGEST_INTERVAL = 3_600.0
# Agents that lost the engine at the same moment must not all return at the same moment.
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
    """A reason that the contract does not name: a wrong address, or a bug in the engine."""

    @property
    def needs_operator(self) -> bool:
        """Whether retrying alone will not help."""
        return self not in _PASSING


_PASSING = frozenset({FailureReason.ENGINE_UNAVAILABLE, FailureReason.TENANT_NOT_ACTIVE_OR_MISSING})

# What engines that require a tenant say to an agent that names none.
_FOR_LACK_OF_A_TENANT = frozenset(
    {
        FailureReason.TENANT_NOT_ACTIVE_OR_MISSING,
        FailureReason.PERMISSION_DENIED,
        FailureReason.INVALID_REGISTRATION_REQUEST,
    }
)

_BY_STATUS: Mapping[str, FailureReason] = MappingProxyType(
    {
        "OK": FailureReason.REGISTRATION_REJECTED,  # the response has success=false
        "UNAVAILABLE": FailureReason.ENGINE_UNAVAILABLE,
        "DEADLINE_EXCEEDED": FailureReason.ENGINE_UNAVAILABLE,
        "PERMISSION_DENIED": FailureReason.PERMISSION_DENIED,
        "UNAUTHENTICATED": FailureReason.PERMISSION_DENIED,
        "INVALID_ARGUMENT": FailureReason.INVALID_REGISTRATION_REQUEST,
        "RESOURCE_EXHAUSTED": FailureReason.LICENSE_OR_QUOTA_EXHAUSTED,
    }
)

# Without a status, the engine was not reached, except for these reasons of an `EngineError`.
_BY_ERROR: Mapping[str, FailureReason] = MappingProxyType(
    {
        "invalid_reply": FailureReason.REGISTRATION_FAILED,
        "internal": FailureReason.REGISTRATION_FAILED,
        "rejected": FailureReason.REGISTRATION_REJECTED,
        "tls_failed": FailureReason.REGISTRATION_FAILED,
    }
)

# Engines report this with several statuses and with `success=false`: only the text identifies it.
# The patterns are compiled at the first failure, since most agents start without one.
_TENANT_MESSAGES = (
    r"\btenant\b.{0,80}?\b(not|isn't)\s+(\w+\s+)?(active|found|known|provisioned)\b",
    r"\btenant\b.{0,80}?\b(inactive|unknown|does not exist|doesn't exist)\b",
    r"\btenant\b(?!\W?id\b).{0,80}?\bmissing\b",
    r"\b(unknown|inactive|no such|no active|(not|cannot|can't) find( the| a)?)\s+tenant\b",
)


def classify(status: str | None, message: str, error_reason: str = "") -> FailureReason:
    """Classify a failed registration.

    `status` is the name of the gRPC status: `"OK"` for a response with `success=false`, `None` if
    there was no response. In the latter case `error_reason`, the `reason` of the `EngineError`,
    decides.
    """
    if any(re.search(pattern, message, re.IGNORECASE) for pattern in _TENANT_MESSAGES):
        return FailureReason.TENANT_NOT_ACTIVE_OR_MISSING
    if status is None:
        return _BY_ERROR.get(error_reason, FailureReason.ENGINE_UNAVAILABLE)
    return _BY_STATUS.get(status, FailureReason.REGISTRATION_FAILED)


_TENANT_VARIABLES = "MIRASTACK_PLUGIN_TENANT_ID or MIRASTACK_PLUGIN_TENANT_SLUG"
_ADVICE: Mapping[FailureReason, str] = MappingProxyType(
    {
        FailureReason.TENANT_NOT_ACTIVE_OR_MISSING: (
            f"check {_TENANT_VARIABLES}, or activate the tenant in the engine"
        ),
        FailureReason.PERMISSION_DENIED: (
            "permit the agent in the engine, or check MIRASTACK_AUTH_TOKEN, "
            f"MIRASTACK_ENGINE_TLS_CERT and {_TENANT_VARIABLES}"
        ),
        FailureReason.INVALID_REGISTRATION_REQUEST: (
            f"check {_TENANT_VARIABLES}, and the agent's declarations"
        ),
        FailureReason.LICENSE_OR_QUOTA_EXHAUSTED: (
            "raise the engine's license or quota, or deregister another agent"
        ),
        FailureReason.REGISTRATION_REJECTED: (
            "correct what the engine names; if it cannot reach the agent at {address}, set "
            "MIRASTACK_PLUGIN_ADVERTISE_ADDR to an address that it can reach"
        ),
    }
)


def advice(reason: FailureReason, *, tenant_id: str, address: str) -> str:
    """What to do about a failed registration, or an empty text.

    `tenant_id` and `address` are those of the registration.
    """
    if not tenant_id and reason in _FOR_LACK_OF_A_TENANT:
        return f"no tenant is set: set {_TENANT_VARIABLES}"
    return _ADVICE.get(reason, "").format(address=address)


class Backoff:
    """The delays after consecutive failures: growing up to 30 s, with 20 % jitter.

    `uniform(low, high)` picks a number between the two, as `random.uniform` does.
    """

    def __init__(
        self, uniform: Callable[[float, float], float], *, first: float = 2.0, growth: float = 2.0
    ) -> None:
        self._uniform = uniform
        self._first = self._delay = first
        self._growth = growth

    def next_delay(self) -> float:
        """Return the seconds to wait now; the next delay will be about `growth` times as long."""
        delay = self._delay
        self._delay = min(delay * self._growth, _LONGEST_DELAY)
        return self._uniform(delay * (1 - _JITTER), delay * (1 + _JITTER))

    def reset(self) -> None:
        """Start over, after a success."""
        self._delay = self._first


def heartbeat_interval(fixed: float | None, from_engine: int, current: float) -> float:
    """Seconds until the next heartbeat.

    `fixed`, from the environment, takes precedence. Otherwise the engine's wish applies, up to one
    hour; 0 means that it has none, and the `current` interval stays.
    """
    if fixed is not None:
        return fixed
    return min(float(from_engine), _LONGEST_INTERVAL) if from_engine > 0 else current
