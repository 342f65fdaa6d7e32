"""The values of the golden messages: those in cases.json, and two of every message."""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tests.golden.google import CONTRACT, fields_of, google_classes, is_map

FOLDER = Path(__file__).parent

# A number that a double cannot hold.
_LARGE = 2**53 + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A message's value, as an object of the JSON dialect."""

    message: str
    name: str
    value: Mapping[str, object]


def all_cases() -> list[Case]:
    """Return every case."""
    classes = google_classes(*CONTRACT)
    written = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
    return [
        *(
            Case(message=name, name="every field", value=_full(cls))
            for name, cls in classes.items()
        ),
        *(Case(message=name, name="no field", value={}) for name in classes),
        *(Case(**case) for case in written),
    ]


def _full(cls: type[Message]) -> dict[str, object]:
    return {field.name: _full_field(field) for field in fields_of(cls)}


def _full_field(field: FieldDescriptor) -> object:
    if is_map(field):
        return {"b": f"{field.name} <b>", "a": "€"}
    value = _full_value(field)
    return [value, value] if field.is_repeated else value


def _full_value(field: FieldDescriptor) -> object:
    number = field.number
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return _full(type_of(field))
    values: dict[int, object] = {
        FieldDescriptor.TYPE_STRING: f"{field.name} é & 😀",
        FieldDescriptor.TYPE_BYTES: "/+8AAQI=",
        FieldDescriptor.TYPE_BOOL: True,
        FieldDescriptor.TYPE_FLOAT: number / 10,
        FieldDescriptor.TYPE_INT64: _LARGE + 2 * number,
    }
    return values.get(field.type, number)


def type_of(field: FieldDescriptor) -> type[Message]:
    """Return Google's class of the messages in a field."""
    assert field.message_type is not None
    return google_classes(*CONTRACT)[field.message_type.name]


def google_message(cls: type[Message], value: Mapping[str, object]) -> Message:
    """Return Google's message of a value."""
    message = cls()
    for field in fields_of(cls):
        if (content := value.get(field.name)) is not None:
            _fill(message, field, content)
    return message


def _fill(message: Message, field: FieldDescriptor, content: object) -> None:
    target = getattr(message, field.name)
    if isinstance(content, dict) and is_map(field):
        target.update(content)
    elif isinstance(content, list) and field.message_type is not None:
        target.extend(google_message(type_of(field), item) for item in content)
    elif isinstance(content, list):
        target.extend(content)
    elif isinstance(content, dict):
        target.CopyFrom(google_message(type_of(field), content))
        target.SetInParent()
    elif isinstance(content, str) and field.type == FieldDescriptor.TYPE_BYTES:
        setattr(message, field.name, b64decode(content))
    else:
        setattr(message, field.name, content)
