"""The proto and the generated code have the names, types and order that the contract lists."""

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


def _enum(enum: EnumDescriptorProto) -> str:
    assert [value.number for value in enum.value] == list(range(len(enum.value)))
    prefix, _, zero = enum.value[0].name.partition("UNSPECIFIED")
    assert not zero, "the zero value is UNSPECIFIED"
    names = ", ".join(value.name.removeprefix(prefix) for value in enum.value[1:])
    return f"enum {enum.name}: {names}"


def _message(message: DescriptorProto) -> str:
    assert [field.number for field in message.field] == list(range(1, len(message.field) + 1))
    fields = ", ".join(f"{field.name} {_type(message, field)}" for field in message.field)
    return f"message {message.name}: {fields}".rstrip()


def _type(message: DescriptorProto, field: FieldDescriptorProto) -> str:
    short = field.type_name.rpartition(".")[2]
    if any(entry.name == short and entry.options.map_entry for entry in message.nested_type):
        return "map<string,string>"
    name = SCALARS.get(field.type, short)
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return f"[{name}]"
    return f"{name}?" if field.proto3_optional else name


def _service(service: ServiceDescriptorProto) -> str:
    for method in service.method:
        assert method.input_type == f".{PACKAGE}.{method.name}Request"
        assert method.output_type == f".{PACKAGE}.{method.name}Response"
        assert not method.client_streaming
        assert not method.server_streaming
    return f"service {service.name}: {', '.join(method.name for method in service.method)}"


@pytest.mark.contract("The messages: services, messages and fields, in the order listed")
@pytest.mark.contract("The messages: enums count from 1, after UNSPECIFIED")
@pytest.mark.contract("Who calls whom: every method is unary")
def test_the_proto_is_the_contract() -> None:
    """Every enum, message, field and method is listed, in its place, and no other exists."""
    assert FILE.package == PACKAGE
    found = [
        *(_enum(enum) for enum in FILE.enum_type),
        *(_message(message) for message in FILE.message_type),
        *(_service(service) for service in FILE.service),
    ]
    assert sorted(found) == sorted(LISTED)


@pytest.mark.contract("The messages: services, messages and fields, in the order listed")
@pytest.mark.parametrize("line", [line for line in LISTED if line.startswith("message ")])
def test_the_generated_messages_are_those_of_the_contract(line: str) -> None:
    """Each class has the listed fields in their order, under their names in Python."""
    name, _, fields = line.removeprefix("message ").partition(":")
    cls = getattr(wire, name)
    assert [field.name.removesuffix("_") for field in dataclasses.fields(cls)] == [
        field.split()[0] for field in fields.split(", ") if field
    ]


@pytest.mark.contract("Who calls whom: methods are at /mirastack.plugin.v1.<Service>/<Method>")
@pytest.mark.parametrize("line", [line for line in LISTED if line.startswith("service ")])
def test_methods_are_served_at_the_contracts_paths(line: str) -> None:
    """A path is the package, the service and the method."""
    name, _, methods = line.removeprefix("service ").partition(": ")
    served = getattr(services, f"{name}Base")().__mapping__()
    assert sorted(served) == sorted(f"/{PACKAGE}.{name}/{method}" for method in methods.split(", "))
