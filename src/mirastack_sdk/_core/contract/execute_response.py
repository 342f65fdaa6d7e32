"""What the engine hears of an author's answer to an execution."""

import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from mirastack_sdk._core.contract.parameters import output_violations, result_json
from mirastack_sdk._core.model.execution import ExecuteResponse
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._text import well_formed
from mirastack_sdk.errors import EncodeError, MirastackError

__all__ = ["InvalidResponseError", "execute_reply", "failed_reply", "require_size"]

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


class InvalidResponseError(MirastackError):
    """An author's answer that cannot be sent; the message says what is wrong with it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="invalid_response")


def execute_reply(response: object, duration_ms: int, *, max_bytes: int) -> wire.ExecuteResponse:
    """What the engine hears of the author's answer; raises `InvalidResponseError`.

    Nothing is written of an answer that is larger than `max_bytes` for certain; `require_size`
    says it of the others.
    """
    try:
        sendable = _checked(response, max_bytes)
        return wire.ExecuteResponse(
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


def failed_reply(error: str, duration_ms: int) -> wire.ExecuteResponse:
    """What the engine hears of an execution that failed; `error` must be clean already."""
    return wire.ExecuteResponse(success=False, error=well_formed(error), duration_ms=duration_ms)


def require_size(
    reply: wire.ExecuteResponse, encode: Callable[[wire.ExecuteResponse], bytes], max_bytes: int
) -> None:
    """Raise `InvalidResponseError` where `encode` makes more than `max_bytes` of `reply`.

    It is asked only where that is in doubt: large replies take their time.
    """
    if _most_size(reply) <= max_bytes:
        return
    try:
        size = len(encode(reply))
    except EncodeError as error:
        raise InvalidResponseError(f"the ExecuteResponse cannot be written: {error}") from error
    _refuse_above(size, max_bytes)


def _checked(response: object, max_bytes: int) -> ExecuteResponse:
    if not isinstance(response, ExecuteResponse):
        raise InvalidResponseError(_not_a_response(response))
    _require_strings(response)
    _refuse_above(_least_size(response), max_bytes)
    return response


def _not_a_response(response: object) -> str:
    if inspect.iscoroutine(response):
        # Nobody will await it, and Python would complain.
        response.close()
    kind = type(response).__name__
    return f"execute must return an ExecuteResponse, got {kind}{_HINTS.get(kind, '')}"


def _require_strings(response: ExecuteResponse) -> None:
    output, logs = response.output, response.logs
    if type(output) is dict and type(logs) is list:
        # Nearly every answer, and quickly.
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


def _refuse_above(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise InvalidResponseError(
            f"the ExecuteResponse has at least {size} bytes, and at most {max_bytes} can be sent: "
            "answer less, or raise MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES and the engine's own limit"
        )


def _least_size(response: ExecuteResponse) -> int:
    size = _length(response.output) + _length(response.output.values())
    return size + _length(response.logs) if response.logs else size


def _most_size(reply: wire.ExecuteResponse) -> int:
    size = _BYTES_AROUND + len(reply.result_json) * 4 // 3
    if reply.logs:
        size += len(reply.logs) * _BYTES_AROUND_A_LINE
        size += _length(reply.logs) * _MOST_BYTES_A_CHARACTER
    return size


def _length(texts: Iterable[str]) -> int:
    return sum(map(len, texts))


def _logs_violations(logs: object) -> Iterator[str]:
    if not isinstance(logs, list):
        yield f"logs must be a list of strings, got {type(logs).__name__}"
        return
    for index, line in enumerate(logs):
        if not isinstance(line, str):
            yield f"logs[{index}] must be a string, got {type(line).__name__}"
