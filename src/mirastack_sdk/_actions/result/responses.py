"""The functions with which authors build a response themselves."""

import json
from collections.abc import Iterable

from mirastack_sdk._actions.result.json_encoding import json_value
from mirastack_sdk._actions.result.truncation import DEFAULT_LIMIT, truncated
from mirastack_sdk._core.model.execution import ExecuteResponse
from mirastack_sdk._text import refuse_constant

__all__ = ["respond_error", "respond_json", "respond_raw"]


def respond_json(
    value: object, *, logs: Iterable[str] = (), limit: int | None = DEFAULT_LIMIT
) -> ExecuteResponse:
    """A response with any value as its result, truncated to `limit` characters of JSON.

    Notes on what was cut follow `logs`. Raises `ResultError` if the value cannot be written as
    JSON; its text names the part.
    """
    result = truncated(json_value(value), limit)
    return ExecuteResponse(output={"result": result.text}, logs=[*logs, *result.notes])


def respond_raw(json_text: str, *, logs: Iterable[str] = ()) -> ExecuteResponse:
    """A response whose result is already JSON text, such as a backend's; it is never truncated.

    Raises `ValueError` if the text is not JSON.
    """
    json.loads(json_text, parse_constant=refuse_constant)
    return ExecuteResponse(output={"result": json_text}, logs=list(logs))


def respond_error(*logs: str) -> ExecuteResponse:
    """A response without a result; `logs` tell the language model what went wrong."""
    return ExecuteResponse(logs=list(logs))
