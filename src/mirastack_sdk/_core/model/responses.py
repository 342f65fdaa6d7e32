"""The functions with which authors build a response from any JSON value."""

import json
from collections.abc import Iterable, Mapping

from mirastack_sdk._core.model.execution import ExecuteResponse


def respond_map(data: Mapping[str, object], *, logs: Iterable[str] = ()) -> ExecuteResponse:
    """A response whose result is a JSON object: `respond_map({"rows": 2})`.

    Raises `TypeError` for a value that JSON does not know, `ValueError` for NaN and infinities.
    """
    return respond_json(dict(data), logs=logs)


def respond_json(value: object, *, logs: Iterable[str] = ()) -> ExecuteResponse:
    """A response whose result is any JSON value, without a wrapper around it.

    If there are logs and the value is not an object, it is sent under `result`, beside `logs`.

    Raises `TypeError` for a value that JSON does not know, `ValueError` for NaN and infinities.
    """
    return respond_raw(json.dumps(value, allow_nan=False).encode(), logs=logs)


def respond_raw(data: bytes, *, logs: Iterable[str] = ()) -> ExecuteResponse:
    """A response whose result is JSON already, such as that of a backend.

    The execution fails if `data` is not JSON in UTF-8.
    """
    return ExecuteResponse(logs=list(logs), result_json=data)


def respond_error(message: str, *, logs: Iterable[str] = ()) -> ExecuteResponse:
    """A response without a result: `{"error": message}`, which the language model reads.

    The message is sent unchanged, so it must not contain the text of an exception, which may hold
    addresses and credentials. Put that into `logs`, which are cleaned.
    """
    return respond_json({"error": message}, logs=logs)
