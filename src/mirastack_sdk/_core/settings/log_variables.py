"""The variables of the log: from which level it is written, and in which format."""

from collections.abc import Mapping
from typing import Literal

from mirastack_sdk._core.settings.variable import Variable, one_of

type LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
type LogFormat = Literal["text", "json"]

_LOG_LEVELS: Mapping[str, LogLevel] = {
    "debug": "DEBUG",
    "info": "INFO",
    "warning": "WARNING",
    "warn": "WARNING",
    "error": "ERROR",
    "critical": "CRITICAL",
}
_LOG_FORMATS: Mapping[str, LogFormat] = {"text": "text", "json": "json"}

LOG_LEVEL: Variable[LogLevel] = Variable(
    name="MIRASTACK_LOG_LEVEL",
    meaning="the lowest severity that is logged (by the SDK only, if you configure logging)",
    default="INFO",
    expected="DEBUG, INFO, WARNING, ERROR or CRITICAL",
    parse=one_of(_LOG_LEVELS),
    fallback="INFO",
)
LOG_FORMAT: Variable[LogFormat] = Variable(
    name="MIRASTACK_LOG_FORMAT",
    meaning="text for people, or one JSON object on each line (unless you configure logging)",
    default="text",
    expected="text or json",
    parse=one_of(_LOG_FORMATS),
    fallback="text",
)
LOG_VARIABLES: tuple[Variable[object], ...] = (LOG_LEVEL, LOG_FORMAT)
