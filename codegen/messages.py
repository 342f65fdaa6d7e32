"""The step from the descriptor of a message to its model."""

from google.protobuf.descriptor_pb2 import DescriptorProto

from codegen.construct import Construct, check_distinct
from codegen.fields import read_field
from codegen.model import MessageType
from codegen.naming import snake_case
from codegen.reserved import check_class_name

# Field numbers of the lists in descriptor.proto's DescriptorProto.
_FIELDS = 2
_MESSAGES = 3
_ENUMS = 4
_ONEOFS = 8


def read_message(
    message: DescriptorProto, construct: Construct, class_names: frozenset[str]
) -> MessageType:
    """Return the model of a message; `class_names` are those of all enums and messages."""
    check_class_name(message.name, construct)
    _check_content(message, construct)
    constructs = [
        construct.inner(_FIELDS, index, f"{message.name}.{field.name}")
        for index, field in enumerate(message.field)
    ]
    fields = tuple(
        read_field(field, message, inner, class_names)
        for field, inner in zip(message.field, constructs, strict=True)
    )
    check_distinct(zip([field.attribute for field in fields], constructs, strict=True))
    return MessageType(
        name=message.name,
        snake_name=snake_case(message.name),
        comment=construct.comment,
        fields=fields,
    )


def _check_content(message: DescriptorProto, construct: Construct) -> None:
    for index, nested in enumerate(message.nested_type):
        if not nested.options.map_entry:
            inner = construct.inner(_MESSAGES, index, f"message {message.name}.{nested.name}")
            raise inner.refusal("a nested message is not supported; declare it at the top level")
    for index, enum in enumerate(message.enum_type):
        inner = construct.inner(_ENUMS, index, f"enum {message.name}.{enum.name}")
        raise inner.refusal("a nested enum is not supported; declare it at the top level")
    # protoc generates a oneof for each optional field.
    synthetic = {field.oneof_index for field in message.field if field.proto3_optional}
    for index, oneof in enumerate(message.oneof_decl):
        if index not in synthetic:
            inner = construct.inner(_ONEOFS, index, f"oneof {message.name}.{oneof.name}")
            raise inner.refusal("oneof is not supported; use optional fields")
