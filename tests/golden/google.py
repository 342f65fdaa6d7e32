"""Google's classes for a proto file, as an independent reference."""

import dataclasses
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClassesForFiles

from codegen.protoc import compile_proto

REPOSITORY = Path(__file__).parents[2]
CONTRACT = (REPOSITORY / "proto", Path("mirastack/plugin/v1/plugin.proto"))
EVERYTHING = (REPOSITORY / "tests" / "codegen" / "protos", Path("everything.proto"))


@cache
def google_classes(root: Path, source: Path) -> Mapping[str, type[Message]]:
    """Return Google's class of every message in a proto file, by its short name."""
    return classes_of(compile_proto(root, source))


def classes_of(descriptor: FileDescriptorProto) -> Mapping[str, type[Message]]:
    """Return Google's class of every message that a descriptor describes, by its short name."""
    pool = DescriptorPool()
    pool.Add(descriptor)
    classes = GetMessageClassesForFiles([descriptor.name], pool)
    return {cls.DESCRIPTOR.name: cls for cls in classes.values()}


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
        found += _field_differences(values.pop(field.number), theirs, field, place)
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
        return differences(ours, theirs, where)
    if isinstance(theirs, float) and isinstance(ours, float) and math.isnan(theirs):
        return [] if math.isnan(ours) else [f"{where}: ours is {ours}, theirs is not a number"]
    same_sign = not isinstance(theirs, float) or repr(ours) == repr(theirs)
    if ours == theirs and same_sign and (type(ours) is type(theirs) or isinstance(ours, int)):
        return []
    return [f"{where}: ours is {ours!r}, theirs {theirs!r}"]
