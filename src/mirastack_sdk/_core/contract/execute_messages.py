"""The messages of one execution: the request as its author reads it, the response as it is sent.

The engine passes only `result_json` on to the language model, so everything that the model needs is
in there: the author's output, the logs, and an error where there is no output.
"""

import inspect
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any  # noqa: TID251 - an author may have set anything

from mirastack_sdk._core.contract.fast_json import TEXTS, is_certainly_json
from mirastack_sdk._core.contract.parameters import json_bytes, parse_params
from mirastack_sdk._core.model.context import Context, TimeRange
from mirastack_sdk._core.model.engine_api import EngineClient
from mirastack_sdk._core.model.execution import ExecuteRequest, ExecuteResponse, ExecutionMode
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._text import compact_json, refuse_constant, well_formed
from mirastack_sdk.errors import EncodeError, MirastackError

JSON_CHECK = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=refuse_constant)
"""Reads JSON to check it: numbers stay text, so that none is too long."""

_SHOWN_VIOLATIONS = 5
_SHOWN_OF_A_KEY = 80
_NO_REASON = "the action returned neither a result nor a reason"
# A message's names, its numbers and the marks around each line, in the longer of the encodings.
BYTES_AROUND = 256
_BYTES_AROUND_A_LINE = 8
# An escaped control character in JSON.
_MOST_BYTES_A_CHARACTER = 6

_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "coroutine": ": is an await missing?",
        "generator": ": use return, not yield",
        "async_generator": ": use return, not yield",
    }
)
_MODES: Mapping[wire.ExecutionMode, ExecutionMode] = MappingProxyType(
    {
        wire.ExecutionMode.MANUAL: ExecutionMode.MANUAL,
        wire.ExecutionMode.GUIDED: ExecutionMode.GUIDED,
        wire.ExecutionMode.AUTONOMOUS: ExecutionMode.AUTONOMOUS,
    }
)


class InvalidResponseError(MirastackError):
    """An author's response that cannot be sent; the message says what is wrong with it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="invalid_response")


def execute_request(
    message: wire.ExecuteRequest,
    engine_client: EngineClient,
    ctx: Context,
    asked_range: TimeRange | None,
    *,
    on_other_action: Callable[[str], None],
) -> ExecuteRequest:
    """What the author's `execute` receives; raises `ParamsError` for unreadable parameters.

    `on_other_action` is called with the action that the parameters name, if it is not the engine's.
    """
    return ExecuteRequest(
        parse_params(message.params_json, message.action_id, on_other_action),
        asked_range,
        engine_client,
        ctx=ctx,
        action=message.action_id,
        execution_mode=_MODES.get(message.execution_mode, ExecutionMode.UNSPECIFIED),
    )


def time_range(message: wire.TimeRange | None) -> TimeRange | None:
    """The time range an author reads; none stays none."""
    if message is None:
        return None
    # By position, which takes half the time.
    return TimeRange(
        message.start_epoch_ms,
        message.end_epoch_ms,
        message.timezone,
        message.original_expression,
    )


def time_range_to_wire(value: TimeRange) -> wire.TimeRange:
    """The time range as the engine reads it."""
    return wire.TimeRange(
        start_epoch_ms=value.start_epoch_ms,
        end_epoch_ms=value.end_epoch_ms,
        timezone=value.timezone,
        original_expression=value.original_expression,
    )


def checked_response(response: object, max_bytes: int) -> ExecuteResponse:
    """A copy of the author's response, which can be sent; raises `InvalidResponseError`.

    One that is certainly larger than `max_bytes` is refused before anything is written.
    """
    if not isinstance(response, ExecuteResponse):
        raise _not_a_response(response)
    try:
        _require_types(response)
        checked = ExecuteResponse(
            dict(response.output), list(response.logs), result_json=response.result_json
        )
    except InvalidResponseError:
        raise
    except Exception as error:
        # Classes of the author's own, or a dict that a thread of the author's still changes.
        raise InvalidResponseError(
            f"the ExecuteResponse cannot be read: {type(error).__name__}"
        ) from error
    output, logs = checked.output, checked.logs
    least = sum(map(len, output)) + sum(map(len, output.values())) + sum(map(len, logs))
    least += len(checked.result_json or b"")
    if least > max_bytes:
        raise _too_large(least, max_bytes)
    return checked


def response_to_wire(
    response: ExecuteResponse,
    duration_ms: int,
    *,
    hide_in_json: Callable[[str], str] | None,
    max_bytes: int,
    encode: Callable[[wire.ExecuteResponse], bytes],
) -> wire.ExecuteResponse:
    """The checked response as the engine reads it; raises `InvalidResponseError`.

    Its logs must be clean already; `hide_in_json` removes secrets from the result, and is `None` if
    there are none. `encode` is called only where the size is in doubt: a large response takes time.
    """
    message = wire.ExecuteResponse(
        success=True,
        result_json=result_json(response, hide_in_json),
        duration_ms=duration_ms,
        logs=[well_formed(line) for line in response.logs],
    )
    require_size(message, encode, max_bytes)
    return message


def failed_response(error: str, duration_ms: int) -> wire.ExecuteResponse:
    """The response of an execution that failed; `error` must be clean already."""
    text = well_formed(error)
    return wire.ExecuteResponse(
        success=False, result_json=json_bytes({"error": text}), error=text, duration_ms=duration_ms
    )


def result_json(response: ExecuteResponse, hide_in_json: Callable[[str], str] | None) -> bytes:
    """The JSON that the language model reads; raises `InvalidResponseError`.

    It has the logs under `logs`, unless the author's output has that key, and without any output
    also under `error`, as one text. A result that is no object stands under `result` beside them.
    """
    own, logs = response.result_json, response.logs
    if own is None:
        written = None if logs else TEXTS.write(response.output)
        if hide_in_json is None:
            return written or _utf8(_output_text(response.output, logs))
        text = written.decode() if written else _output_text(response.output, logs)
        return _utf8(hide_in_json(text))
    if not own:
        return b"{}"
    if not logs and hide_in_json is None and is_certainly_json(own):
        return own
    text = _checked_text(own, logs)
    hidden = text if hide_in_json is None else hide_in_json(text)
    return own if not logs and hidden == text else _utf8(hidden)


def most_bytes(message: wire.ExecuteResponse) -> int:
    """The most bytes that the message can take in either encoding."""
    most = BYTES_AROUND + len(message.result_json) * 4 // 3
    if message.logs:
        most += len(message.logs) * _BYTES_AROUND_A_LINE
        most += sum(map(len, message.logs)) * _MOST_BYTES_A_CHARACTER
    return most


def require_size(
    message: wire.ExecuteResponse, encode: Callable[[wire.ExecuteResponse], bytes], max_bytes: int
) -> None:
    """Raise `InvalidResponseError` where `encode` makes more than `max_bytes` of `message`."""
    if most_bytes(message) <= max_bytes:
        return
    try:
        size = len(encode(message))
    except EncodeError as error:
        raise InvalidResponseError(f"the ExecuteResponse cannot be written: {error}") from error
    if size > max_bytes:
        raise _too_large(size, max_bytes)


def _output_text(output: Mapping[str, str], logs: Sequence[str]) -> str:
    members: dict[str, object] = {**output}
    if logs:
        if not output:
            members["error"] = "\n".join(logs).strip() or _NO_REASON
        members.setdefault("logs", logs)
    return compact_json(members)


def _checked_text(data: bytes, logs: Sequence[str]) -> str:
    """The author's JSON as text, together with the logs; raises `InvalidResponseError`."""
    try:
        text = data.decode()
        value: object = JSON_CHECK.decode(text)
    except (ValueError, RecursionError) as error:
        raise InvalidResponseError(f"result_json must be JSON in UTF-8: {error}") from error
    if not logs:
        return text
    if not isinstance(value, dict):
        return f'{{"result":{text},"logs":{compact_json(logs)}}}'
    if "logs" in value:
        return text
    # The author's members stay as they are written.
    members = text.strip()[:-1].rstrip()
    return f'{members}{"," if value else ""}"logs":{compact_json(logs)}}}'


