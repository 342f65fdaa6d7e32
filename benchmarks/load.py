"""A load: many calls of one kind, and a client's report on them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

LONGEST_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Calls of one kind; `body` is a file with one gRPC message, `in_flight` is per connection."""

    path: str
    content_type: str
    body: Path
    connections: int
    in_flight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The number of calls, all of them answered, and how long they took."""

    calls: int
    seconds: float
    data_bytes: int


class LoadClient(Protocol):
    """Makes calls; raises `MeasurementError` unless every one is answered."""

    @property
    def name(self) -> str:
        """The client's name in the report."""

    def run(self, port: int, load: Load, calls: int) -> Answered:
        """Make the calls on new connections."""
