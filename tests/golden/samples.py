"""Google's messages with random contents."""

import random
from collections.abc import Callable

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tests.golden.google import fields_of, is_map

_EMPTY_SHARE = 0.4
_CHARACTERS = 'az"\\<&\n\0é€😀\u2028'

_RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
_RANGE_OF = {
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_SINT32: "int32",
    FieldDescriptor.TYPE_SFIXED32: "int32",
    FieldDescriptor.TYPE_ENUM: "int32",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_SINT64: "int64",
    FieldDescriptor.TYPE_SFIXED64: "int64",
    FieldDescriptor.TYPE_UINT32: "uint32",
    FieldDescriptor.TYPE_FIXED32: "uint32",
    FieldDescriptor.TYPE_UINT64: "uint64",
    FieldDescriptor.TYPE_FIXED64: "uint64",
}
_PARTS = {
    "google.protobuf.Timestamp": [0, 1, -1, 1_700_000_000, -62_135_596_800, 253_402_300_799],
    "google.protobuf.Duration": [0, 1, -1, 86_400, -315_576_000_000, 315_576_000_000],
}


def random_message(generator: random.Random, cls: type[Message], depth: int = 3) -> Message:
    """Return a message with some fields set, and with nested messages up to a depth."""
    message = cls()
    for field in fields_of(cls):
        if generator.random() > _EMPTY_SHARE:
            _fill(generator, message, field, depth)
    return message


def _fill(generator: random.Random, message: Message, field: FieldDescriptor, depth: int) -> None:
    target = getattr(message, field.name)
    if is_map(field):
        _fill_map(generator, message, field, depth)
    elif field.message_type is not None and depth == 0:
        return
    elif field.message_type is not None and field.message_type.full_name in _PARTS:
        for _ in range(generator.randrange(3) if field.is_repeated else 1):
            _set_parts(generator, target.add() if field.is_repeated else target)
    elif field.message_type is not None and field.is_repeated:
        for _ in range(generator.randrange(3)):
            item = target.add()
            item.CopyFrom(random_message(generator, type(item), depth - 1))
    elif field.message_type is not None:
        target.CopyFrom(random_message(generator, type(target), depth - 1))
        target.SetInParent()
    elif field.is_repeated:
        target.extend(_value(generator, field) for _ in range(generator.randrange(4)))
    else:
        setattr(message, field.name, _value(generator, field))


def _fill_map(
    generator: random.Random, message: Message, field: FieldDescriptor, depth: int
) -> None:
    assert field.message_type is not None
    values = field.message_type.fields_by_name["value"]
    target = getattr(message, field.name)
    keys = field.message_type.fields_by_name["key"]
    for _ in range(generator.randrange(3)):
        is_text = keys.type == FieldDescriptor.TYPE_STRING
        key = generator.choice(["", "a", "b", "é"]) if is_text else _value(generator, keys)
        if values.message_type is None:
            target[key] = _value(generator, values)
        elif values.message_type.full_name in _PARTS:
            _set_parts(generator, target[key])
        elif depth > 0:
            item = target[key]
            item.CopyFrom(random_message(generator, type(item), depth - 1))


def _set_parts(generator: random.Random, message: Message) -> None:
    """Fill a Timestamp or a Duration, with the bounds of what is valid among the values."""
    seconds = generator.choice(_PARTS[message.DESCRIPTOR.full_name])
    nanos = generator.choice([0, 1, 999, 1000, 999_999_999])
    if message.DESCRIPTOR.name == "Duration":
        nanos = 0 if abs(seconds) > 10**10 else nanos if seconds > 0 else -nanos
    message.CopyFrom(type(message)(seconds=seconds, nanos=nanos))
    message.SetInParent()


def _value(generator: random.Random, field: FieldDescriptor) -> object:
    if field.type in _RANGE_OF:
        lowest, highest = _RANGES[_RANGE_OF[field.type]]
        return generator.choice([0, 1, max(-1, lowest), 300, lowest, highest])
    makers: dict[int, Callable[[], object]] = {
        FieldDescriptor.TYPE_DOUBLE: lambda: generator.choice([0.0, -0.0, 0.1, -1e300, 5e-324]),
        FieldDescriptor.TYPE_FLOAT: lambda: generator.choice([0.0, -0.0, 0.1, -1e30, 1e-45]),
        FieldDescriptor.TYPE_BOOL: lambda: generator.random() < _EMPTY_SHARE,
        FieldDescriptor.TYPE_STRING: lambda: "".join(
            generator.choices(_CHARACTERS, k=generator.randrange(6))
        ),
        FieldDescriptor.TYPE_BYTES: lambda: generator.randbytes(generator.randrange(6)),
    }
    return makers[field.type]()
