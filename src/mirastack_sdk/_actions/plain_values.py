"""The JSON of values that hold no others: numbers, texts, moments, bytes."""

import base64
import ipaddress
import math
import numbers
import pathlib
import types
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from mirastack_sdk._core.model.secret import Secret
from mirastack_sdk._text import well_formed

__all__ = ["Json", "PartError", "plain_writer"]

type Json = str | int | float | bool | list["Json"] | dict[str, "Json"] | None


class PartError(Exception):
    """A part that is no JSON: what is wrong with it, and the way to it from within."""

    def __init__(self, complaint: str) -> None:
        super().__init__(complaint)
        self.complaint = complaint
        self.way: list[str] = []

    @property
    def text(self) -> str:
        """The whole sentence: `[3].value is NaN, which JSON has not`."""
        path = "".join(reversed(self.way)).removeprefix(".")
        return f"{path or 'the result'} {self.complaint}"


def plain_writer(value: object) -> Callable[[object], Json] | None:
    """What makes JSON of values of this one's type, or `None` for a type that may hold others.

    It raises `PartError` for a value that JSON does not have.
    """
    return next((write for kinds, write in _WRITERS if isinstance(value, kinds)), None)


def _same(value: object) -> Json:
    return value if isinstance(value, bool) else None


def _whole(value: object) -> Json:
    return int(value) if isinstance(value, numbers.Integral) else None


def _finite(value: object) -> Json:
    number = float(value) if isinstance(value, numbers.Real) else 0.0
    if math.isfinite(number):
        return number
    name = "NaN" if math.isnan(number) else "infinite"
    raise PartError(f"is {name}, which JSON has not")


def _digits(value: object) -> Json:
    if isinstance(value, Decimal) and not value.is_finite():
        raise PartError(f"is {value}, which JSON has not")
    return str(value)


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _moment(value: object) -> str:
    """A moment as RFC 3339 has it; without an offset it is UTC."""
    if not isinstance(value, datetime):
        return str(value)
    text = (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def _duration(value: object) -> str:
    """A duration as ISO 8601 has it: `PT1H30M`, `P2DT0.5S`."""
    whole = abs(value) if isinstance(value, timedelta) else timedelta(0)
    sign = "-" if value != whole else ""
    hours, rest = divmod(whole.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{whole.microseconds:06}".rstrip("0") if whole.microseconds else ""
    days = f"{whole.days}D" if whole.days else ""
    clock = "".join(f"{amount}{unit}" for amount, unit in ((hours, "H"), (minutes, "M")) if amount)
    if seconds or fraction or not (days or clock):
        clock += f"{seconds}{fraction}S"
    return f"{sign}P{days}T{clock}" if clock else f"{sign}P{days}"


def _base64(value: object) -> str:
    data = bytes(value) if isinstance(value, bytes | bytearray | memoryview) else b""
    return base64.b64encode(data).decode()


def _text(value: object) -> str:
    return well_formed(str(value))


# In this order: a bool is a whole number too, and a datetime a date.
_WRITERS: tuple[tuple[tuple[type, ...], Callable[[object], Json]], ...] = (
    ((str, Secret), _text),
    ((bool, types.NoneType), _same),
    ((numbers.Integral,), _whole),
    ((numbers.Real,), _finite),
    ((Decimal,), _digits),
    ((datetime,), _moment),
    ((date, time), _iso),
    ((timedelta,), _duration),
    ((bytes, bytearray, memoryview), _base64),
    (
        (
            uuid.UUID,
            pathlib.PurePath,
            ipaddress.IPv4Address,
            ipaddress.IPv6Address,
            ipaddress.IPv4Network,
            ipaddress.IPv6Network,
            ipaddress.IPv4Interface,
            ipaddress.IPv6Interface,
        ),
        _text,
    ),
)
