"""The types and the defaults of config parameters as the engine writes them."""

import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from mirastack_sdk._core.model.declarations import ConfigParam
from mirastack_sdk._deferred.patterns import deferred_pattern

_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "integer": "int",
        "boolean": "bool",
        "array": "json",
        "object": "json",
        "number": "string",
    }
)
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})

_NUMBER = r"(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})"
# The units of Go's time.ParseDuration; both of Unicode's characters for micro are in use.
_GO_DURATION = deferred_pattern(rf"[+-]?(?:0|(?:{_NUMBER}(?:ns|us|µs|μs|ms|s|m|h))+)")
_DURATION = deferred_pattern(rf"([+-]?)((?:{_NUMBER}(?:ns|us|µs|μs|ms|s|m|h|d|w) ?)+)")
_PART = deferred_pattern(rf"({_NUMBER})(ns|us|µs|μs|ms|s|m|h|d|w)")
_SECONDS: Mapping[str, float] = MappingProxyType(
    {
        "ns": 1e-9,
        "us": 1e-6,
        "µs": 1e-6,
        "μs": 1e-6,
        "ms": 1e-3,
        "s": 1,
        "m": 60,
        "h": 3_600,
        "d": 86_400,
        "w": 604_800,
    }
)


def engine_type(declared: str) -> str:
    """The engine's own type of config parameters for a documented one."""
    return _TYPES.get(declared, declared)


def engine_default(param: ConfigParam) -> str:
    """The default of a config parameter as the engine writes its values.

    A text that is no value of the parameter's type is left as it is.
    """
    write = _DEFAULTS.get(engine_type(param.type))
    return param.default if write is None else write(param.default)


def parse_duration(text: str) -> timedelta | None:
    """The duration that a text means, such as `1h30m`, `1.5h`, `300ms`, or `90` in seconds.

    All that Go's `time.ParseDuration` reads, and days and weeks. Raises `OverflowError`.
    """
    stripped = text.strip()
    written = _DURATION.fullmatch(stripped)
    if written is None:
        return _seconds(stripped)
    seconds = sum(float(amount) * _SECONDS[unit] for amount, unit in _PART.findall(written[2]))
    return timedelta(seconds=-seconds if written[1] == "-" else seconds)


def _seconds(text: str) -> timedelta | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return timedelta(seconds=seconds) if math.isfinite(seconds) else None


def duration_text(value: timedelta) -> str:
    """A duration as operators write it and Go reads it: `5s`, `1h30m`, `1.5s`, `300ms`."""
    microseconds = abs(value) // timedelta(microseconds=1)
    sign = "-" if value < timedelta() else ""
    if not microseconds:
        return "0s"
    if microseconds < 1_000:
        return f"{sign}{microseconds}us"
    if microseconds < 1_000_000:
        return f"{sign}{_decimal(microseconds, 1_000)}ms"
    minutes, rest = divmod(microseconds, 60_000_000)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours}h" if hours else "", f"{minutes}m" if minutes else ""]
    parts.append(f"{_decimal(rest, 1_000_000)}s" if rest else "")
    return sign + "".join(parts)


def _decimal(amount: int, unit: int) -> str:
    """`amount / unit` in decimal notation, exactly; `unit` is a power of ten."""
    whole, rest = divmod(amount, unit)
    fraction = f"{rest:0{len(str(unit)) - 1}}".rstrip("0")
    return f"{whole}.{fraction}" if fraction else str(whole)


def _bool_default(text: str) -> str:
    word = text.strip().lower()
    if word in _TRUE:
        return "true"
    return "false" if word in _FALSE else text


def _duration_default(text: str) -> str:
    stripped = text.strip()
    if _GO_DURATION.fullmatch(stripped):
        return stripped
    try:
        value = parse_duration(text)
    except OverflowError:
        value = None
    return text if value is None else duration_text(value)


_DEFAULTS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"bool": _bool_default, "duration": _duration_default, "int": str.strip}
)
