"""The step from the descriptor of an enum to its model."""

from google.protobuf.descriptor_pb2 import EnumDescriptorProto

from codegen.construct import Construct, check_distinct
from codegen.model import EnumMember, EnumType
from codegen.naming import member_name
from codegen.reserved import ENUM_ATTRIBUTES, check_class_name

_VALUES = 2


def read_enum(enum: EnumDescriptorProto, construct: Construct) -> EnumType:
    """Return the model of an enum; raises `RefusalError` if a name is not usable."""
    check_class_name(enum.name, construct)
    values = [
        construct.inner(_VALUES, index, f"{enum.name}.{value.name}")
        for index, value in enumerate(enum.value)
    ]
    members = tuple(
        EnumMember(
            name=member_name(value.name, enum.name), number=value.number, comment=inner.comment
        )
        for value, inner in zip(enum.value, values, strict=True)
    )
    names = [member.name for member in members]
    for name, value in zip(names, values, strict=True):
        if not name.isidentifier() or name.startswith("_") or name in ENUM_ATTRIBUTES:
            raise value.refusal(f"without its prefix it is {name!r}, which cannot name a member")
    check_distinct(zip(names, values, strict=True))
    return EnumType(name=enum.name, comment=construct.comment, members=members)
