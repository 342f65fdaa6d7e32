"""The step from the descriptors of services to their models."""

from collections import Counter
from collections.abc import Sequence

from google.protobuf.descriptor_pb2 import (
    FileDescriptorProto,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)

from codegen.construct import Construct, whole_file
from codegen.model import Method, Service
from codegen.naming import class_name, distinct, snake_case
from codegen.reserved import SERVICES_NAMES, STUB_ATTRIBUTES, TYPE_NAMES
from codegen.types import Types

_METHODS = 2
# Of the file's own lists.
_SERVICES = 6


def read_services(files: Sequence[FileDescriptorProto], types: Types) -> tuple[Service, ...]:
    """Return the models of all services in the files of one package."""
    found = [
        (service, whole_file(file).inner(_SERVICES, index, f"service {service.name}"))
        for file in files
        for index, service in enumerate(file.service)
    ]
    package = files[0].package
    stems = [class_name([service.name]) for service, _ in found]
    used = {f"{stem}{side}" for stem in stems for side in ("Base", "Stub")} & SERVICES_NAMES
    class_names = distinct(stems, {name.removesuffix("Stub") for name in used})
    constants = iter(_constants([service for service, _ in found]))
    return tuple(
        Service(
            name=service.name,
            class_name=name,
            comment=construct.comment,
            is_deprecated=service.options.deprecated,
            methods=tuple(
                _read_method(method, attribute, next(constants), path, inner, types)
                for method, attribute, inner in _methods(service, construct)
            ),
        )
        for (service, construct), name in zip(found, class_names, strict=True)
        for path in [f"/{package}.{service.name}" if package else f"/{service.name}"]
    )


def _constants(services: Sequence[ServiceDescriptorProto]) -> list[str]:
    count = Counter(snake_case(method.name) for item in services for method in item.method)
    names = [
        (method if count[method] == 1 else f"{snake_case(service.name)}_{method}").upper()
        for service in services
        for method in (snake_case(item.name) for item in service.method)
    ]
    return distinct(names, SERVICES_NAMES)


def _methods(
    service: ServiceDescriptorProto, construct: Construct
) -> list[tuple[MethodDescriptorProto, str, Construct]]:
    attributes = distinct(
        (snake_case(method.name) for method in service.method), STUB_ATTRIBUTES | TYPE_NAMES
    )
    return [
        (method, attribute, construct.inner(_METHODS, index, f"rpc {service.name}.{method.name}"))
        for index, (method, attribute) in enumerate(zip(service.method, attributes, strict=True))
    ]


def _read_method(  # one model from five sources
    method: MethodDescriptorProto,
    attribute: str,
    constant: str,
    path: str,
    construct: Construct,
    types: Types,
) -> Method:
    return Method(
        name=method.name,
        constant=constant,
        attribute=attribute,
        route=f"{path}/{method.name}",
        request=types.named(method.input_type),
        response=types.named(method.output_type),
        client_streaming=method.client_streaming,
        server_streaming=method.server_streaming,
        comment=construct.comment,
        is_deprecated=method.options.deprecated,
    )
