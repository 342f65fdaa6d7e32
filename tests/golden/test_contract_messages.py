"""The proto and the generated code have the names, types and order that the contract lists.

What was added to the proto after the listed names may be there as well.
"""

import dataclasses
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    ServiceDescriptorProto,
)

from codegen.protoc import compile_proto
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen import services
from tests.golden.google import CONTRACT

LISTED = [
    line
    for line in (Path(__file__).parent / "contract_messages.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
FILE = compile_proto(*CONTRACT)
PACKAGE = "mirastack.plugin.v1"
SCALARS = {
    FieldDescriptorProto.TYPE_STRING: "string",
    FieldDescriptorProto.TYPE_BYTES: "bytes",
    FieldDescriptorProto.TYPE_BOOL: "bool",
    FieldDescriptorProto.TYPE_FLOAT: "float",
    FieldDescriptorProto.TYPE_INT32: "int32",
    FieldDescriptorProto.TYPE_INT64: "int64",
}


def _enum(enum: EnumDescriptorProto, count: int) -> str:
    values = sorted(enum.value, key=lambda value: value.number)[: count + 1]
    assert [value.number for value in values] == list(range(count + 1))
    prefix, _, zero = values[0].name.partition("UNSPECIFIED")
    assert not zero, "the zero value is UNSPECIFIED"
    names = ", ".join(value.name.removeprefix(prefix) for value in values[1:])
    return f"enum {enum.name}: {names}"


def _message(message: DescriptorProto, count: int) -> str:
    listed = sorted(message.field, key=lambda field: field.number)[:count]
    assert [field.number for field in listed] == list(range(1, count + 1))
    fields = ", ".join(f"{field.name} {_type(message, field)}" for field in listed)
    return f"message {message.name}: {fields}".rstrip()


def _type(message: DescriptorProto, field: FieldDescriptorProto) -> str:
    short = field.type_name.rpartition(".")[2]
    if any(entry.name == short and entry.options.map_entry for entry in message.nested_type):
        return "map<string,string>"
    name = SCALARS.get(field.type, short)
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return f"[{name}]"
    return f"{name}?" if field.proto3_optional else name


def _service(service: ServiceDescriptorProto, names: set[str]) -> str:
    methods = [method for method in service.method if method.name in names]
    for method in methods:
        assert method.input_type == f".{PACKAGE}.{method.name}Request"
        assert method.output_type == f".{PACKAGE}.{method.name}Response"
        assert not method.client_streaming
        assert not method.server_streaming
    return f"service {service.name}: {', '.join(method.name for method in methods)}"


def _listed_part(line: str) -> str:
    """Return the part of the proto that a line lists, written as the line is."""
    kind, _, rest = line.partition(" ")
    name, _, content = rest.partition(":")
    items = [item.strip() for item in content.split(", ") if item.strip()]
    if kind == "enum":
        (enum,) = (enum for enum in FILE.enum_type if enum.name == name)
        return _enum(enum, len(items))
    if kind == "message":
        (message,) = (message for message in FILE.message_type if message.name == name)
        # The type of a map has a comma of its own, without a space.
        return _message(message, len(items))
    (service,) = (service for service in FILE.service if service.name == name)
    return _service(service, set(items))


@pytest.mark.contract("The messages: services, messages and fields, in the order listed")
@pytest.mark.contract("The messages: enums count from 1, after UNSPECIFIED")
@pytest.mark.contract("Who calls whom: every method is unary")
def test_the_proto_is_the_contract() -> None:
    """Every enum, message, field and method that is listed is there, in its place."""
    assert FILE.package == PACKAGE
    assert [_listed_part(line) for line in LISTED] == LISTED


@pytest.mark.contract("The messages: services, messages and fields, in the order listed")
@pytest.mark.parametrize("line", [line for line in LISTED if line.startswith("message ")])
def test_the_generated_messages_are_those_of_the_contract(line: str) -> None:
    """Each class has the listed fields in their order, under their names in Python."""
    name, _, fields = line.removeprefix("message ").partition(":")
    cls = getattr(wire, name)
    listed = [field.split()[0] for field in fields.split(", ") if field]
    found = [field.name.removesuffix("_") for field in dataclasses.fields(cls)]
    assert [field for field in found if field in listed] == listed


@pytest.mark.contract("Who calls whom: methods are at /mirastack.plugin.v1.<Service>/<Method>")
@pytest.mark.parametrize("line", [line for line in LISTED if line.startswith("service ")])
def test_methods_are_served_at_the_contracts_paths(line: str) -> None:
    """A path is the package, the service and the method."""
    name, _, methods = line.removeprefix("service ").partition(": ")
    served = getattr(services, f"{name}Base")().__mapping__()
    assert {f"/{PACKAGE}.{name}/{method}" for method in methods.split(", ")} <= set(served)
