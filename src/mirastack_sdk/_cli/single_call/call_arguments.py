"""The arguments of a call as people write them: parameters and times."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta, tzinfo
from zoneinfo import ZoneInfo

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.moments import EXPECTED_MOMENT, moment_ms
from mirastack_sdk._core.model.context import TimeRange
from mirastack_sdk._core.model.execution import ACTION_PARAM
from mirastack_sdk._text import finite_number, refuse_constant

_PARAMETER = re.compile(r"(?P<name>[^:=]+)(?P<separator>:?=)(?P<value>.*)", re.DOTALL)
_LENGTH = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?[smhdw])+")
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)([smhdw])")
_UNITS: Mapping[str, str] = {
    "s": "seconds",
    "m": "minutes",
    "h": "hours",
    "d": "days",
    "w": "weeks",
}


def parse_parameters(texts: Iterable[str]) -> dict[str, object]:
    """Read `name=text` and `name:=json`; raises `CommandError`.

    Text stays text, even if it looks like a number: agents read every parameter as text.
    """
    params: dict[str, object] = {}
    for text in texts:
        found = _PARAMETER.fullmatch(text)
        if found is None:
            raise CommandError(f"{text!r} is not a parameter: write name=text or name:=json")
        name, value = found["name"], found["value"]
        if name == ACTION_PARAM:
            raise CommandError(f"{text!r} is no parameter: the action is the second argument")
        if name in params:
            raise CommandError(f"the parameter {name} is given twice")
        params[name] = value if found["separator"] == "=" else _json(name, value)
    return params


def parse_time_range(
    last: str | None, start: str | None, end: str | None, timezone: str, now: int
) -> TimeRange | None:
    """Read `--last`, or `--from` and `--to`; `None` if nothing is given. Raises `CommandError`.

    Without `--to`, the range ends `now`, which is in Unix milliseconds. Times without an offset are
    in `timezone`.
    """
    zone = _zone(timezone)
    if last is not None and (start is not None or end is not None):
        raise CommandError("--last cannot be combined with --from and --to")
    if last is not None:
        start_of_last, words = _before(now, last)
        return TimeRange(start_of_last, now, timezone, f"last {words}")
    if start is None:
        if end is not None:
            raise CommandError("--to needs --from")
        return None
    first = _moment("--from", start, now, zone)
    final = now if end is None else _moment("--to", end, now, zone)
    if final < first:
        raise CommandError("--to is before --from")
    return TimeRange(first, final, timezone, f"from {start} to {end or 'now'}")


def _json(name: str, text: str) -> object:
    try:
        value: object = json.loads(text, parse_constant=refuse_constant, parse_float=finite_number)
    except RecursionError as error:
        raise CommandError(f"the parameter {name} is nested too deeply") from error
    except ValueError as error:
        raise CommandError(
            f"{name}:={text} is not JSON ({error}): write {name}={text} for a text"
        ) from error
    return value


def _before(now: int, text: str) -> tuple[int, str]:
    """The time that is a length such as 1h30m before now, and the length in words."""
    written = text.strip().lower()
    if not _LENGTH.fullmatch(written):
        raise CommandError(f"--last must be a length of time such as 30m, 6h or 7d, got {text!r}")
    parts = [(float(number), _UNITS[unit]) for number, unit in _PART.findall(written)]
    try:
        length = sum((timedelta(**{unit: number}) for number, unit in parts), timedelta())
    except OverflowError as error:
        raise CommandError(f"--last is too long: {text}") from error
    if not length:
        raise CommandError("--last must be longer than 0")
    start = now - length // timedelta(milliseconds=1)
    if start < 0:  # times before 1970 are none for the engine
        raise CommandError(f"--last is too long: {text}")
    return start, " ".join(_in_words(number, unit) for number, unit in parts)


def _in_words(number: float, unit: str) -> str:
    return f"{number:g} {unit.removesuffix('s') if number == 1 else unit}"


def _moment(option: str, text: str, now: int, zone: tzinfo) -> int:
    moment = moment_ms(text, now, zone)
    if moment is None:
        raise CommandError(f"{option} must be {EXPECTED_MOMENT}, got {text!r}")
    return moment


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise CommandError(
            f"--timezone must be a name such as UTC or Europe/Berlin, got {name!r}"
        ) from None
