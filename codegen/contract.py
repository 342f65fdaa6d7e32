"""Makes the model of a proto file from its descriptor, or refuses the file."""

from collections.abc import Sequence

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)

from codegen.fields import read_field
from codegen.model import Contract, EnumMember, EnumType, MessageType, Method, Service
from codegen.naming import member_name, python_name, snake_case
from codegen.refusal import RefusalError
from codegen.reserved import (
    ENUM_ATTRIBUTES,
    STUB_ATTRIBUTES,
    TYPE_NAMES,
    check_distinct,
    check_type_name,
)
from codegen.source import Source

# The numbers of the descriptor's own fields, of which paths in it are made.
_MESSAGES = 4
_ENUMS = 5
_SERVICES = 6
_MEMBERS = 2
_DEPENDENCIES = 3
_EXTENSIONS = 7
_NESTED_MESSAGES = 3
_NESTED_ENUMS = 4
_ONEOFS = 8


def read_contract(descriptor: FileDescriptorProto) -> Contract:
    """Return the model of a proto file, or raise RefusalError naming the construct and its line."""
    source = Source(descriptor)
    _check_file(descriptor, source)
    enums = tuple(
        _read_enum(enum, source, (_ENUMS, index)) for index, enum in enumerate(descriptor.enum_type)
    )
    messages = tuple(
        _read_message(message, source, (_MESSAGES, index))
        for index, message in enumerate(descriptor.message_type)
    )
    check_distinct(
        [
            (message.snake_name, f"message {message.name}", source.place((_MESSAGES, index)))
            for index, message in enumerate(messages)
        ]
    )
    services = tuple(
        _read_service(service, descriptor.package, source, (_SERVICES, index))
        for index, service in enumerate(descriptor.service)
    )
    return Contract(source=descriptor.name, enums=enums, messages=messages, services=services)


def _check_file(descriptor: FileDescriptorProto, source: Source) -> None:
    if descriptor.syntax != "proto3":
        raise RefusalError(source.place(()), "syntax", "only proto3 is supported")
    for index, dependency in enumerate(descriptor.dependency):
        raise RefusalError(
            source.place((_DEPENDENCIES, index)),
            f'import "{dependency}"',
            "a contract is one file; declare what is needed in it",
        )
    for index, extension in enumerate(descriptor.extension):
        raise RefusalError(
            source.place((_EXTENSIONS, index)),
            f"extension {extension.name}",
            "extensions are not supported",
        )


def _read_enum(enum: EnumDescriptorProto, source: Source, path: Sequence[int]) -> EnumType:
    construct = f"enum {enum.name}"
    check_type_name(enum.name, source.place(path), construct)
    members = [
        EnumMember(
            name=member_name(value.name, enum.name),
            number=value.number,
            comment=source.comment((*path, _MEMBERS, index)),
        )
        for index, value in enumerate(enum.value)
    ]
    places = [source.place((*path, _MEMBERS, index)) for index in range(len(members))]
    constructs = [f"{enum.name}.{value.name}" for value in enum.value]
    for member, place, value in zip(members, places, constructs, strict=True):
        if (
            not member.name.isidentifier()
            or member.name.startswith("_")
            or member.name in ENUM_ATTRIBUTES
        ):
            raise RefusalError(
                place,
                value,
                f"{member.name!r}, its name without the prefix, cannot name a Python enum's member",
            )
    check_distinct(
        [
            (member.name, value, place)
            for member, value, place in zip(members, constructs, places, strict=True)
        ]
    )
    return EnumType(name=enum.name, comment=source.comment(path), members=tuple(members))


def _read_message(message: DescriptorProto, source: Source, path: Sequence[int]) -> MessageType:
    check_type_name(message.name, source.place(path), f"message {message.name}")
    _check_message(message, source, path)
    fields = [
        read_field(field, message, source, (*path, _MEMBERS, index))
        for index, field in enumerate(message.field)
    ]
    check_distinct(
        [
            (
                field.attribute,
                f"{message.name}.{field.name}",
                source.place((*path, _MEMBERS, index)),
            )
            for index, field in enumerate(fields)
        ]
    )
    return MessageType(
        name=message.name,
        snake_name=snake_case(message.name),
        comment=source.comment(path),
        fields=tuple(fields),
    )


def _check_message(message: DescriptorProto, source: Source, path: Sequence[int]) -> None:
    for index, nested in enumerate(message.nested_type):
        if not nested.options.map_entry:
            raise RefusalError(
                source.place((*path, _NESTED_MESSAGES, index)),
                f"message {message.name}.{nested.name}",
                "nested messages are not supported; declare it at the top",
            )
    for index, enum in enumerate(message.enum_type):
        raise RefusalError(
            source.place((*path, _NESTED_ENUMS, index)),
            f"enum {message.name}.{enum.name}",
            "nested enums are not supported; declare it at the top",
        )
    synthetic = {field.oneof_index for field in message.field if field.proto3_optional}
    for index, oneof in enumerate(message.oneof_decl):
        if index not in synthetic:
            raise RefusalError(
                source.place((*path, _ONEOFS, index)),
                f"oneof {message.name}.{oneof.name}",
                "oneof is not supported; use optional fields",
            )


def _read_service(
    service: ServiceDescriptorProto, package: str, source: Source, path: Sequence[int]
) -> Service:
    for suffix in ("", "Base", "Stub"):
        check_type_name(f"{service.name}{suffix}", source.place(path), f"service {service.name}")
    full_name = f"{package}.{service.name}" if package else service.name
    methods = [
        _read_method(method, service.name, full_name, source, (*path, _MEMBERS, index))
        for index, method in enumerate(service.method)
    ]
    check_distinct(
        [
            (
                method.attribute,
                f"rpc {service.name}.{method.name}",
                source.place((*path, _MEMBERS, index)),
            )
            for index, method in enumerate(methods)
        ]
    )
    return Service(name=service.name, comment=source.comment(path), methods=tuple(methods))


def _read_method(
    method: MethodDescriptorProto,
    service: str,
    full_name: str,
    source: Source,
    path: Sequence[int],
) -> Method:
    if method.client_streaming or method.server_streaming:
        raise RefusalError(
            source.place(path),
            f"rpc {service}.{method.name}",
            "streaming methods are not supported",
        )
    return Method(
        name=method.name,
        attribute=python_name(snake_case(method.name), STUB_ATTRIBUTES | TYPE_NAMES),
        route=f"/{full_name}/{method.name}",
        request=method.input_type.rpartition(".")[2],
        reply=method.output_type.rpartition(".")[2],
        comment=source.comment(path),
    )
