"""The step from the descriptors of a message's fields to their models."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FeatureSet,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from codegen.construct import Construct
from codegen.features import Options, features
from codegen.go_names import GoNames
from codegen.model import Field, Kind, Label, Type
from codegen.naming import distinct, public_name
from codegen.reserved import MESSAGE_ATTRIBUTES, TYPE_NAMES
from codegen.scalars import SCALARS, SIZED
from codegen.types import FoundMessage, Types, full_name

_FIELDS = 2


@dataclass(frozen=True, slots=True)
class FieldReader:
    """Reads the fields of one message."""

    file: FileDescriptorProto
    message: FoundMessage
    types: Types
    go_names: GoNames

    def read(self, taken: AbstractSet[str]) -> tuple[Field, ...]:
        """Return the models of all fields, none of which has an attribute in `taken`."""
        descriptors = self.message.descriptor.field
        attributes = distinct(
            (public_name(field.name, field.number) for field in descriptors),
            MESSAGE_ATTRIBUTES | TYPE_NAMES | taken,
        )
        return tuple(
            self._read_one(field, attribute, self._construct(index, field))
            for index, (field, attribute) in enumerate(zip(descriptors, attributes, strict=True))
        )

    def _construct(self, index: int, field: FieldDescriptorProto) -> Construct:
        title = f"{'.'.join(self.message.names)}.{field.name}"
        return self.message.construct.inner(_FIELDS, index, title)

    def _read_one(self, field: FieldDescriptorProto, attribute: str, construct: Construct) -> Field:
        entry = self._map_entry(field)
        resolved = features(self.file, self._options(field))
        label = Label.MAP if entry is not None else _label(field, resolved)
        value_type = self.types.of(field if entry is None else entry.field[1])
        if label is Label.SINGULAR and value_type.kind not in {Kind.SCALAR, Kind.ENUM}:
            # A message can be absent, whether the proto says `optional` or not.
            label = Label.OPTIONAL
        is_member = label is Label.MEMBER
        return Field(
            name=field.name,
            attribute=attribute,
            number=field.number,
            label=label,
            type=value_type,
            packed=label is Label.REPEATED and _is_packed(field, value_type, resolved),
            comment=construct.comment,
            is_deprecated=field.options.deprecated,
            key="" if entry is None else self.types.of(entry.field[0]).name,
            oneof=self.message.descriptor.oneof_decl[field.oneof_index].name if is_member else "",
            go_name=self.go_names.fields[field.name],
        )

    def _options(self, field: FieldDescriptorProto) -> Sequence[Options]:
        messages = (*self.message.enclosing, self.message.descriptor)
        return [*(message.options for message in messages), field.options]

    def _map_entry(self, field: FieldDescriptorProto) -> DescriptorProto | None:
        for nested in self.message.descriptor.nested_type:
            name = full_name(self.file, (*self.message.names, nested.name))
            if nested.options.map_entry and field.type_name == name:
                return nested
        return None


def _label(field: FieldDescriptorProto, resolved: FeatureSet) -> Label:
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return Label.REPEATED
    if field.HasField("oneof_index") and not field.proto3_optional:
        return Label.MEMBER
    is_explicit = resolved.field_presence == FeatureSet.EXPLICIT
    return Label.OPTIONAL if field.proto3_optional or is_explicit else Label.SINGULAR


def _is_packed(field: FieldDescriptorProto, value_type: Type, resolved: FeatureSet) -> bool:
    match value_type.kind:
        case Kind.SCALAR if SCALARS[value_type.name].wire_type != SIZED:
            pass
        case Kind.ENUM:
            pass
        case _:
            return False
    if field.options.HasField("packed"):
        return field.options.packed
    return resolved.repeated_field_encoding == FeatureSet.PACKED
