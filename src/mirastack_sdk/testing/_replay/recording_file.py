"""The file of a recorded execution, read for a replay."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence

from mirastack_sdk._core.redaction.rules import SECRET
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen import services
from mirastack_sdk._runtime.recording.message_form import Form, message_from
from mirastack_sdk._runtime.recording.recorded_form import CANCELLED, COMPLETED, FORMAT, cut_paths
from mirastack_sdk._text import refuse_constant
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk.errors import EngineError, MirastackError

_SHOWN_CUTS = 3
_RESPONSES: Mapping[str, type] = {
    method.name: method.response_type
    for method in (
        services.CACHE_GET,
        services.CACHE_GET_BATCH,
        services.CACHE_SET,
        services.LOG_EVENT,
        services.PUBLISH_RESULT,
        services.GET_CONFIG,
        services.REQUEST_APPROVAL,
        services.CALL_PLUGIN,
        services.LIST_KPIS,
        services.GET_KPI,
    )
}


class ReplayError(MirastackError):
    """A recording that cannot be replayed; the text says why.

    `reason` is `invalid_recording` for a file that is none, `incomplete_recording` if a part is
    missing that the replay needs, `other_agent` if another agent was recorded, and `refused` if the
    agent did not run the execution.
    """


class RecordedCall(NamedTuple):
    """One call of the engine: it has a response, an error, or neither if it was not answered."""

    method: str
    request: Form
    response: object | None
    error: EngineError | None

    @property
    def is_answered(self) -> bool:
        """Whether the engine answered while the execution was running."""
        return self.response is not None or self.error is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedExecution:
    """A recorded execution; `form` is the content of the file.

    `seconds` is how long it took. `config` has no secrets, and neither has `metadata`.
    """

    path: str
    form: Form
    agent: str
    request: wire.ExecuteRequest
    encoding: Encoding
    metadata: Mapping[str, str]
    config: Mapping[str, str]
    config_version: int
    calls: Sequence[RecordedCall]
    is_cancelled: bool
    seconds: float
    timeout: float | None


def read_recording(path: str | os.PathLike[str]) -> RecordedExecution:
    """Read a recording; raises `ReplayError` if it cannot be replayed, and `OSError`."""
    shown = os.fspath(path)
    with open(path, encoding="utf-8") as file:
        try:
            form: object = json.load(file, parse_constant=refuse_constant)
        except (ValueError, RecursionError) as error:
            raise _invalid(shown, f"it is not JSON: {error}") from error
    if not isinstance(form, dict) or "recording" not in form:
        raise _invalid(shown, 'it has no member "recording"')
    if form["recording"] != FORMAT:
        raise _invalid(
            shown,
            f"its format is {form['recording']!r}, and this version of the SDK reads {FORMAT}",
        )
    try:
        _require_complete(shown, form)
        return _recorded(shown, form)
    except (LookupError, TypeError, ValueError) as error:
        raise _invalid(shown, _what(error)) from error


def _what(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _invalid(path: str, why: str) -> ReplayError:
    return ReplayError(f"{path} is not a recording: {why}", reason="invalid_recording")


def _recorded(path: str, form: Form) -> RecordedExecution:
    given = form["config"]
    config = {"values": {}, "version": 0} if given is None else _object(given, "config")
    timeout = form["timeout_ms"]
    return RecordedExecution(
        path=path,
        form=form,
        agent=_text(_object(form["agent"], "agent")["name"], "agent.name"),
        request=message_from(_object(form["request"], "request"), wire.ExecuteRequest),
        encoding=Encoding(_text(form["encoding"], "encoding")),
        metadata=_public(form["metadata"], "metadata"),
        config=_public(config["values"], "config.values"),
        config_version=round(_number(config["version"], "config.version")),
        calls=[
            _call(call, f"calls[{index}]")
            for index, call in enumerate(_list(form["calls"], "calls"))
        ],
        is_cancelled=_one_of(form["outcome"], (COMPLETED, CANCELLED), "outcome") == CANCELLED,
        seconds=_number(form["duration_ms"], "duration_ms") / 1000,
        timeout=None if timeout is None else _number(timeout, "timeout_ms") / 1000,
    )


def _call(value: object, name: str) -> RecordedCall:
    form = _object(value, name)
    method = _one_of(form["method"], list(_RESPONSES), f"{name}.method")
    response, error = form.get("response"), form.get("error")
    try:
        message = None if response is None else _response(_object(response, "it"), method)
    except (TypeError, ValueError) as wrong:
        raise ValueError(f"{name}.response: {wrong}") from wrong
    return RecordedCall(
        method=method,
        request=_object(form["request"], f"{name}.request"),
        response=message,
        error=None if error is None else _error(_object(error, f"{name}.error"), f"{name}.error"),
    )


def _response(form: Form, method: str) -> object:
    # Where something is cut, the whole recording is refused.
    return None if any(cut_paths(form)) else message_from(form, _RESPONSES[method])


def _error(form: Form, name: str) -> EngineError:
    status = form["status"]
    return EngineError(
        _text(form["text"], f"{name}.text"),
        reason=_text(form["reason"], f"{name}.reason"),
        retryable=form["retryable"] is True,
        status=None if status is None else _text(status, f"{name}.status"),
    )


def _require_complete(path: str, form: Form) -> None:
    """Raise `ReplayError` if something was cut that the agent is given."""
    missing = [
        str(place)
        for place in _list(form.get("cut", []), "cut")
        if str(place).startswith(("request", "config")) or "].response" in str(place)
    ]
    if missing:
        shown = ", ".join(missing[:_SHOWN_CUTS]) + (", …" if len(missing) > _SHOWN_CUTS else "")
        raise ReplayError(
            f"{path} cannot be replayed: it is too large to be recorded as a whole, and without "
            f"{shown}",
            reason="incomplete_recording",
        )
    if left_out := form.get("calls_left_out", 0):
        raise ReplayError(
            f"{path} cannot be replayed: {left_out} calls of the engine were not recorded",
            reason="incomplete_recording",
        )


def _public(value: object, name: str) -> dict[str, str]:
    """The texts in which nothing was hidden."""
    texts = {key: _text(text, f"{name}.{key}") for key, text in _object(value, name).items()}
    return {key: text for key, text in texts.items() if SECRET not in text}


def _object(value: object, name: str) -> Form:
    if not isinstance(value, dict):
        raise TypeError(f"{name} must be an object")
    return value


def _list(value: object, name: str) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"{name} must be an array")
    return value


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string")
    return value


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number")
    return value


def _one_of(value: object, known: Sequence[str], name: str) -> str:
    if value not in known:
        raise ValueError(f"{name} must be {' or '.join(known)}")
    return str(value)


def recordings_in(path: str) -> Iterator[str]:
    """The files to replay: the file itself, or those in a folder that end in .json, by name."""
    if not os.path.isdir(path):
        yield path
        return
    for name in sorted(os.listdir(path)):
        file = os.path.join(path, name)
        if name.endswith(".json") and not name.startswith(".") and os.path.isfile(file):
            yield file
