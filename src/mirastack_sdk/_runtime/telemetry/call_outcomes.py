"""How calls end, in both directions, and which action an execution runs, as records name it."""

import asyncio
from dataclasses import field

from mirastack_sdk._core.contract.parameters import ParamsError, parse_params
from mirastack_sdk._core.redaction.clean import clean, describe_exception
from mirastack_sdk._core.redaction.known_secrets import Hide
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._wire.grpc.current_call import current_call
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk.errors import EngineError

AGENT_SERVICE = "mirastack.plugin.v1.PluginService"
ENGINE_SERVICE = "mirastack.plugin.v1.EngineService"

# The statuses that OpenTelemetry's conventions count as errors of a server; of a client, all are.
_SERVER_ERRORS = frozenset(
    {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}
)
# Reading the parameters twice only for the action's name must cost little.
_MOST_PARAMS_READ = 65_536
# A caller's deadline begins before its request arrives, so the caller may reset a call that has
# outlasted its deadline a little before the deadline ends here.
_CALLER_IS_EARLIER_BY = 0.1


@dataclass(slots=True)
class Outcome:
    """How a call ends: a gRPC status and, where it has failed, the kind of failure and a text.

    `marks` go to the call's span.
    """

    status: str = "OK"
    error_type: str = ""
    text: str = ""
    marks: dict[str, bool] = field(default_factory=dict)

    def failed(self, error_type: str, text: str) -> None:
        """Note that the response reports a failure."""
        self.error_type, self.text = error_type, clean(text)


def action_of(request: wire.ExecuteRequest) -> str:
    """The action that runs: agents of other SDKs name it in the parameters alone."""
    if request.action_id or len(request.params_json) > _MOST_PARAMS_READ:
        return request.action_id
    try:
        return parse_params(request.params_json, "").get("action", "")
    except ParamsError:
        return ""


def outcome_of_calling(error: BaseException, hide: Hide) -> Outcome:
    """How a call of the engine ended that raised `error`."""
    if isinstance(error, EngineError):
        status = error.status or _status_named(error.reason)
        return Outcome(status, error.status or error.reason, describe_exception(error, hide))
    if isinstance(error, asyncio.CancelledError):
        return Outcome("CANCELLED", "CANCELLED", "the agent gave up waiting")
    return Outcome("INTERNAL", type(error).__name__, describe_exception(error, hide))


def _status_named(reason: str) -> str:
    """The gRPC status of an error for which the engine sent none."""
    name = reason.upper()
    return name if name in Status.__members__ else "INTERNAL"


def outcome_of_serving(error: BaseException, hide: Hide) -> Outcome:
    """How a call that the agent served ended, whose handler raised `error`."""
    match error:
        case CallRefused():
            status, text = error.status.name, clean(error.message, hide)
        case asyncio.CancelledError():
            status, text = _status_of_cancelled(), "the call ended before its response"
        case _:
            return Outcome("INTERNAL", type(error).__name__, describe_exception(error, hide))
    return Outcome(status, status, text) if status in _SERVER_ERRORS else Outcome(status)


def _status_of_cancelled() -> str:
    deadline = current_call().deadline
    now = asyncio.get_running_loop().time()
    overdue = deadline is not None and now >= deadline - _CALLER_IS_EARLIER_BY
    return "DEADLINE_EXCEEDED" if overdue else "CANCELLED"
