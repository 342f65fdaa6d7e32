"""The step from the descriptor of a service to its model."""

from collections.abc import Iterable

from google.protobuf.descriptor_pb2 import MethodDescriptorProto, ServiceDescriptorProto

from codegen.construct import Construct, check_distinct
from codegen.model import Method, Service
from codegen.naming import python_name, snake_case
from codegen.reserved import STUB_ATTRIBUTES, TYPE_NAMES, check_class_name

_METHODS = 2
# Of the file's own lists.
SERVICES = 6


def read_service(
    service: ServiceDescriptorProto,
    package: str,
    construct: Construct,
    class_names: frozenset[str],
) -> Service:
    """Return the model of a service; `class_names` are those of all enums and messages."""
    for name in (service.name, f"{service.name}Base", f"{service.name}Stub"):
        check_class_name(name, construct)
        if name in class_names:
            raise construct.refusal(f"its class and another would both be named {name}")
    path = f"/{package}.{service.name}" if package else f"/{service.name}"
    constructs = [
        construct.inner(_METHODS, index, f"rpc {service.name}.{method.name}")
        for index, method in enumerate(service.method)
    ]
    methods = tuple(
        _read_method(method, path, inner)
        for method, inner in zip(service.method, constructs, strict=True)
    )
    check_distinct(zip([method.attribute for method in methods], constructs, strict=True))
    return Service(name=service.name, comment=construct.comment, methods=methods)


def check_constants(services: Iterable[Service], file: Construct) -> None:
    """Refuse methods of two services whose constants would have the same name."""
    check_distinct(
        (method.constant, file.inner(SERVICES, index, f"rpc {service.name}.{method.name}"))
        for index, service in enumerate(services)
        for method in service.methods
    )


def _read_method(method: MethodDescriptorProto, path: str, construct: Construct) -> Method:
    return Method(
        name=method.name,
        constant=snake_case(method.name).upper(),
        attribute=python_name(snake_case(method.name), STUB_ATTRIBUTES | TYPE_NAMES),
        route=f"{path}/{method.name}",
        request=method.input_type.rpartition(".")[2],
        response=method.output_type.rpartition(".")[2],
        client_streaming=method.client_streaming,
        server_streaming=method.server_streaming,
        comment=construct.comment,
    )
