"""The report of a call: what `call --json` prints, documented in docs/cli.md."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, field, replace

from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.single_call.terminal_approvals import Decision
from mirastack_sdk._core.model.context import Progress, TimeRange
from mirastack_sdk._core.model.declarations import Action, ParamSchema, PluginSchema
from mirastack_sdk._core.model.execution import WRONG_PARAMETERS
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk.testing import AgentCallError, ExecutionResult

_RESULT = "result"
_ERROR = "error"
_LOGS = "logs"
_NO_RESPONSE = frozenset(
    {"unavailable", "deadline_exceeded", "tls_failed", "not_connected", "permission_denied"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """One call of the engine that the action made."""

    method: str
    subject: str
    outcome: str
    started_ms: float
    duration_ms: float
    request: Mapping[str, object]
    response: Mapping[str, object] | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """One record of the agent's log."""

    level: str
    logger: str
    text: str
    fields: Mapping[str, object] = field(default_factory=dict)
    traceback: str = ""


@dataclass(slots=True, kw_only=True)
class Happenings:
    """What an agent does while it runs an action, in order."""

    callbacks: list[Callback] = field(default_factory=list)
    partial_results: list[object] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    events: list[Mapping[str, object]] = field(default_factory=list)
    log: list[LogRecord] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """Everything about one call; `result` is meaningful only if `error` is empty."""

    status: ExitStatus
    agent: Mapping[str, str]
    action: str
    params: Mapping[str, object]
    time_range: TimeRange | None
    encoding: str
    execution_id: str = ""
    result: object = None
    error: str = ""
    logs: Sequence[str] = ()
    duration_ms: float = 0.0
    approvals: Sequence[Decision] = ()
    happenings: Happenings = field(default_factory=Happenings)

    def document(self) -> Mapping[str, object]:
        """The report as the JSON document of `--json`."""
        fields = asdict(self)
        happenings: dict[str, object] = fields.pop("happenings")
        status = fields.pop("status")
        return {
            "status": status.name.lower(),
            "exit_status": int(status),
            **fields,
            "error": self.error or None,
            **happenings,
        }


def failed_document(sentence: str, status: int) -> Mapping[str, object]:
    """The JSON document of a call that was not made, because there is no agent to make it of."""
    return {"status": ExitStatus(status).name.lower(), "exit_status": status, "error": sentence}


def with_result(report: CallReport, result: ExecutionResult, schema: PluginSchema) -> CallReport:
    """The report with what an execution gave: a result, or the error for which there is none."""
    error = _error_of(result)
    if not error:
        return replace(report, result=_result_value(result), logs=result.logs)
    declared = next((known for known in schema.actions if known.name == report.action), None)
    is_wrong = declared is None or _has_wrong_parameters(declared, report.params)
    # An error without a result consists of the log lines.
    return replace(
        report,
        status=ExitStatus.WRONG_PARAMETERS
        if is_wrong or WRONG_PARAMETERS in error
        else ExitStatus.FAILURE,
        error=error,
        logs=() if "\n".join(result.logs).strip() == error else result.logs,
    )


def failed_call(error: AgentCallError) -> ExitStatus:
    """The status for a call to which the agent did not respond."""
    if error.reason == "invalid_argument":
        return ExitStatus.WRONG_PARAMETERS
    return ExitStatus.NO_RESPONSE if error.reason in _NO_RESPONSE else ExitStatus.FAILURE


def _result_value(result: ExecutionResult) -> object:
    """The result as a JSON value, without the wrapping in which agents send it.

    A result under the single key `result` stands for itself, and is parsed if it is JSON in text.
    """
    match result.value:
        case {"result": inner, **others} if not others.keys() - {_LOGS}:
            return _parsed(inner)
        case {"logs": _, **others} if result.logs:
            return others
        case whole:
            return whole


def _error_of(result: ExecutionResult) -> str:
    if not result.success:
        return result.error or "the action failed without a reason"
    match result.value:
        case {"error": str(error), **others} if not others.keys() - {_LOGS}:
            return error
        case _:
            return ""


def _parsed(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        parsed: object = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return parsed


def _has_wrong_parameters(action: Action, params: Mapping[str, object]) -> bool:
    """Whether parameters do not fit what an action declares; agents need not say so."""
    declared = action.input_params
    is_missing = any(
        param.required and not param.default and name not in params
        for name, param in declared.items()
    )
    is_unknown = any(name not in declared for name in params)
    return (
        is_missing
        or is_unknown
        or any(not _fits(declared[name], value) for name, value in params.items())
    )


def _fits(param: ParamSchema, value: object) -> bool:
    if param.enum and str(value) not in param.enum:
        return False
    kinds, given = _KINDS.get(param.type), _parsed(value)
    if kinds is None:
        return True
    return isinstance(given, kinds) and (bool in kinds or not isinstance(given, bool))


_KINDS: Mapping[str, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}
