"""What crosses the pipe between an agent and a worker process."""

from collections.abc import Mapping

from mirastack_sdk._core.model.execution import ExecuteResponse
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._log import LoggedCall


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionName:
    """Where a worker process finds a function; `file` is that of its module, or empty."""

    module: str
    qualname: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOrder:
    """A call to run. `arguments` are pickled: the function's module is imported before them."""

    action: str
    function: FunctionName
    arguments: Mapping[str, bytes]
    result_limit: int | None
    logged_as: LoggedCall


@dataclass(frozen=True, slots=True)
class GoOn:
    """The agent has published the last partial result."""


@dataclass(frozen=True, slots=True)
class End:
    """The worker process is to end."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker process has started."""


@dataclass(frozen=True, slots=True)
class ForwardedRecord:
    """A log record, by its attributes."""

    attributes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ForwardedProgress:
    """A report of progress."""

    fraction: float | None
    message: str


@dataclass(frozen=True, slots=True)
class ForwardedLines:
    """Lines for the logs of the response, in place of those from `start` on."""

    start: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Partial:
    """A partial result as JSON; the generator waits for `GoOn`."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentError:
    """An exception: pickled if that is possible, and what is shown of it and of its members."""

    pickled: bytes | None
    type_name: str
    module: str
    text: str
    traceback: str
    members: tuple["SentError", ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A result as JSON within its limit, and a sentence for each cut.

    Not `Truncated` itself: where that is compiled, it cannot be pickled.
    """

    text: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call has ended: with a result, a whole response, or an error."""

    result: Written | ExecuteResponse | None = None
    error: SentError | None = None


type Order = CallOrder | GoOn | End
type Note = ForwardedRecord | ForwardedProgress | ForwardedLines
type Answer = Ready | Note | Partial | Outcome
