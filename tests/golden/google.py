"""Google's classes for a proto file, as an independent reference."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp

from codegen.naming import class_name
from codegen.protoc import compile_protos
from codegen.types import full_name, messages_in

REPOSITORY = Path(__file__).parents[2]
CONTRACT = (REPOSITORY / "proto", Path("mirastack/plugin/v1/plugin.proto"))
PROTOS = REPOSITORY / "tests" / "codegen" / "protos"
EVERYTHING = (PROTOS, Path("everything.proto"))
ENGINE = (PROTOS, Path("engine/v1/engine.proto"))

_WRAPPERS = {
    f"google.protobuf.{name}Value"
    for name in (
        *("Bool", "Bytes", "Double", "Float", "Int32", "Int64", "String", "UInt32", "UInt64"),
    )
}


@cache
def google_classes(root: Path, source: Path) -> Mapping[str, type[Message]]:
    """Return Google's class of every message in a file's package, by the name of our class."""
    return classes_in(compile_protos(root, [source]).file)


def classes_of(descriptor: FileDescriptorProto) -> Mapping[str, type[Message]]:
    """Return Google's class of every message that a descriptor describes, by its short name."""
    return classes_in([descriptor])


def classes_in(files: Sequence[FileDescriptorProto]) -> Mapping[str, type[Message]]:
    """Return Google's class of every message in the package of the last file."""
    pool = DescriptorPool()
    for file in files:
        pool.Add(file)
    package = files[-1].package
    return {
        class_name(found.names): GetMessageClass(
            pool.FindMessageTypeByName(full_name(file, found.names).removeprefix("."))
        )
        for file in files
        if file.package == package
        for found in messages_in(file)
    }


def fields_of(cls: type[Message]) -> list[FieldDescriptor]:
    """Return a message's fields."""
    # Its stubs say that there are two classes of field descriptors, and mean one interface.
    return cast("list[FieldDescriptor]", list(cls.DESCRIPTOR.fields))


def is_map(field: FieldDescriptor) -> bool:
    """Whether a field is a map, which Google represents as a list of entries."""
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def attributes(message: object) -> dict[int, object]:
    """Return the values of one of our messages by field number."""
    assert dataclasses.is_dataclass(message)
    return {
        field.metadata["betterproto"].number: getattr(message, field.name)
        for field in dataclasses.fields(message)
    }


def differences(ours: object, theirs: Message, where: str = "") -> list[str]:
    """Return the differences between one of our messages and one of Google's."""
    values = attributes(ours)
    found = []
    for field in fields_of(type(theirs)):
        place = f"{where}.{field.name}"
        found += _field_differences(values.pop(field.number, None), theirs, field, place)
    return found + [f"{where}: field {number} is not in the proto" for number in values]


def _field_differences(
    ours: object, message: Message, field: FieldDescriptor, where: str
) -> list[str]:
    theirs = getattr(message, field.name)
    if field.has_presence and not message.HasField(field.name):
        return [] if ours is None else [f"{where}: ours has {ours!r}, theirs nothing"]
    if not field.is_repeated:
        return _value_differences(ours, theirs, where)
    if is_map(field):
        assert isinstance(ours, dict)
        ours_sorted = sorted(ours.items())
        theirs_sorted = sorted(theirs.items())
    else:
        assert isinstance(ours, list)
        ours_sorted = list(enumerate(ours))
        theirs_sorted = list(enumerate(theirs))
    if [key for key, _ in ours_sorted] != [key for key, _ in theirs_sorted]:
        return [f"{where}: ours has {len(ours_sorted)} elements, theirs {len(theirs_sorted)}"]
    return [
        difference
        for (key, our_item), (_, their_item) in zip(ours_sorted, theirs_sorted, strict=True)
        for difference in _value_differences(our_item, their_item, f"{where}[{key!r}]")
    ]


def _value_differences(ours: object, theirs: object, where: str) -> list[str]:
    if isinstance(theirs, Message):
        name = theirs.DESCRIPTOR.full_name
        if name in _WRAPPERS:
            return _value_differences(ours, getattr(theirs, "value"), where)  # noqa: B009 - of no class that mypy knows
        if name in {"google.protobuf.Timestamp", "google.protobuf.Duration"}:
            return _time_differences(ours, theirs, where)
        return differences(ours, theirs, where)
    if isinstance(theirs, float) and isinstance(ours, float) and math.isnan(theirs):
        return [] if math.isnan(ours) else [f"{where}: ours is {ours}, theirs is not a number"]
    same_sign = not isinstance(theirs, float) or repr(ours) == repr(theirs)
    if ours == theirs and same_sign and (type(ours) is type(theirs) or isinstance(ours, int)):
        return []
    return [f"{where}: ours is {ours!r}, theirs {theirs!r}"]


def _time_differences(ours: object, theirs: Message, where: str) -> list[str]:
    data = theirs.SerializeToString()
    if theirs.DESCRIPTOR.name == "Timestamp":
        # Without a time zone, Google's conversion returns a time without one, in UTC.
        expected: object = Timestamp.FromString(data).ToDatetime()
        found: object = getattr(ours, "replace", lambda **_: ours)(tzinfo=None)
    else:
        expected, found = Duration.FromString(data).ToTimedelta(), ours
    return [] if found == expected else [f"{where}: ours is {ours!r}, theirs {expected!r}"]