def _utf8(text: str) -> bytes:
    return text.encode() if text.isascii() else well_formed(text).encode()


def _not_a_response(response: object) -> InvalidResponseError:
    if inspect.iscoroutine(response):
        # Nobody will await it, and Python would warn.
        response.close()
    kind = type(response).__name__
    hint = _HINTS.get(kind, "")
    return InvalidResponseError(f"execute must return an ExecuteResponse, got {kind}{hint}")


def _require_types(response: ExecuteResponse) -> None:
    given: Any = response
    output = given.output
    violations = itertools.chain(
        _output_violations(output),
        _logs_violations(given.logs),
        _result_violations(given.result_json, has_output=bool(output)),
    )
    shown = list(itertools.islice(violations, _SHOWN_VIOLATIONS))
    if next(iter(violations), None) is not None:
        shown.append("and more")
    if shown:
        raise InvalidResponseError("; ".join(shown))


def _too_large(size: int, max_bytes: int) -> InvalidResponseError:
    return InvalidResponseError(
        f"the ExecuteResponse has at least {size} bytes, and at most {max_bytes} can be sent: "
        "answer less, or raise MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES and the engine's own limit"
    )


def _output_violations(output: object) -> Iterator[str]:
    if not isinstance(output, dict):
        yield f"output must be a dict of strings, got {type(output).__name__}"
        return
    for key, value in output.items():
        if not isinstance(key, str):
            yield f"output's keys must be strings, got {type(key).__name__}"
        elif not isinstance(value, str):
            shown = key[:_SHOWN_OF_A_KEY]
            yield f'output["{shown}"] must be a string, got {type(value).__name__}: use json.dumps'


def _logs_violations(logs: object) -> Iterator[str]:
    if not isinstance(logs, list):
        yield f"logs must be a list of strings, got {type(logs).__name__}"
        return
    for index, line in enumerate(logs):
        if not isinstance(line, str):
            yield f"logs[{index}] must be a string, got {type(line).__name__}"


def _result_violations(data: object, *, has_output: bool) -> Iterator[str]:
    if data is None:
        return
    if not isinstance(data, bytes):
        yield f"result_json must be bytes, got {type(data).__name__}"
    elif has_output:
        yield "a response has either output or result_json, not both"
