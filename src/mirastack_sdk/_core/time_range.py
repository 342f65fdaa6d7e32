"""A time range the engine has already parsed."""

from dataclasses import dataclass

__all__ = ["TimeRange"]


@dataclass
class TimeRange:
    """A time range, in UTC epoch milliseconds.

    `timezone` is an IANA name for display only; `original_expression` is what the user typed.
    """

    start_epoch_ms: int
    end_epoch_ms: int
    timezone: str
    original_expression: str
