"""The step from the descriptor of a proto file to its model."""

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from codegen.construct import Construct, check_distinct, whole_file
from codegen.enums import read_enum
from codegen.messages import read_message
from codegen.model import Contract, Service
from codegen.services import SERVICES, check_constants, read_service

# Field numbers of the lists in descriptor.proto's FileDescriptorProto.
_IMPORTS = 3
_MESSAGES = 4
_ENUMS = 5
_EXTENSIONS = 7


def read_contract(descriptor: FileDescriptorProto) -> Contract:
    """Return the model of a proto file; raises `RefusalError` for an unsupported construct."""
    file = whole_file(descriptor)
    _check_file(descriptor, file)
    class_names = frozenset(enum.name for enum in descriptor.enum_type) | frozenset(
        message.name for message in descriptor.message_type
    )
    constructs = [
        file.inner(_MESSAGES, index, f"message {message.name}")
        for index, message in enumerate(descriptor.message_type)
    ]
    messages = tuple(
        read_message(message, construct, class_names)
        for message, construct in zip(descriptor.message_type, constructs, strict=True)
    )
    check_distinct(zip([message.snake_name for message in messages], constructs, strict=True))
    return Contract(
        source=descriptor.name,
        enums=tuple(
            read_enum(enum, file.inner(_ENUMS, index, f"enum {enum.name}"))
            for index, enum in enumerate(descriptor.enum_type)
        ),
        messages=messages,
        services=_services(descriptor, file, class_names),
    )


def _services(
    descriptor: FileDescriptorProto, file: Construct, class_names: frozenset[str]
) -> tuple[Service, ...]:
    services = tuple(
        read_service(
            service,
            descriptor.package,
            file.inner(SERVICES, index, f"service {service.name}"),
            class_names,
        )
        for index, service in enumerate(descriptor.service)
    )
    check_constants(services, file)
    return services


def _check_file(descriptor: FileDescriptorProto, file: Construct) -> None:
    if descriptor.syntax != "proto3":
        raise file.refusal("only proto3 is supported")
    for index, dependency in enumerate(descriptor.dependency):
        inner = file.inner(_IMPORTS, index, f'import "{dependency}"')
        raise inner.refusal("a contract is one file; declare the types in it")
    for index, extension in enumerate(descriptor.extension):
        inner = file.inner(_EXTENSIONS, index, f"extension {extension.name}")
        raise inner.refusal("extensions are not supported")
