"""What authors need who configure logging themselves: the running call's fields, and JSON lines."""

from mirastack_sdk._log import log_fields
from mirastack_sdk._runtime.log_output.context_filter import ContextFilter
from mirastack_sdk._runtime.log_output.json_formatter import JsonFormatter

__all__ = ["ContextFilter", "JsonFormatter", "log_fields"]
