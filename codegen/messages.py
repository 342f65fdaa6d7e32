"""The step from the descriptor of a message to its model."""

from collections.abc import Set as AbstractSet

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from codegen.fields import FieldReader
from codegen.go_names import go_names
from codegen.model import MessageType, Oneof
from codegen.types import FoundMessage, Types, full_name


def read_message(
    file: FileDescriptorProto, message: FoundMessage, types: Types, taken: AbstractSet[str]
) -> MessageType:
    """Return the model of a message, none of whose attributes is in `taken`."""
    names = go_names(message.descriptor)
    fields = FieldReader(file, message, types, names).read(taken)
    name = full_name(file, message.names)
    json_names = {field.name for field in fields if not field.oneof}
    oneofs = dict.fromkeys(field.oneof for field in fields if field.oneof)
    return MessageType(
        type=types.named(name),
        full_name=name.removeprefix("."),
        comment=message.construct.comment,
        is_deprecated=message.descriptor.options.deprecated,
        fields=fields,
        oneofs=tuple(
            Oneof(
                attribute=oneof,
                go_name=names.oneofs[oneof],
                # Of two fields of a struct with one name, Go writes the one with a tag.
                is_hidden=names.oneofs[oneof] in json_names,
            )
            for oneof in oneofs
        ),
    )
