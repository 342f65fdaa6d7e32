"""The proto can use the names that generated modules use themselves."""

import ast
from pathlib import Path
from typing import Any

import pytest

from codegen.generate import generate
from codegen.reserved import CODEC_NAMES, MESSAGES_NAMES, SERVICES_NAMES
from tests.codegen.generated import generate_text
from tests.golden.google import EVERYTHING

AWKWARD = """
syntax = "proto3";
package hz.A;
enum Kind { KIND_NO = 0; KIND_None = 1; KIND_A = -5; KIND_mro = 6; KIND_3D = 7; KIND__B = 8; }
enum colour {
  option allow_alias = true;
  COLOUR_RED = 0;
  RED = 0;
  Red = 0;
  COLOUR_BLUE = 1;
  mro = 3;
}
message Thing {
  option deprecated_legacy_json_field_conflicts = true;
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
  string parse_ = 25;
  string _hidden = 26;
  string __ = 27;
  string _1 = 28;
  string unknown_fields = 29;
  colour budget = 30;
  int32 given = 31;
  oneof kind { string text = 32; string Text = 33; }
}
message KPI { int32 a = 1; }
message Kpi { int32 b = 1; }
message a_b { int32 c = 1; }
message Outer { message Inner { int32 d = 1; } Inner inner = 1; }
message OuterInner { int32 e = 1; }
message A { repeated .hz.A.BEntry b = 1; map<string, string> c = 2; }
message BEntry { string key = 1; string value = 2; }
message ThingsBase { int32 f = 1; }
service Things {
  rpc Import(Thing) returns (Thing);
  rpc Metadata(Thing) returns (Thing);
  rpc Dict(Thing) returns (Thing);
  rpc GetKPI(KPI) returns (Kpi);
  rpc GetKpi(ThingsBase) returns (OuterInner);
}
service things { rpc Import(Outer.Inner) returns (a_b); }
service Service { rpc Status(Outer) returns (Outer); }
"""


def test_every_name_that_a_class_could_hide_is_reserved() -> None:
    """The tables of names list all that start like a class in the modules."""
    root, source = EVERYTHING
    reserved = {
        "messages.py": MESSAGES_NAMES,
        "services.py": SERVICES_NAMES,
        "protobuf_codec.py": CODEC_NAMES,
        "gojson_codec.py": CODEC_NAMES,
    }
    for proto in (source, Path("streams.proto"), Path("engine/v1/engine.proto")):
        modules = generate(root, proto)
        declared = {
            node.name
            for text in modules.values()
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.ClassDef)
        } - {"ServiceStub"}
        for name, names in reserved.items():
            tree = ast.parse(modules[name])
            used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            types = {node.name for node in ast.walk(tree) if isinstance(node, ast.TypeVar)}
            could_hide = {item for item in used | types if item[0].isupper() and "_" not in item}
            constants = {item for item in could_hide if item.isupper() and len(item) > 1}
            assert could_hide - declared - names - constants == set(), name


@pytest.mark.parametrize(
    "name", sorted(MESSAGES_NAMES | SERVICES_NAMES | CODEC_NAMES | {"Field", "Message"})
)
def test_a_message_may_have_the_name_of_a_helper(name: str, tmp_path: Path) -> None:
    """Only the names of the base classes get an underscore; in other modules the helper yields."""
    text = f"""
syntax = "proto3";
message {name} {{ repeated {name} inner = 1; string text = 2; oneof o {{ bool flag = 3; }} }}
service Serves {{
  rpc Call({name}) returns (stream {name});
  rpc Tell(stream {name}) returns ({name});
}}
"""
    generated = generate_text(text, tmp_path)
    chosen = f"{name}_" if name in MESSAGES_NAMES else name
    message = generated.type(chosen)(inner=[generated.type(chosen)(text="a")])
    for codec in (generated.protobuf(chosen), generated.gojson(chosen)):
        assert codec.encode(message)
    assert generated.protobuf(chosen).decode(bytes(message)) == message
    assert generated.services.CALL.request_type is generated.type(chosen)


def _awkward(thing: type[Any], kind: type[Any], colour: type[Any]) -> object:
    # Any: the classes did not exist when the types were checked.
    return thing(
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
        parse__="j",
        parse_="j2",
        to_dict_="k",
        SerializeToString_="l",
        data="m",
        position="n",
        message="o",
        out="p",
        type="q",
        camelCase="r",
        is_set_="s",
        fields=[kind.A, kind(77), kind.mro_, kind.KIND_3D, kind.KIND__B],
        value=[thing(), thing(type="t")],
        hidden="u",
        field_27="v",
        field_1="w",
        unknown_fields_="x",
        budget=colour.BLUE,
        given=1,
    )


def test_awkward_names_work(tmp_path: Path) -> None:
    """Fields may have names of Python, betterproto or the codecs, in both encodings."""
    generated = generate_text(AWKWARD, tmp_path)
    thing = generated.type("Thing")
    message = _awkward(thing, generated.type("Kind"), generated.type("Colour"))
    for codec in (generated.protobuf("Thing"), generated.gojson("Thing")):
        assert codec.decode(codec.encode(message)) == message
    assert b'"from":"i"' in generated.gojson("Thing").encode(message)
    assert generated.protobuf("Thing").decode(bytes(thing(Text="b"))).Text == "b"
    stub = generated.services.ThingsStub
    assert all(hasattr(stub, name) for name in ("import_", "metadata_", "dict_"))


def test_names_that_would_be_the_same_differ(tmp_path: Path) -> None:
    """The first keeps its name, and others get underscores, in the order of the proto."""
    generated = generate_text(AWKWARD, tmp_path)
    for name in ("KPI", "Kpi", "AB", "OuterInner", "OuterInner_", "ThingsBase"):
        message = generated.type(name)
        assert generated.protobuf(name).decode(b"\x08\x05") == message.FromString(b"\x08\x05")
    colour = generated.type("Colour")
    assert {name: member.value for name, member in colour.__members__.items()} == {
        "RED": 0,
        "Red": 0,
        "BLUE": 1,
        "mro_": 3,
    }
    services = generated.services
    paths = {f"/hz.A.Things/{name}" for name in ("Import", "Metadata", "Dict", "GetKPI", "GetKpi")}
    assert set(services.Things_Base().__mapping__()) | set(services.ThingsBase().__mapping__()) == (
        paths | {"/hz.A.things/Import"}
    )
    assert services.THINGS_IMPORT.path != services.THINGS_IMPORT_.path
    assert set(services.Service_Base().__mapping__()) == {"/hz.A.Service/Status"}


def test_a_message_with_a_name_like_an_entry_is_no_map(tmp_path: Path) -> None:
    """A list of messages called `BEntry` in a package that ends like a message stays a list."""
    generated = generate_text(AWKWARD, tmp_path)
    entry = generated.type("BEntry")
    message = generated.type("A")(b=[entry(key="k"), entry(key="k")], c={"a": "b"})
    assert generated.type("A").FromString(bytes(message)) == message
