"""Makes JSON of whatever an action returns, or says which part of it JSON does not have."""

import base64
import dataclasses
import enum
import ipaddress
import math
import numbers
import pathlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from pydantic import BaseModel, TypeAdapter

from mirastack_sdk._core.secret import Secret
from mirastack_sdk._core.text import well_formed
from mirastack_sdk.errors import MirastackError

__all__ = ["Json", "ResultError", "duration_text", "json_value", "moment_text"]

type Json = str | int | float | bool | list["Json"] | dict[str, "Json"] | None

_MOST_DEPTH = 200
_KNOWN_TO_PYDANTIC = "__get_pydantic_core_schema__"


class ResultError(MirastackError):
    """A result that JSON cannot hold; the text names the part and says why."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="invalid_result")


def json_value(value: object) -> Json:
    """A value as JSON has it.

    Dataclasses, pydantic models and mappings become objects, other collections and iterators
    arrays, sets in a stable order. Times are RFC 3339, in UTC where they have no offset; durations
    ISO 8601, decimals and UUIDs text, bytes base64, enumerations their value. Secrets stay hidden.

    Raises `ResultError`.
    """
    return _Encoder().json(value, "")


def moment_text(moment: datetime) -> str:
    """A moment as RFC 3339 has it; without an offset it is UTC."""
    text = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def duration_text(duration: timedelta) -> str:
    """A duration as ISO 8601 has it: `PT1H30M`, `P2DT0.5S`."""
    sign = "-" if duration < timedelta(0) else ""
    whole = abs(duration)
    hours, rest = divmod(whole.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{whole.microseconds:06}".rstrip("0") if whole.microseconds else ""
    days = f"{whole.days}D" if whole.days else ""
    clock = "".join(f"{amount}{unit}" for amount, unit in ((hours, "H"), (minutes, "M")) if amount)
    if seconds or fraction or not (days or clock):
        clock += f"{seconds}{fraction}S"
    return f"{sign}P{days}T{clock}" if clock else f"{sign}P{days}"


class _Encoder:
    """Encodes one value; what is being encoded is remembered, since it might hold itself."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._adapters: dict[type, TypeAdapter[object]] = {}

    def json(self, value: object, path: str) -> Json:
        if type(value) is str:  # by far the most, and the others are dear to ask for
            return well_formed(value)
        if isinstance(value, enum.Enum):
            return self.json(value.value, path)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, numbers.Real):
            return int(value) if isinstance(value, numbers.Integral) else _finite(value, path)
        text = _text_of(value, path)
        return self._within(value, path) if text is None else text

    def _within(self, value: object, path: str) -> Json:
        """A collection, unless it is being encoded already."""
        if id(value) in self._open:
            raise ResultError(f"{_where(path)} holds itself, and JSON has no such loops")
        if len(self._open) >= _MOST_DEPTH:
            raise ResultError(f"the result is nested more than {_MOST_DEPTH} deep")
        self._open.add(id(value))
        try:
            return self._collection(value, path)
        finally:
            self._open.discard(id(value))

    def _collection(self, value: object, path: str) -> Json:
        if isinstance(value, BaseModel):
            # As `model_dump` has it: the model's own names and serialisers.
            return self.json(value.model_dump(by_alias=True), path)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            names = [field.name for field in dataclasses.fields(value)]
            return self._object(((name, getattr(value, name)) for name in names), path)
        if hasattr(type(value), _KNOWN_TO_PYDANTIC):
            return self.json(self._adapter(type(value)).dump_python(value, mode="json"), path)
        if isinstance(value, Mapping):
            return self._object(value.items(), path)
        if isinstance(value, AbstractSet):
            return sorted(self._array(value, path), key=repr)
        if isinstance(value, Iterable) and not isinstance(value, type):
            return self._array(value, path)
        raise ResultError(
            f"{_where(path)} is of type {type(value).__name__}, of which no JSON can be made: "
            "return a dataclass, a pydantic model, a dict or a list"
        )

    def _adapter(self, kind: type) -> TypeAdapter[object]:
        if kind not in self._adapters:
            self._adapters[kind] = TypeAdapter(kind)
        return self._adapters[kind]

    def _array(self, values: Iterable[object], path: str) -> list[Json]:
        return [self.json(value, f"{path}[{index}]") for index, value in enumerate(values)]

    def _object(self, pairs: Iterable[tuple[object, object]], path: str) -> Json:
        members: dict[str, Json] = {}
        for key, value in pairs:
            name = self._name(key, path)
            if name in members:
                raise ResultError(f"{_where(path)} has two keys that are {name!r} as text")
            members[name] = self.json(value, f"{path}.{name}" if path else name)
        return members

    def _name(self, key: object, path: str) -> str:
        found = self.json(key, path) if not isinstance(key, Iterable) or _text_of(key, "") else key
        match found:
            case str():
                return found
            case bool():
                return "true" if found else "false"
            case int() | float():
                return str(found)
            case _:
                raise ResultError(
                    f"{_where(path)} has a key of type {type(key).__name__}: JSON's keys are text"
                )


def _where(path: str) -> str:
    return path or "the result"


def _finite(value: numbers.Real, path: str) -> float:
    number = float(value)
    if math.isfinite(number):
        return number
    name = "NaN" if math.isnan(number) else "infinite"
    raise ResultError(f"{_where(path)} is {name}, which JSON has not")


def _text_of(value: object, path: str) -> str | None:
    """The text that stands for a value of a type with a text of its own, or None."""
    for kinds, write in _TEXTS:
        if isinstance(value, kinds):
            return write(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ResultError(f"{_where(path)} is {value}, which JSON has not")
        return str(value)
    return None


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _moment(value: object) -> str:
    return moment_text(value) if isinstance(value, datetime) else str(value)


def _duration(value: object) -> str:
    return duration_text(value) if isinstance(value, timedelta) else str(value)


def _base64(value: object) -> str:
    data = bytes(value) if isinstance(value, bytes | bytearray | memoryview) else b""
    return base64.b64encode(data).decode()


def _text(value: object) -> str:
    return well_formed(str(value))


# In this order: a datetime is a date too.
_TEXTS: tuple[tuple[tuple[type, ...], Callable[[object], str]], ...] = (
    ((str, Secret), _text),
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
