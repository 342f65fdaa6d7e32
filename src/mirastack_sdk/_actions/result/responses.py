"""Answers in an author's own hand: whoever wants to say more than a return value can."""

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
    """An answer with any value as its result, cut to `limit` characters as a returned one is.

    What was cut is said in the logs, after `logs`. Raises `ResultError`, whose text names the part
    of which no JSON can be made.
    """
    result = truncated(json_value(value), limit)
    return ExecuteResponse(output={"result": result.text}, logs=[*logs, *result.notes])


def respond_raw(json_text: str, *, logs: Iterable[str] = ()) -> ExecuteResponse:
    """An answer whose result is JSON text already, such as a backend's; it is never cut.

    Raises `ValueError` for a text that is no JSON.
    """
    json.loads(json_text, parse_constant=refuse_constant)
    return ExecuteResponse(output={"result": json_text}, logs=list(logs))


def respond_error(*logs: str) -> ExecuteResponse:
    """An answer without a result: what went wrong, in lines that a language model can act on."""
    return ExecuteResponse(logs=list(logs))
