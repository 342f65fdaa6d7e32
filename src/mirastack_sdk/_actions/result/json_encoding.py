"""The conversion of return values to JSON, with errors that name the part that failed."""

import base64
import dataclasses
import enum
import ipaddress
import math
import numbers
import pathlib
import types
import uuid
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

from pydantic import BaseModel, TypeAdapter

from mirastack_sdk._actions.result.class_values import fields_of
from mirastack_sdk._actions.result.declared_form import (
    DeclaredForm,
    FormError,
    Inner,
    class_form,
)
from mirastack_sdk._actions.result.encoded_text import Base64, Hex
from mirastack_sdk._actions.result.table_values import UnwritableError, converter_of
from mirastack_sdk._core.model.secret import Secret
from mirastack_sdk._text import well_formed
from mirastack_sdk.errors import ResultError

type Json = str | int | float | bool | list["Json"] | dict[str, "Json"] | None


MOST_DEPTH = 200
"""How deep the collections of a result may nest."""
_KNOWN_TO_PYDANTIC = "__get_pydantic_core_schema__"


class PartError(Exception):
    """A part of a value that JSON cannot express; `path` leads to it, innermost part first."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.path: list[str] = []

    @property
    def text(self) -> str:
        """The whole sentence: `[3].value is NaN, which JSON does not allow`."""
        path = "".join(reversed(self.path)).removeprefix(".")
        return f"{path or 'the result'} {self.message}"


def plain_writer(value: object) -> Callable[[object], Json] | None:
    """The function that converts values of this value's type, or `None` for collections.

    The function raises `PartError` for a value that JSON cannot express.
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
    raise PartError(f"is {name}, which JSON does not allow")


def _complex(value: object) -> Json:
    """A complex number as pydantic writes it: `1+2j`."""
    number = value if isinstance(value, complex) else 0j
    _finite(number.real)
    _finite(number.imag)
    return str(number).strip("()")


