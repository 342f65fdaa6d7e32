"""Constructs without correct code are refused, with their name and line in the proto."""

from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

from codegen.construct import RefusalError
from codegen.contract import read_contract
from codegen.generate import generate
from codegen.protoc import ProtocError

# Each text stands on line 3; the error's line is counted from there.
REFUSED = (
    (
        "enum Colour { option allow_alias = true; COLOUR_RED = 0; RED = 0; }",
        "test.proto:3: Colour.RED: it and Colour.COLOUR_RED would both be named RED",
    ),
    (
        "enum Colour {\n  COLOUR_NO = 0;\n\n  COLOUR_3D = 1;\n}",
        "test.proto:6: Colour.COLOUR_3D: without its prefix it is '3D', which cannot name a member",
    ),
    (
        "enum Colour { COLOUR_name = 0; }",
        "test.proto:3: Colour.COLOUR_name: without its prefix it is 'name'",
    ),
    ("enum Colour { COLOUR_mro = 0; }", "Colour.COLOUR_mro: without its prefix it is 'mro'"),
    ("enum Colour { COLOUR__A = 0; }", "Colour.COLOUR__A: without its prefix it is '_A'"),
    ("enum colour { NO = 0; }", "test.proto:3: enum colour: its name must be CamelCase"),
    ("enum ProtoEnum { NO = 0; }", "enum ProtoEnum: ProtoEnum is used by the generated code"),
    ("message a_b {}", "test.proto:3: message a_b: its name must be CamelCase"),
    ("message Message {}", "message Message: Message is used by the generated code itself"),
    ("message Self {}", "message Self: Self is used by the generated code itself"),
    (
        "message KPI {}\nmessage Kpi {}",
        "test.proto:4: message Kpi: it and message KPI would both be named kpi",
    ),
    (
        "message A {}\nmessage B {\n  string x = 1;\n  A a = 2;\n}",
        "test.proto:6: B.a: a message can be absent: make the field optional",
    ),
    ("message A { string _b = 1; }", "A._b: a name that starts with an underscore is private"),
    (
        "message A {\n  message B {}\n}",
        "test.proto:4: message A.B: a nested message is not supported; declare it",
    ),
    (
        "message A {\n  enum B { NO = 0; }\n}",
        "test.proto:4: enum A.B: a nested enum is not supported",
    ),
    (
        "message A {\n  oneof either { string b = 1; string c = 2; }\n}",
        "test.proto:4: oneof A.either: oneof is not supported; use optional fields",
    ),
    (
        "message A {\n  map<int32, string> m = 1;\n}",
        "test.proto:4: A.m: the keys of a map must be strings, as in JSON",
    ),
    ("message A { map<bool, string> m = 1; }", "test.proto:3: A.m: the keys of a map must"),
    (
        "message A {}\nservice S {\n  rpc GetKPI(A) returns (A);\n  rpc GetKpi(A) returns (A);\n}",
        "test.proto:6: rpc S.GetKpi: it and rpc S.GetKPI would both be named get_kpi",
    ),
    (
        "message SBase {}\nservice S {}",
        "test.proto:4: service S: its class and another would both be named SBase",
    ),
    ("service Service {}", "service Service: ServiceStub is used by the generated code itself"),
    ("service s {}", "test.proto:3: service s: its name must be CamelCase"),
    (
        'import "google/protobuf/empty.proto";',
        'test.proto:3: import "google/protobuf/empty.proto": a contract is one file',
    ),
)


@pytest.mark.parametrize(("text", "sentence"), REFUSED, ids=[text for text, _ in REFUSED])
def test_a_construct_is_refused_by_name(text: str, sentence: str, tmp_path: Path) -> None:
    """The error starts with the file and the line, and names the construct and the reason."""
    path = tmp_path / "test.proto"
    path.write_text(f'syntax = "proto3";\n\n{text}\n', encoding="utf-8")
    with pytest.raises(RefusalError) as error:
        generate(tmp_path, Path("test.proto"))
    assert sentence in str(error.value)


@pytest.mark.parametrize("syntax", ['syntax = "proto2";', 'edition = "2023";'])
def test_only_proto3_is_read(syntax: str, tmp_path: Path) -> None:
    """Another syntax, in which fields have other meanings, is refused."""
    (tmp_path / "test.proto").write_text(f"{syntax}\n", encoding="utf-8")
    with pytest.raises(RefusalError, match=r"test.proto:1: the file: only proto3 is supported"):
        generate(tmp_path, Path("test.proto"))


def test_a_group_or_an_extension_is_refused(tmp_path: Path) -> None:
    """They belong to proto2 and are refused with it."""
    text = 'syntax = "proto2";\nmessage A { optional group B = 1 {} }\n'
    (tmp_path / "test.proto").write_text(text, encoding="utf-8")
    with pytest.raises(RefusalError, match="only proto3"):
        generate(tmp_path, Path("test.proto"))


def test_two_fields_of_one_name_are_refused() -> None:
    """Two fields with the same Python name are refused even if protoc accepts them."""
    message = DescriptorProto(name="A")
    for number, name in enumerate(("parse", "parse_"), 1):
        message.field.add(name=name, number=number, type="TYPE_STRING", label="LABEL_OPTIONAL")
    file = FileDescriptorProto(name="test.proto", syntax="proto3", message_type=[message])
    with pytest.raises(RefusalError, match=r"A.parse_: it and A.parse would both be named parse_"):
        read_contract(file)


def test_what_protoc_rejects_is_its_own_error(tmp_path: Path) -> None:
    """The error for a file that is not a proto is protoc's message."""
    (tmp_path / "test.proto").write_text('syntax = "proto3";\nmessage A {\n', encoding="utf-8")
    with pytest.raises(ProtocError, match=r"^test.proto:3:1: Reached end of input"):
        generate(tmp_path, Path("test.proto"))


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """A proto that does not exist is reported like any other error of protoc."""
    with pytest.raises(ProtocError, match=r"test.proto"):
        generate(tmp_path, Path("test.proto"))
