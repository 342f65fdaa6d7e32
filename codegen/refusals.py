"""The constructs that no correct code can be generated for, and what to write instead.

They are what other versions of the language have and proto3 has not. All of a file are reported.
"""

from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FeatureSet,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from codegen.construct import Construct, whole_file
from codegen.features import features
from codegen.types import FoundMessage, enums_in, messages_in

# Field numbers of lists in descriptor.proto: of files, messages and both.
_FILE_EXTENSIONS = 7
_FIELDS = 2
_EXTENSION_RANGES = 5
_EXTENSIONS = 6

_NOT_PROTO3 = 'only proto3 is supported; write `syntax = "proto3";`, and change what is listed here'
_OPTIONS = ".google.protobuf."


def refusals(file: FileDescriptorProto) -> Iterator[str]:
    """Yield an error for each construct of a file that is refused, in the order of their kinds."""
    whole = whole_file(file)
    if file.syntax not in {"proto3", "editions"}:
        yield whole.refusal(_NOT_PROTO3)
    for index, extension in enumerate(file.extension):
        yield from _extension(extension, whole.inner(_FILE_EXTENSIONS, index, ""))
    for message in messages_in(file):
        yield from _message(file, message)
    for enum in enums_in(file):
        closed = features(file, [enum.descriptor.options]).enum_type != FeatureSet.OPEN
        if closed:
            yield enum.construct.refusal("a closed enum is not supported; remove the feature")
        elif enum.descriptor.value[0].number != 0:
            yield enum.construct.refusal("its first value is not 0; add one that is")


def _extension(extension: FieldDescriptorProto, construct: Construct) -> Iterator[str]:
    # Extensions of options declare options, which have no effect here.
    if extension.extendee.startswith(_OPTIONS) and extension.extendee.endswith("Options"):
        return
    reason = f"extensions are not supported; declare the field in {extension.extendee[1:]}"
    yield Construct(
        construct.file, construct.locations, construct.path, f"extension {extension.name}"
    ).refusal(reason)


def _message(file: FileDescriptorProto, message: FoundMessage) -> Iterator[str]:
    descriptor, construct = message.descriptor, message.construct
    if descriptor.options.message_set_wire_format:
        yield construct.refusal("a message set is not supported; use google.protobuf.Any")
    for index, _ in enumerate(descriptor.extension_range):
        yield construct.inner(_EXTENSION_RANGES, index, construct.title).refusal(
            "extensions are not supported; remove the range, and declare fields or use "
            "google.protobuf.Any"
        )
    for index, extension in enumerate(descriptor.extension):
        yield from _extension(extension, construct.inner(_EXTENSIONS, index, ""))
    for index, field in enumerate(descriptor.field):
        title = f"{'.'.join(message.names)}.{field.name}"
        reason = _field_reason(file, message, field)
        if reason:
            yield construct.inner(_FIELDS, index, title).refusal(reason)


def _field_reason(
    file: FileDescriptorProto, message: FoundMessage, field: FieldDescriptorProto
) -> str:
    enclosing: tuple[DescriptorProto, ...] = (*message.enclosing, message.descriptor)
    found = features(file, [*(item.options for item in enclosing), field.options])
    is_delimited = found.message_encoding == FeatureSet.DELIMITED and field.type_name
    is_required = found.field_presence == FeatureSet.LEGACY_REQUIRED
    if field.type == FieldDescriptorProto.TYPE_GROUP or is_delimited:
        return "a group is not supported; declare a message and a field of its type"
    if field.label == FieldDescriptorProto.LABEL_REQUIRED or is_required:
        return "a required field is not supported; make it optional"
    if field.HasField("default_value"):
        return "a default is not supported; set the value where the message is made"
    if found.utf8_validation == FeatureSet.NONE and field.type == FieldDescriptorProto.TYPE_STRING:
        return "text that is not UTF-8 is not supported; use bytes"
    return ""
