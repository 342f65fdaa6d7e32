"""Responses that typed actions build themselves, and the error for results that are not JSON."""

from mirastack_sdk._actions.result.json_encoding import ResultError
from mirastack_sdk._actions.result.responses import respond_error, respond_json, respond_raw

__all__ = ["ResultError", "respond_error", "respond_json", "respond_raw"]
