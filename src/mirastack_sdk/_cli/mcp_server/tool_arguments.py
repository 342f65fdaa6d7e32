"""The arguments of a tool: parameters of the action, and its time range."""

import json
from collections.abc import Mapping

from mirastack_sdk._cli.mcp_server.offered_tools import OfferedTool
from mirastack_sdk._cli.moments import EXPECTED_MOMENT, moment_ms
from mirastack_sdk._core.model.context import TimeRange
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._text import shortened
from mirastack_sdk.datetimeutils import now_utc_ms


class ToolArgumentError(Exception):
    """Arguments that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What to execute: the action's parameters and the time range, if there is one."""

    params: Mapping[str, object]
    time_range: TimeRange | None


def execution_of(tool: OfferedTool, arguments: Mapping[str, object]) -> Execution:
    """Translate a tool's arguments; raises `ToolArgumentError`."""
    _check_numbers(arguments)
    if tool.range_names is None:
        return Execution(params=arguments, time_range=None)
    texts = [_text(arguments, name) for name in tool.range_names]
    params = {name: value for name, value in arguments.items() if name not in tool.range_names}
    start, end = texts
    if not start:
        if end:
            raise ToolArgumentError(f"{tool.range_names[1]} needs {tool.range_names[0]} beside it")
        return Execution(params=params, time_range=None)
    return Execution(params=params, time_range=_time_range(start, end, tool.range_names))


def _check_numbers(arguments: Mapping[str, object]) -> None:
    """Refuse 1e400 and the like, which is read as infinity, and which no agent can be sent."""
    for name, value in arguments.items():
        try:
            json.dumps(value, allow_nan=False)
        except ValueError as error:
            raise ToolArgumentError(f"{name} contains too large a number") from error


def _text(arguments: Mapping[str, object], name: str) -> str:
    """The text of an argument; models also write epochs as numbers, and null for nothing."""
    value = arguments.get(name)
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ToolArgumentError(f"{name}: expected a text, got {value!r}")


def _time_range(start: str, end: str, names: tuple[str, str]) -> TimeRange:
    """The time range from `start` to `end`; an empty `end` means now."""
    now = now_utc_ms()
    first, last = _moment(start, now, names[0]), _moment(end or "now", now, names[1])
    if first >= last:
        raise ToolArgumentError(f"{names[0]} must be before {names[1]}")
    return TimeRange(first, last, "UTC", f"{start} to {end or 'now'}")


def _moment(text: str, now: int, name: str) -> int:
    moment = moment_ms(text, now)
    if moment is None:
        raise ToolArgumentError(f'{name}: expected {EXPECTED_MOMENT}, got "{shortened(text, 80)}"')
    return moment
