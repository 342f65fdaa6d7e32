"""The quantities that are measured: unit, better direction, format."""

import enum
from collections.abc import Mapping


class Quantity(enum.Enum):
    """One quantity; readings are in seconds, bytes and calls per second."""

    RATE = "calls/s"
    CPU = "µs"
    TIME = "ms"
    MEMORY = "MB"

    @property
    def more_is_better(self) -> bool:
        """Whether a ratio above one is good."""
        return self is Quantity.RATE

    def text(self, value: float) -> str:
        """Return the value with its unit, to about three digits."""
        match self:
            case Quantity.RATE:
                return f"{value:,.0f}/s" if value >= 100 else f"{value:.3g}/s"
            case Quantity.CPU:
                return f"{value * 1e6:,.0f} µs" if value >= 1e-5 else f"{value * 1e6:.2f} µs"
            case Quantity.TIME:
                return f"{value * 1e3:,.0f} ms"
            case Quantity.MEMORY:
                return f"{value / (1 << 20):,.1f} MB"


type Reading = Mapping[Quantity, float]
