"""One execution of an action: what the author receives and answers."""

import enum
from dataclasses import dataclass, field

from mirastack_sdk._core.model.context import Context, TimeRange
from mirastack_sdk._core.model.engine_api import EngineClient

__all__ = ["ExecuteRequest", "ExecuteResponse", "ExecutionMode"]


class ExecutionMode(enum.Enum):
    """How far an execution may go without a human."""

    UNSPECIFIED = "unspecified"
    """The engine did not say."""
    MANUAL = "manual"
    """A human starts each step."""
    GUIDED = "guided"
    """The engine proposes, a human confirms."""
    AUTONOMOUS = "autonomous"
    """The engine decides, within permissions and approvals."""


@dataclass
class ExecuteRequest:
    """One action to run.

    `params` holds the action's parameters, the action's own name under `"action"`; a value that is
    not a string arrives as its JSON text. `time_range` is `None` for queries without one.
    `engine_client` calls back into the engine. `action` is the name of the action to run, `ctx` the
    running call.
    """

    params: dict[str, str]
    time_range: TimeRange | None
    engine_client: EngineClient
    ctx: Context = field(default_factory=Context, kw_only=True)
    action: str = field(default="", kw_only=True)
    execution_mode: ExecutionMode = field(default=ExecutionMode.UNSPECIFIED, kw_only=True)

    def __post_init__(self) -> None:
        """Take the action's name from the parameters where it is not given."""
        if not self.action:
            self.action = self.params.get("action", "")


@dataclass
class ExecuteResponse:
    """What an action answers.

    The main result belongs in `output["result"]` as a JSON string; messages, warnings and errors
    that are not fatal in `logs`.
    """

    output: dict[str, str] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)
