"""A line of the agent's log, as the page and the terminal show it."""

from collections.abc import Mapping
from dataclasses import field

from mirastack_sdk._deferred.dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One record of the log, or one line that the agent's code has printed.

    `at` is in milliseconds since the epoch. A printed line has no `level`, and the name of the
    stream as `logger`.
    """

    at: int
    level: str
    logger: str
    text: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def shown(self) -> dict[str, object]:
        """The line as the page gets it."""
        execution_id = self.fields.get("execution_id")
        return {
            "at": self.at,
            "level": self.level,
            "logger": self.logger,
            "text": self.text,
            "fields": self.fields,
            "execution_id": execution_id if isinstance(execution_id, str) else None,
        }
