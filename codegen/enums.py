"""The step from the descriptor of an enum to its model."""

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from codegen.model import EnumMember, EnumType
from codegen.naming import member_name, python_name
from codegen.reserved import ENUM_ATTRIBUTES
from codegen.types import FoundEnum, Types, full_name

_VALUES = 2


def read_enum(file: FileDescriptorProto, enum: FoundEnum, types: Types) -> EnumType:
    """Return the model of an enum."""
    name = full_name(file, enum.names)
    members: dict[str, EnumMember] = {}
    for index, value in enumerate(enum.descriptor.value):
        short = _usable(member_name(value.name, enum.names[-1]))
        if short in members and members[short].number != value.number:
            short = _usable(value.name)
        inner = enum.construct.inner(_VALUES, index, value.name)
        member = EnumMember(
            name=python_name(short, {*members} if short not in members else frozenset()),
            number=value.number,
            comment=inner.comment,
            is_deprecated=value.options.deprecated,
        )
        # An alias that differs only in its prefix is the same member.
        members.setdefault(member.name, member)
    return EnumType(
        type=types.named(name),
        full_name=name.removeprefix("."),
        comment=enum.construct.comment,
        is_deprecated=enum.descriptor.options.deprecated,
        members=tuple(members.values()),
    )


def _usable(name: str) -> str:
    return python_name(name.lstrip("_") or name, ENUM_ATTRIBUTES)
