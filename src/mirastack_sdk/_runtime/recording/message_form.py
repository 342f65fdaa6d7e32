"""The contract's messages as JSON that people read, and back.

A form has the message's fields in their order, without those that are zero. Bytes are text, and
bytes that are JSON are that JSON, under the field's name without `_json`. Beside the marks of
`json_form`, there are `$text` and `$base64` for bytes that are no JSON or no text, and `$cut`, with
the number of bytes and their SHA-256, for what is too large.
"""

import base64
import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from enum import Enum
from types import UnionType
from typing import get_args, get_origin

from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._runtime.recording.json_form import (
    json_form,
    json_value,
    mark_of,
    parsed,
    text_form,
)
from mirastack_sdk._text import compact_json, shortened, well_formed
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk.errors import DecodeError

CUT = "$cut"
TEXT, BASE64 = "$text", "$base64"

_JSON_SUFFIX = "_json"
_SHOWN = 80
_WITH_ZERO = (str, bytes, int, float, list, dict)

_FIELD_TYPES: dict[type, Mapping[str, object]] = {}

type Form = dict[str, object]
type Shown = Callable[[object], object]


def unchanged(form: object) -> object:
    """A form as it is."""
    return form


def everything(size: int) -> bool:  # noqa: ARG001 - whatever it is
    """Admit values of every size."""
    return True


def form_of(
    message: object,
    *,
    admits: Callable[[int], bool] = everything,
    shown: Shown = unchanged,
) -> Form:
    """The form of a message.

    A field is cut if `admits` refuses its size in bytes. `shown` gets the form of each other field,
    and returns what to show in its place.
    """
    form: Form = {}
    for name in _field_types(type(message)):
        value: object = getattr(message, name)
        if _is_zero(value):
            continue
        shown_name = name.removesuffix(_JSON_SUFFIX)
        if not admits(size_of(value)):
            form[shown_name] = cut_mark(value)
        else:
            form[shown_name] = _shown(value, shown, is_json=name.endswith(_JSON_SUFFIX))
    return form


def _shown(value: object, shown: Shown, *, is_json: bool) -> object:
    try:
        return shown(_value_form(value, is_json=is_json))
    except RecursionError:
        return cut_mark(value)


def _value_form(value: object, *, is_json: bool) -> object:
    form = value
    match value:
        case bytes():
            form = _bytes_form(value, is_json=is_json)
        case Enum():
            form = value.name
        case list():
            form = [_value_form(item, is_json=False) for item in value]
        case dict():
            form = {str(key): _value_form(item, is_json=False) for key, item in value.items()}
        case str():
            form = text_form(well_formed(value))
        case bool() | int() | float() | None:
            pass
        case _:
            form = form_of(value)
    return form


def _bytes_form(data: bytes, *, is_json: bool) -> object:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return {BASE64: base64.b64encode(data).decode()}
    if not is_json:
        return text_form(text)
    try:
        return json_form(parsed(text))
    except (ValueError, RecursionError):
        return {TEXT: text}


def cut_mark(value: object) -> Form:
    """What stands for the value of a field that is cut."""
    data = _raw(value)
    return {CUT: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}}


def _raw(value: object) -> bytes:
    match value:
        case bytes():
            return value
        case str():
            return well_formed(value).encode()
        case _:
            return compact_json(_value_form(value, is_json=False)).encode()


def size_of(value: object) -> int:
    """About how many bytes a message, or the value of a field, holds."""
    match value:
        case bytes() | str():
            return len(value)
        case bool() | int() | float() | None:
            return 8
        case list():
            return sum(size_of(item) for item in value)
        case dict():
            return sum(size_of(item) for item in (*value, *value.values()))
        case _:
            return sum(size_of(getattr(value, name)) for name in _field_types(type(value)))


def _field_types(message_type: type) -> Mapping[str, object]:
    known = _FIELD_TYPES.get(message_type)
    if known is None:
        known = {found.name: found.type for found in dataclasses.fields(message_type)}
        _FIELD_TYPES[message_type] = known
    return known


def _is_zero(value: object) -> bool:
    if isinstance(value, Enum):
        return value == value.__class__(0)
    return value is None or (isinstance(value, _WITH_ZERO) and not value)


def message_from[Message](form: Mapping[str, object], message_type: type[Message]) -> Message:
    """The message of a form; raises `ValueError` if it is not the form of one."""
    data = compact_json(_go_json(form, message_type)).encode()
    try:
        message: Message = CODECS[Encoding.JSON].for_type(message_type).decode(data)
    except DecodeError as error:
        raise ValueError(str(error)) from error
    return message


def _go_json(form: Mapping[str, object], message_type: type) -> Form:
    """A form as Go's encoding/json writes the message, which our codec reads and checks."""
    types = _field_types(message_type)
    found: Form = {}
    for name, value in form.items():
        field = next((one for one in (name, name + _JSON_SUFFIX) if one in types), None)
        if field is None:
            known = ", ".join(one.removesuffix(_JSON_SUFFIX) for one in types)
            raise ValueError(f"{message_type.__name__} has no field {name!r}, only {known}")
        try:
            found[field] = _go_value(value, types[field], is_json=field != name)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    return found


def _go_value(value: object, kind: object, *, is_json: bool) -> object:
    if kind is bytes:
        return base64.b64encode(_bytes_of(value, is_json=is_json)).decode()
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum_value(value, kind)
    inner = next((one for one in get_args(kind) if dataclasses.is_dataclass(one)), None)
    if isinstance(inner, type) and isinstance(value, dict) and isinstance(kind, UnionType):
        return _go_json(value, inner)
    if isinstance(inner, type) and isinstance(value, list) and get_origin(kind) is list:
        return [_go_json(item, inner) if isinstance(item, dict) else item for item in value]
    return json_value(value)


def _enum_value(value: object, kind: type[Enum]) -> object:
    if value not in kind.__members__:
        raise ValueError(f"{value!r} is none of {', '.join(kind.__members__)}")
    number: object = kind[str(value)].value
    return number


def _bytes_of(form: object, *, is_json: bool) -> bytes:
    mark = mark_of(form)
    if mark in {TEXT, BASE64} and isinstance(form, dict):
        text = str(form[mark])
        return text.encode() if mark == TEXT else base64.b64decode(text, validate=True)
    value = json_value(form)
    if mark == CUT or not (is_json or isinstance(value, str)):
        raise ValueError(f"{shortened(compact_json(form), _SHOWN)} is no text")
    return compact_json(value).encode() if is_json else str(value).encode()