def _digits(value: object) -> Json:
    if isinstance(value, Decimal) and not value.is_finite():
        raise PartError(f"is {value}, which JSON does not allow")
    return str(value)


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _moment(value: object) -> str:
    """A date and time in RFC 3339; without an offset it is in UTC."""
    if not isinstance(value, datetime):
        return str(value)
    text = (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def _duration(value: object) -> str:
    """A duration in ISO 8601: `PT1H30M`, `P2DT0.5S`."""
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
    return Base64(base64.b64encode(data).decode())


def _encoded(value: object) -> Json:
    return value if isinstance(value, Base64 | Hex) else str(value)


def _text(value: object) -> str:
    return well_formed(str(value))


# The order matters: a bool is also an integer, and a datetime is also a date.
_WRITERS: tuple[tuple[tuple[type, ...], Callable[[object], Json]], ...] = (
    ((Base64, Hex), _encoded),
    ((str, Secret), _text),
    ((bool, types.NoneType), _same),
    ((numbers.Integral,), _whole),
    ((Fraction,), _text),
    ((numbers.Real,), _finite),
    ((complex,), _complex),
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


def json_value(value: object, form: DeclaredForm | None = None) -> Json:
    """A value as JSON, in the form that its declared type has, if that is given.

    Dataclasses, pydantic models and mappings become objects, with the names, exclusions and
    serializers that they declare. Other collections and iterators become
    arrays, sets in a stable order. Times are in RFC 3339, in UTC if they have no offset, durations
    in ISO 8601, decimals and UUIDs are text, bytes base64, and enumerations their values. Secrets
    stay hidden.

    Raises `ResultError`.
    """
    try:
        return _Encoder().written(value, form)
    except PartError as error:
        raise ResultError(error.text) from None


def _is_own(value: object) -> bool:
    """Whether a value is certainly not of a package for tables: a builtin, or an author's class."""
    kind = type(value)
    return kind.__module__ == "builtins" or dataclasses.is_dataclass(kind)


def _foreign(value: object) -> Callable[[object], object] | None:
    try:
        return converter_of(value)
    except UnwritableError as error:
        raise PartError(str(error)) from None


def _converted(convert: Callable[[object], object], value: object) -> object:
    try:
        return convert(value)
    except UnwritableError as error:
        raise PartError(str(error)) from None


def _applied(form: DeclaredForm, value: object) -> object:
    try:
        return form.apply(value)
    except FormError as error:
        raise PartError(f"cannot be written as JSON: {error}") from error


class _Encoder:
    """Encodes one value; looks up the conversion of each type once.

    It tracks the values that are being encoded, because a value may contain itself.
    """

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._writers: dict[type, Callable[[object], Json]] = {}

    def written(self, value: object, form: DeclaredForm | None) -> Json:
        """A value in a form, or by its own type without one."""
        return self.json(value if form is None else _applied(form, value))

    def json(self, value: object) -> Json:
        if type(value) is str:  # by far the most frequent type
            return well_formed(value)
        if value is None or type(value) is bool or type(value) is int:
            return value
        kind = type(value)
        write = self._writers.get(kind)
        if write is None:
            write = self._writers[kind] = self._writer(value)
        return write(value)

    def _writer(self, value: object) -> Callable[[object], Json]:
        """The function that converts values of this value's type."""
        kind = type(value)
        if kind is dict or kind is list:
            return self._guarded(self._mapping if kind is dict else self._array)
        if isinstance(value, enum.Enum):
            return self._member
        # Before the other types: NaT is a datetime, and a scalar of numpy may be a number.
        if not _is_own(value) and (convert := _foreign(value)) is not None:
            return self._guarded(lambda found: self.json(_converted(convert, found)))
        if isinstance(value, Inner):
            return self._inner
        plain = plain_writer(value)
        return self._guarded(self._collection(value)) if plain is None else plain

    def _collection(self, value: object) -> Callable[[object], Json]:
        kind = type(value)
        if isinstance(value, BaseModel) or dataclasses.is_dataclass(kind):
            return self._of_class(kind)
        if hasattr(kind, _KNOWN_TO_PYDANTIC):
            return self._known_to_pydantic(TypeAdapter(kind))
        if isinstance(value, Mapping):
            return self._mapping
        if isinstance(value, Iterable) and not isinstance(value, type):
            return self._set if isinstance(value, AbstractSet) else self._array
        raise PartError(
            f"is of type {kind.__name__}, which cannot be written as JSON: "
            "return a dataclass, a pydantic model, a dict or a list"
        )

    def _guarded(self, write: Callable[[object], Json]) -> Callable[[object], Json]:
        """The same function with a check for values that contain themselves or are too deep."""

        def guarded(value: object) -> Json:
            if id(value) in self._open:
                raise PartError("contains itself, which JSON cannot express")
            if len(self._open) >= MOST_DEPTH:
                raise ResultError(f"the result is nested more than {MOST_DEPTH} levels deep")
            self._open.add(id(value))
            try:
                return write(value)
            finally:
                self._open.discard(id(value))

        return guarded

    def _member(self, value: object) -> Json:
        return self.json(value.value) if isinstance(value, enum.Enum) else None

    def _of_class(self, kind: type) -> Callable[[object], Json]:
        form = class_form(kind)
        if form is not None and not (form.is_plain and dataclasses.is_dataclass(kind)):
            return lambda value: self.json(_applied(form, value))
        if issubclass(kind, BaseModel):
            raise PartError(f"is of type {kind.__name__}, which pydantic cannot serialize")
        names = fields_of(kind)
        return lambda value: self._object((name, getattr(value, name)) for name in names)

    def _inner(self, value: object) -> Json:
        if not isinstance(value, Inner):
            return None
        if value.kind is None or value.kind is type(value.value):
            return self.json(value.value)
        # A subclass is written as the class that is declared.
        return self._guarded(self._of_class(value.kind))(value.value)

    def _known_to_pydantic(self, adapter: TypeAdapter[object]) -> Callable[[object], Json]:
        return lambda value: self.json(adapter.dump_python(value, mode="json"))

    def _mapping(self, value: object) -> Json:
        return self._object(value.items()) if isinstance(value, Mapping) else None

    def _set(self, value: object) -> Json:
        return sorted(self._array(value), key=repr)

    def _array(self, value: object) -> list[Json]:
        items: list[Json] = []
        for item in value if isinstance(value, Iterable) else ():
            try:
                items.append(self.json(item))
            except PartError as error:
                error.path.append(f"[{len(items)}]")
                raise
        return items

    def _object(self, pairs: Iterable[tuple[object, object]]) -> Json:
        members: dict[str, Json] = {}
        for key, value in pairs:
            name = key if type(key) is str and key.isascii() else self._name(key)
            if name in members:
                raise PartError(f"has two keys that both become {name!r}")
            try:
                members[name] = self.json(value)
            except PartError as error:
                error.path.append(f".{name}")
                raise
        return members

    def _name(self, key: object) -> str:
        is_nested = isinstance(key, Iterable) and plain_writer(key) is None
        match key if is_nested else self.json(key):
            case str(name):
                return name
            case bool(flag):
                return "true" if flag else "false"
            case int() | float() as number:
                return str(number)
            case _:
                raise PartError(f"has a key of type {type(key).__name__}: keys in JSON are text")
