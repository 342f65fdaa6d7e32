"""Answers in one's own hand, and what no result may hold."""

from mirastack_sdk._actions.result.json_encoding import ResultError
from mirastack_sdk._actions.result.responses import respond_error, respond_json, respond_raw

__all__ = ["ResultError", "respond_error", "respond_json", "respond_raw"]
