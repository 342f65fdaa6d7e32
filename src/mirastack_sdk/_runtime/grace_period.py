"""The time that an agent has to shut down."""

from mirastack_sdk._runtime.clock import Clock


class GracePeriod:
    """The time left for the shutdown, from the moment it starts.

    `for_records` are the seconds after that, which are reserved for sending the last telemetry and
    writing the last recordings.
    """

    def __init__(self, grace: float, for_records: float, clock: Clock) -> None:
        self.for_records = for_records
        self._grace = grace
        self._clock = clock
        self._ends: float | None = None

    @property
    def has_begun(self) -> bool:
        """Whether the shutdown has started."""
        return self._ends is not None

    def begin(self) -> float:
        """Start the time, unless it has started already; return the instant when it ends."""
        if self._ends is None:
            self._ends = self._clock.monotonic() + self._grace
        return self._ends

    def remaining(self) -> float:
        """Seconds left; the first call starts the time."""
        return max(0.0, self.begin() - self._clock.monotonic())
