"""The state of an agent's registration, as its session knows it."""

import time
from collections.abc import Mapping
from dataclasses import field

from mirastack_sdk._core.policy.registration import FailureReason
from mirastack_sdk._deferred.dataclasses import dataclass


@dataclass(slots=True, kw_only=True, eq=False)
class RegistrationState:
    """Whether the agent is registered, when the engine last confirmed it, and what failed before.

    `heartbeat_interval` is in seconds. `confirmed_at` is in seconds since the epoch, and 0 before
    the first registration. The session writes it on the loop; any thread may read it.
    """

    heartbeat_interval: float
    is_registered: bool = False
    registrations: int = 0
    confirmed_at: float = 0.0
    failures: dict[FailureReason, int] = field(
        default_factory=lambda: dict.fromkeys(FailureReason, 0)
    )

    @property
    def failures_by_reason(self) -> Mapping[str, int]:
        """How many attempts to register have failed, for each reason there is."""
        return {reason.value: count for reason, count in self.failures.items()}

    def register(self) -> None:
        """Note that the engine has registered the agent."""
        self.is_registered = True
        self.registrations += 1
        self.confirm()

    def confirm(self) -> None:
        """Note that the engine has acknowledged a heartbeat, or a registration."""
        self.confirmed_at = time.time()

    def fail(self, reason: FailureReason) -> None:
        """Note an attempt to register that failed."""
        self.failures[reason] += 1

    def end(self) -> None:
        """Note that the engine no longer knows the agent."""
        self.is_registered = False
