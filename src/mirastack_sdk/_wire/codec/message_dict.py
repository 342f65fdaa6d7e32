"""Messages as dicts, for people and for JSON: betterproto's, for fields of every kind.

Betterproto's own functions fail at fields of oneofs that are not set, at lists of wrapped values,
and at maps whose values are not messages.
"""

import math
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from mirastack_sdk._wire.codec.betterproto_loader import betterproto

_LARGE = frozenset({"int64", "uint64", "sint64", "fixed64", "sfixed64"})
_NOT_FINITE = {math.inf: "Infinity", -math.inf: "-Infinity"}

type Casing = Callable[[str], str]


def json_dict(
    message: betterproto.Message, casing: Casing, *, include_defaults: bool
) -> dict[str, object]:
    """Return the fields of a message as proto3's JSON has them, without those that are zero."""

    def convert(value: object, kind: str) -> object:
        if isinstance(value, betterproto.Message):
            return json_dict(value, casing, include_defaults=include_defaults)
        return _json_scalar(value, kind)

    return _fields(message, casing, convert, include_defaults=include_defaults)


def _json_scalar(value: object, kind: str) -> object:
    text = value
    match value:
        case datetime():
            text = _time_text(value)
        case timedelta():
            text = _span_text(value)
        case bytes():
            text = b64encode(value).decode()
        case IntEnum():
            text = value.name
        case float() if not math.isfinite(value):
            text = _NOT_FINITE.get(value, "NaN")
        case int() if kind in _LARGE:
            text = str(value)
        case _:
            pass
    return text


def python_dict(
    message: betterproto.Message, casing: Casing, *, include_defaults: bool
) -> dict[str, object]:
    """Return the fields of a message with Python's values, without those that are zero."""

    def convert(value: object, _: str) -> object:
        if isinstance(value, betterproto.Message):
            return python_dict(value, casing, include_defaults=include_defaults)
        return value

    return _fields(message, casing, convert, include_defaults=include_defaults)


def _fields(
    message: betterproto.Message,
    casing: Casing,
    convert: Callable[[object, str], object],
    *,
    include_defaults: bool,
) -> dict[str, object]:
    return {
        casing(name).rstrip("_"): _converted(value, kind, convert)
        for name, value, kind in _values(message, include_defaults=include_defaults)
    }


def _converted(value: object, kind: str, convert: Callable[[object, str], object]) -> object:
    if isinstance(value, list):
        items: list[object] = value
        return [convert(item, kind) for item in items]
    if isinstance(value, dict):
        entries: dict[object, object] = value
        return {key: convert(item, kind) for key, item in entries.items()}
    return convert(value, kind)


def _values(
    message: betterproto.Message, *, include_defaults: bool
) -> Iterator[tuple[str, object, str]]:
    """Yield the name, the value and the type of each field to show."""
    for name, meta in message._betterproto.meta_by_field_name.items():  # noqa: SLF001 - betterproto's own
        if name not in vars(message):
            continue
        value: object = vars(message)[name]
        kind = meta.map_types[1] if meta.map_types else meta.wraps or meta.proto_type
        is_default = not meta.group and value == message._get_field_default(name)  # noqa: SLF001 - as above
        if include_defaults or not is_default:
            yield name, value, kind


def _time_text(value: datetime) -> str:
    text = value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return f"{_shortened(text)}Z"


def _span_text(value: timedelta) -> str:
    seconds, microseconds = divmod(abs(value) // timedelta(microseconds=1), 10**6)
    sign = "-" if value < timedelta() else ""
    return f"{_shortened(f'{sign}{seconds}.{microseconds:06}')}s"


def _shortened(text: str) -> str:
    """Return a text without the last three or six digits of its fraction if they are zero."""
    return text.removesuffix("000").removesuffix("000").removesuffix(".")
