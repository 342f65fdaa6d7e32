"""Budgets for the work that a peer can cause (RFC 9113 §10.5)."""

from mirastack_sdk._wire.http2.codes import ErrorCode
from mirastack_sdk._wire.http2.limits import Limits, Rate
from mirastack_sdk._wire.http2.protocol_errors import Http2ConnectionError


class Meter:
    """What refills budgets: the time, and the DATA frames that we have sent."""

    __slots__ = ("data_frames", "now")

    def __init__(self, now: float) -> None:
        self.now = now
        self.data_frames = 0


class Budget:
    """A token bucket; an empty one ends the connection."""

    __slots__ = ("_frames_seen", "_meter", "_rate", "_refilled_at", "_tokens", "_what")

    def __init__(self, what: str, rate: Rate, meter: Meter) -> None:
        self._what = what
        self._rate = rate
        self._meter = meter
        self._tokens = float(rate.burst)
        self._refilled_at = meter.now
        self._frames_seen = meter.data_frames

    def spend(self, tokens: int = 1) -> None:
        """Take tokens; raises `Http2ConnectionError` (ENHANCE_YOUR_CALM) if there are too few."""
        self._tokens -= tokens
        # Refilled only when it is empty, so that the usual case is one subtraction.
        if self._tokens < 0:
            self._refill()

    def _refill(self) -> None:
        rate, now, frames = self._rate, self._meter.now, self._meter.data_frames
        earned = (now - self._refilled_at) * rate.per_second
        earned += (frames - self._frames_seen) * rate.per_data_frame
        self._refilled_at, self._frames_seen = now, frames
        self._tokens = min(float(rate.burst), self._tokens + earned)
        if self._tokens < 0:
            raise Http2ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, f"too many {self._what}")


class Budgets:
    """The budgets of one connection."""

    __slots__ = ("many_headers", "pings", "resets", "settings", "useless", "window_updates")

    def __init__(self, limits: Limits, meter: Meter) -> None:
        self.resets = Budget("resets", limits.resets, meter)
        self.useless = Budget("useless frames", limits.useless_frames, meter)
        self.settings = Budget("SETTINGS frames", limits.settings_frames, meter)
        self.many_headers = Budget("headers", limits.many_headers, meter)
        self.pings = Budget("PING frames", limits.pings, meter)
        self.window_updates = Budget("WINDOW_UPDATE frames", limits.window_updates, meter)
