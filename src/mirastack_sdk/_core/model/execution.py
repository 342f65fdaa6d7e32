"""The request and the response of one execution."""

import enum
from dataclasses import field

from mirastack_sdk._core.model.context import Context, TimeRange
from mirastack_sdk._core.model.engine_api import EngineClient
from mirastack_sdk._deferred.dataclasses import dataclass

ACTION_PARAM = "action"
"""The parameter that carries the name of the action; no action may declare it."""
WRONG_PARAMETERS = "was not run, its parameters are to be corrected:"
"""What follows an action's name in the error of a typed action for invalid parameters."""


class ExecutionMode(enum.Enum):
    """Which steps of an execution a human approves.

    The engine asks for these approvals before it calls the agent.
    """

    UNSPECIFIED = "unspecified"
    """The engine sent no mode."""
    MANUAL = "manual"
    """A human has approved each step."""
    GUIDED = "guided"
    """READ actions run without approval; a human has approved MODIFY and ADMIN actions."""
    AUTONOMOUS = "autonomous"
    """As `GUIDED`: READ actions run without approval, MODIFY and ADMIN actions never do."""


@dataclass
class ExecuteRequest:
    """A request to run one action.

    `params` are the action's parameters as text: a value that is not a string is its JSON text.
    `params["action"]` is the name of the action, also available as `action`. `time_range` is `None`
    for a query without a time range. `engine_client` calls back into the engine; pass `ctx`, which
    identifies the execution.
    """

    params: dict[str, str]
    time_range: TimeRange | None
    engine_client: EngineClient
    ctx: Context = field(default_factory=Context, kw_only=True)
    action: str = field(default="", kw_only=True)
    execution_mode: ExecutionMode = field(default=ExecutionMode.UNSPECIFIED, kw_only=True)

    def __post_init__(self) -> None:
        """Take the action's name from the parameters if it is not given."""
        if not self.action:
            self.action = self.params.get(ACTION_PARAM, "")


@dataclass
class ExecuteResponse:
    """The response of an action.

    Put the main result into `output["result"]` as JSON text, and messages, warnings and errors that
    are not fatal into `logs`. The language model reads both: `logs` becomes an array of the result,
    unless `output` has that key. If there is no output, the model reads the logs as an error.

    `result_json` is any JSON, sent in place of `output`. The functions `respond_map`,
    `respond_json`, `respond_raw` and `respond_error` set it.

    Logs leave the process without addresses, credentials, paths and tracebacks, like the texts of
    exceptions. Of the output, only the values of secret config parameters are removed.
    """

    output: dict[str, str] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)
    result_json: bytes | None = field(default=None, kw_only=True)


class Logs(list[str]):
    """Log lines that a typed action adds to its result: `logs.append("2 shards did not respond")`.

    A parameter of this type is injected. The action still returns its own type, and the lines
    become `logs` of its response.
    """


class CleanLine(str):
    """A log line of the SDK's own, which contains nothing that must not leave the process.

    Cleaning it could remove what the model needs, such as the values that a parameter accepts.
    """

    __slots__ = ()
