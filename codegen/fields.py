"""Makes the model of one field from its descriptor, or refuses it."""

from collections.abc import Sequence

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

from codegen.model import Field, Kind, Label, Type
from codegen.naming import python_name
from codegen.refusal import RefusalError
from codegen.reserved import MESSAGE_ATTRIBUTES, TYPE_NAMES
from codegen.scalars import SCALAR_OF_DESCRIPTOR, SCALARS, SIZED
from codegen.source import Source


def read_field(
    field: FieldDescriptorProto, message: DescriptorProto, source: Source, path: Sequence[int]
) -> Field:
    """Return the model of a field."""
    construct = f"{message.name}.{field.name}"
    if field.name.startswith("_"):
        raise RefusalError(
            source.place(path), construct, "a name that starts with an underscore is private"
        )
    entry = _map_entry(field, message)
    label = Label.MAP if entry is not None else _label(field)
    value_type = _type(field if entry is None else entry.field[1])
    if label is Label.SINGULAR and value_type.kind is Kind.MESSAGE:
        raise RefusalError(
            source.place(path),
            construct,
            "a message can be absent, and its type must say so: make the field optional",
        )
    key = None if entry is None else _type(entry.field[0])
    if key is not None and key.name != "string":
        raise RefusalError(
            source.place(path),
            construct,
            f"only strings can be map keys, for JSON has no others; this has {key.name}",
        )
    return Field(
        name=field.name,
        attribute=python_name(field.name, MESSAGE_ATTRIBUTES | TYPE_NAMES),
        number=field.number,
        label=label,
        type=value_type,
        key=key,
        packed=label is Label.REPEATED and _is_packed(field, value_type),
        comment=source.comment(path),
    )


def _map_entry(field: FieldDescriptorProto, message: DescriptorProto) -> DescriptorProto | None:
    if field.type != FieldDescriptorProto.TYPE_MESSAGE:
        return None
    name = field.type_name.rpartition(".")[2]
    for nested in message.nested_type:
        if nested.options.map_entry and nested.name == name:
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
