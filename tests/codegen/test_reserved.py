"""The contract cannot use a name that the generated modules need."""

import ast
from pathlib import Path

from codegen.generate import generate
from codegen.reserved import MODULE_NAMES
from tests.codegen.generated import generate_text
from tests.golden.google import EVERYTHING

AWKWARD = """
syntax = "proto3";
enum Kind { KIND_NO = 0; KIND_None = 1; KIND_A = -5; }
message Thing {
  string self = 1;
  string str = 2;
  int32 int = 3;
  repeated string list = 4;
  map<string, Thing> dict = 5;
  bool bool = 6;
  bytes bytes = 7;
  float float = 8;
  Kind Kind = 9;
  optional Thing Thing = 10;
  string betterproto = 11;
  string from = 12;
  string parse = 13;
  string to_dict = 14;
  string SerializeToString = 15;
  string data = 16;
  string position = 17;
  string message = 18;
  string out = 19;
  string type = 20;
  string camelCase = 21;
  string is_set = 22;
  repeated Kind fields = 23;
  repeated Thing value = 24;
}
service Things {
  rpc Import(Thing) returns (Thing);
  rpc Metadata(Thing) returns (Thing);
  rpc Dict(Thing) returns (Thing);
}
"""


def test_every_class_name_in_the_modules_is_reserved() -> None:
    """A class of the contract cannot hide a name that the generated code uses."""
    root, source = EVERYTHING
    declared = {"Colour", "Scalars", "Optionals", "Lists", "Maps", "Tree", "Unordered", "Empty"}
    declared |= {"EverythingServiceBase", "EverythingServiceStub"}
    declared |= {"UNSPECIFIED", "RED", "NEGATIVE"}
    declared |= {
        "Item",
        "Plan",
        "Summary",
        "StreamServiceBase",
        "StreamServiceStub",
        "GET",
        "COUNT",
        "COLLECT",
        "ECHO",
    }
    used = set()
    texts = [*generate(root, source).values(), *generate(root, Path("streams.proto")).values()]
    for text in texts:
        tree = ast.parse(text)
        used |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        used |= {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        used |= {node.name for node in ast.walk(tree) if isinstance(node, ast.TypeVar)}
    could_be_classes = {name for name in used if name[0].isupper() and "_" not in name}
    assert could_be_classes - declared - MODULE_NAMES == set()


def test_awkward_names_work(tmp_path: Path) -> None:
    """Fields may have names of Python, betterproto or the codecs, in both encodings."""
    generated = generate_text(AWKWARD, tmp_path)
    thing = generated.type("Thing")
    kind = generated.type("Kind")
    message = thing(
        self_="a",
        str_="b",
        int_=3,
        list_=["c"],
        dict_={"d": thing(data="e")},
        bool_=True,
        bytes_=b"f",
        float_=0.5,
        Kind_=kind.None_,
        Thing_=thing(out="g"),
        betterproto_="h",
        from_="i",
        parse_="j",
        to_dict_="k",
        SerializeToString_="l",
        data="m",
        position="n",
        message="o",
        out="p",
        type="q",
        camelCase="r",
        is_set_="s",
        fields=[kind.A, kind(77)],
        value=[thing(), thing(type="t")],
    )
    for codec in (generated.protobuf("Thing"), generated.gojson("Thing")):
        assert codec.decode(codec.encode(message)) == message
    assert b'"from":"i"' in generated.gojson("Thing").encode(message)
    stub = generated.services.ThingsStub
    assert all(hasattr(stub, name) for name in ("import_", "metadata_", "dict_"))
