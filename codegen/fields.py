"""The step from the descriptor of a field to its model."""

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

from codegen.construct import Construct
from codegen.model import Field, Kind, Label, Type
from codegen.naming import python_name
from codegen.reserved import MESSAGE_ATTRIBUTES, TYPE_NAMES
from codegen.scalars import SCALAR_OF_DESCRIPTOR, SCALARS, SIZED


def read_field(
    field: FieldDescriptorProto,
    message: DescriptorProto,
    construct: Construct,
    class_names: frozenset[str],
) -> Field:
    """Return the model of a field; `class_names` are those of all enums and messages."""
    if field.name.startswith("_"):
        raise construct.refusal("a name that starts with an underscore is private in Python")
    entry = _map_entry(field, message)
    if entry is not None and entry.field[0].type != FieldDescriptorProto.TYPE_STRING:
        raise construct.refusal("the keys of a map must be strings, as in JSON")
    label = Label.MAP if entry is not None else _label(field)
    value_type = _type(field if entry is None else entry.field[1])
    if label is Label.SINGULAR and value_type.kind is Kind.MESSAGE:
        raise construct.refusal("a message can be absent: make the field optional")
    return Field(
        name=field.name,
        attribute=python_name(field.name, MESSAGE_ATTRIBUTES | TYPE_NAMES | class_names),
        number=field.number,
        label=label,
        type=value_type,
        packed=label is Label.REPEATED and _is_packed(field, value_type),
        comment=construct.comment,
    )


def _map_entry(field: FieldDescriptorProto, message: DescriptorProto) -> DescriptorProto | None:
    for nested in message.nested_type:
        if field.type_name.endswith(f".{message.name}.{nested.name}"):
            return nested
    return None


def _label(field: FieldDescriptorProto) -> Label:
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return Label.REPEATED
    return Label.OPTIONAL if field.proto3_optional else Label.SINGULAR


def _type(field: FieldDescriptorProto) -> Type:
    name = field.type_name.rpartition(".")[2]
    match field.type:
        case FieldDescriptorProto.TYPE_MESSAGE:
            return Type(kind=Kind.MESSAGE, name=name)
        case FieldDescriptorProto.TYPE_ENUM:
            return Type(kind=Kind.ENUM, name=name)
        case scalar:
            return Type(kind=Kind.SCALAR, name=SCALAR_OF_DESCRIPTOR[scalar])


def _is_packed(field: FieldDescriptorProto, value_type: Type) -> bool:
    match value_type.kind:
        case Kind.MESSAGE:
            return False
        case Kind.SCALAR if SCALARS[value_type.name].wire_type == SIZED:
            return False
        case _:
            return field.options.packed if field.options.HasField("packed") else True
