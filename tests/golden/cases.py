"""The values of the golden messages: those in cases.json, and two of every message."""

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tests.golden.google import fields_of, google_classes, is_map

FOLDER = Path(__file__).parent
KINDS = (FOLDER, Path("kinds.proto"))

# A number that a double cannot hold.
_LARGE = 2**53 + 1
# A message that contains itself is filled to this depth.
_DEPTH = 4
_WHOLE = {
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_UINT64,
    FieldDescriptor.TYPE_SINT64,
    FieldDescriptor.TYPE_FIXED64,
    FieldDescriptor.TYPE_SFIXED64,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A message's value, as an object of the JSON dialect."""

    message: str
    name: str
    value: Mapping[str, object]


def all_cases(classes: Mapping[str, type[Message]]) -> list[Case]:
    """Return every case for Google's classes of a contract."""
    written = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
    return [*filled_and_empty(classes), *(Case(**case) for case in written)]


def filled_and_empty(classes: Mapping[str, type[Message]]) -> list[Case]:
    """Return each message with every field and with none."""
    return [
        *(
            Case(message=name, name="every field", value=_full(fields_of(cls), _DEPTH))
            for name, cls in classes.items()
        ),
        *(Case(message=name, name="no field", value={}) for name in classes),
    ]


def kinds_cases() -> list[Case]:
    """Return the cases of kinds of fields that the contract may get."""
    zeros = {"a_bool": False, "an_int64": 0, "a_uint32": 0, "a_double": 0, "a_string": ""}
    limits = {"a_uint32": 2**32 - 1, "a_uint64": 2**64 - 1, "a_double": 1e-7, "a_colour": -2}
    texts = {"<&>": {"name": "\u2028"}, "": {"within": {}}, "é": {}}
    return [
        *filled_and_empty(google_classes(*KINDS)),
        Case(message="Optionals", name="zeros that are set", value={**zeros, "a_colour": 0}),
        Case(message="Numbers", name="limits", value=limits),
        Case(message="Maps", name="keys to be escaped and sorted", value={"parts": texts}),
        Case(message="Lists", name="zeros", value={"strings": [""], "data": [""], "parts": [{}]}),
    ]


def _full(fields: Sequence[FieldDescriptor], depth: int) -> dict[str, object]:
    return {
        field.name: _full_field(field, depth)
        for field in fields
        if depth or field.message_type is None
    }


def _full_field(field: FieldDescriptor, depth: int) -> object:
    if is_map(field):
        return _full_map(field, depth)
    value = _full_value(field, depth)
    return [value, value] if field.is_repeated else value


def _full_map(field: FieldDescriptor, depth: int) -> dict[str, object]:
    assert field.message_type is not None
    entry = field.message_type.fields_by_name
    value = _full_value(entry["value"], depth)
    values = [value, value]
    if entry["value"].type == FieldDescriptor.TYPE_STRING:
        values = [f"{field.name} <b>", "€"]
    keys = ("b", "a") if entry["key"].type == FieldDescriptor.TYPE_STRING else ("10", "9")
    return dict(zip(keys, values, strict=True))


def _full_value(field: FieldDescriptor, depth: int) -> object:
    number = field.number
    if field.message_type is not None:
        return _full(field.message_type.fields, depth - 1)
    if field.type in _WHOLE:
        return _LARGE + 2 * number
    values: dict[int, object] = {
        FieldDescriptor.TYPE_STRING: f"{field.name} é & 😀",
        FieldDescriptor.TYPE_BYTES: "/+8AAQI=",
        FieldDescriptor.TYPE_BOOL: True,
        FieldDescriptor.TYPE_FLOAT: number / 10,
        FieldDescriptor.TYPE_DOUBLE: number / 10,
    }
    return values.get(field.type, number)


def google_message(cls: type[Message], value: Mapping[str, object]) -> Message:
    """Return Google's message of a value."""
    message = cls()
    _fill(message, value)
    return message


def _fill(message: Message, value: Mapping[str, object]) -> None:
    for field in fields_of(type(message)):
        content = value.get(field.name)
        if isinstance(content, dict) and is_map(field):
            _fill_map(message, field, content)
        elif isinstance(content, dict):
            target = getattr(message, field.name)
            target.SetInParent()
            _fill(target, content)
        elif isinstance(content, list) and field.message_type is not None:
            for item in content:
                _fill(getattr(message, field.name).add(), item)
        elif isinstance(content, list):
            getattr(message, field.name).extend(_scalar(field, item) for item in content)
        elif content is not None:
            setattr(message, field.name, _scalar(field, content))


def _fill_map(message: Message, field: FieldDescriptor, content: Mapping[str, object]) -> None:
    assert field.message_type is not None
    entry = field.message_type.fields_by_name
    target = getattr(message, field.name)
    for text, item in content.items():
        key = text if entry["key"].type == FieldDescriptor.TYPE_STRING else int(text)
        if isinstance(item, dict):
            _fill(target[key], item)
        else:
            target[key] = _scalar(entry["value"], item)


def _scalar(field: FieldDescriptor, content: object) -> object:
    if field.type == FieldDescriptor.TYPE_BYTES and isinstance(content, str):
        return b64decode(content)
    return content
