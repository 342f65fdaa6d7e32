"""The messages of one execution: its request as the author reads it, the response as it is sent."""

import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from mirastack_sdk._core.contract.parameters import output_violations, parse_params, result_json
from mirastack_sdk._core.model.context import Context, TimeRange
from mirastack_sdk._core.model.engine_api import EngineClient
from mirastack_sdk._core.model.execution import ExecuteRequest, ExecuteResponse, ExecutionMode
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._text import well_formed
from mirastack_sdk.errors import EncodeError, MirastackError

__all__ = [
    "InvalidResponseError",
    "execute_request",
    "failed_response",
    "require_size",
    "response_to_wire",
    "time_range",
    "time_range_to_wire",
]

_STRINGS: frozenset[type] = frozenset({str})
_SHOWN_VIOLATIONS = 5
# A message's names, its numbers and the marks around each line, in the longer of the encodings.
_BYTES_AROUND = 256
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
        params=parse_params(message.params_json, message.action_id, on_other_action),
        time_range=asked_range,
        engine_client=engine_client,
        ctx=ctx,
        action=message.action_id,
        execution_mode=_MODES.get(message.execution_mode, ExecutionMode.UNSPECIFIED),
    )


def time_range(message: wire.TimeRange | None) -> TimeRange | None:
    """The time range an author reads; none stays none."""
    if message is None:
        return None
    return TimeRange(
        start_epoch_ms=message.start_epoch_ms,
        end_epoch_ms=message.end_epoch_ms,
        timezone=message.timezone,
        original_expression=message.original_expression,
    )


def time_range_to_wire(value: TimeRange) -> wire.TimeRange:
    """The time range as the engine reads it."""
    return wire.TimeRange(
        start_epoch_ms=value.start_epoch_ms,
        end_epoch_ms=value.end_epoch_ms,
        timezone=value.timezone,
        original_expression=value.original_expression,
    )


def response_to_wire(
    response: object,
    duration_ms: int,
    *,
    max_bytes: int,
    encode: Callable[[wire.ExecuteResponse], bytes],
) -> wire.ExecuteResponse:
    """The author's response as the engine reads it; raises `InvalidResponseError`.

    One that is certainly larger than `max_bytes` is refused before anything is written. `encode`
    is called only where the size is in doubt: a large response takes time.
    """
    try:
        sendable = _checked(response, max_bytes)
        message = wire.ExecuteResponse(
            success=True,
            result_json=result_json(sendable.output),
            duration_ms=duration_ms,
            logs=[well_formed(line) for line in sendable.logs],
        )
    except InvalidResponseError:
        raise
    except Exception as error:
        # Classes of the author's own, or a dict that a thread of the author's still changes.
        raise InvalidResponseError(
            f"the ExecuteResponse cannot be read: {type(error).__name__}"
        ) from error
    require_size(message, encode, max_bytes)
    return message


def failed_response(error: str, duration_ms: int) -> wire.ExecuteResponse:
    """The response of an execution that failed; `error` must be clean already."""
    return wire.ExecuteResponse(success=False, error=well_formed(error), duration_ms=duration_ms)


def require_size(
    message: wire.ExecuteResponse, encode: Callable[[wire.ExecuteResponse], bytes], max_bytes: int
) -> None:
    """Raise `InvalidResponseError` where `encode` makes more than `max_bytes` of `message`."""
    most = _BYTES_AROUND + len(message.result_json) * 4 // 3
    if message.logs:
        most += len(message.logs) * _BYTES_AROUND_A_LINE
        most += sum(map(len, message.logs)) * _MOST_BYTES_A_CHARACTER
    if most <= max_bytes:
        return
    try:
        size = len(encode(message))
    except EncodeError as error:
        raise InvalidResponseError(f"the ExecuteResponse cannot be written: {error}") from error
    if size > max_bytes:
        raise _too_large(size, max_bytes)


def _checked(response: object, max_bytes: int) -> ExecuteResponse:
    if not isinstance(response, ExecuteResponse):
        raise _not_a_response(response)
    _require_strings(response)
    output, logs = response.output, response.logs
    least = sum(map(len, output)) + sum(map(len, output.values())) + sum(map(len, logs))
    if least > max_bytes:
        raise _too_large(least, max_bytes)
    return response


def _not_a_response(response: object) -> InvalidResponseError:
    if inspect.iscoroutine(response):
        # Nobody will await it, and Python would warn.
        response.close()
    kind = type(response).__name__
    hint = _HINTS.get(kind, "")
    return InvalidResponseError(f"execute must return an ExecuteResponse, got {kind}{hint}")


def _require_strings(response: ExecuteResponse) -> None:
    output, logs = response.output, response.logs
    if type(output) is dict and type(logs) is list:
        # Nearly every response, and quickly.
        kinds = {*map(type, output), *map(type, output.values()), *map(type, logs)}
        if kinds <= _STRINGS:
            return
    violations = itertools.chain(
        output_violations(response.output), _logs_violations(response.logs)
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


def _logs_violations(logs: object) -> Iterator[str]:
    if not isinstance(logs, list):
        yield f"logs must be a list of strings, got {type(logs).__name__}"
        return
    for index, line in enumerate(logs):
        if not isinstance(line, str):
            yield f"logs[{index}] must be a string, got {type(line).__name__}"
