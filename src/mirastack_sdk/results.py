"""Responses with any JSON value as the result, and the error for results that are not JSON."""

from mirastack_sdk._core.model.responses import (
    respond_error,
    respond_json,
    respond_map,
    respond_raw,
)
from mirastack_sdk.errors import ResultError

__all__ = ["ResultError", "respond_error", "respond_json", "respond_map", "respond_raw"]
