"""The published functions that make a response: the value itself is the result."""

import json
from collections.abc import Mapping
from typing import Any  # noqa: TID251 - whatever JSON can hold

from mirastack_sdk.compat import plugin

__all__ = ["respond_error", "respond_json", "respond_map", "respond_raw"]


def respond_map(data: Mapping[str, Any]) -> plugin.ExecuteResponse:
    """A response with a JSON object as its result.

    Raises `TypeError` for values that JSON does not have, such as a datetime.
    """
    return respond_json(dict(data))


def respond_json(obj: object) -> plugin.ExecuteResponse:
    """A response with any JSON value as its result; raises `TypeError` as `respond_map` does."""
    return plugin.ExecuteResponse(output=json.dumps(obj).encode())


def respond_error(message: str) -> plugin.ExecuteResponse:
    """A response that tells the language model what went wrong: `{"error": message}`."""
    return respond_json({"error": message})


def respond_raw(data: bytes) -> plugin.ExecuteResponse:
    """A response whose result is JSON bytes already, such as a backend's."""
    return plugin.ExecuteResponse(output=data)
