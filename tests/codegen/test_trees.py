"""Several files and packages become one tree of packages, whatever they are called."""

from importlib import import_module
from pathlib import Path

import pytest

from codegen.__main__ import main

FILES = {
    "bare.proto": """
syntax = "proto3";
message Bare { string a = 1; enum K { ZERO = 0; } K k = 2; }
""",
    "messages/m.proto": """
syntax = "proto3";
package messages.import.class;
import "bare.proto";
message M {
  Bare bare = 1;
  map<int64, Bare.K> ks = 2;
  oneof o { Bare one = 3; Bare.K kk = 4; }
}
service Svc { rpc Do(Bare) returns (M); }
""",
    "more.proto": """
syntax = "proto3";
package top;
message More { string a = 1; }
""",
    "top.proto": """
edition = "2023";
package top;
import "messages/m.proto";
import "bare.proto";
import "more.proto";
option features.field_presence = IMPLICIT;
message T {
  messages.import.class.M m = 1;
  string s = 2;
  string p = 3 [features.field_presence = EXPLICIT];
  repeated int32 n = 4 [features.repeated_field_encoding = EXPANDED];
  Bare messages = 5;
  string unnamed = 6;
  string messages_import_class = 7;
  More more = 8;
  message Deep { message Er { T t = 1; } Er er = 1; }
}
""",
}


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    """Return the options that name the files."""
    for name, text in FILES.items():
        path = tmp_path / "protos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    files = ["--proto", "top.proto", "--proto", "messages/m.proto"]
    return ["--proto-root", str(tmp_path / "protos"), *files, "--output", str(tmp_path / "tree_a")]


def test_packages_use_each_other(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first package is at the root, the others are in folders called after them."""
    assert main(options) == 0
    monkeypatch.syspath_prepend(tmp_path)
    top = import_module("tree_a.messages")
    other = import_module("tree_a.messages_.import_.class_.messages")
    bare = import_module("tree_a._.messages")
    message = top.T(
        m=other.M(bare=bare.Bare(a="q"), ks={5: bare.BareK.ZERO}, one=bare.Bare()),
        s="s",
        p="",
        n=[1, 2],
        unnamed_="u",
        messages_import_class_="c",
        more=top.More(a="m"),
    )
    assert top.T.FromString(bytes(message)) == message
    # Edition 2023 says field by field what is present and what is packed.
    assert bytes(top.T(p="", n=[1, 2])).hex() == "1a00" + "2001" + "2002"
    codecs = import_module("tree_a.gojson_codec").CODECS
    assert codecs.for_type(top.T).encode(message) == (
        b'{"m":{"bare":{"a":"q"},"ks":{"5":0},"O":{"One":{}}},"s":"s","p":"","n":[1,2],'
        b'"unnamed":"u","messages_import_class":"c","more":{"a":"m"}}'
    )
    services = import_module("tree_a.messages_.import_.class_.services")
    assert services.DO.path == "/messages.import.class.Svc/Do"
    assert services.DO.request_type is bare.Bare


def test_a_tree_is_checked_and_repaired_as_a_whole(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files in folders are compared too, and those of packages that are gone are removed."""
    assert main(options) == 0
    assert main([*options, "--check"]) == 0
    changed = tmp_path / "tree_a" / "_" / "messages.py"
    changed.write_text("", encoding="utf-8")
    assert main([*options, "--check"]) == 1
    assert str(changed) in capsys.readouterr().err
    own = changed.parent / "own.py"
    own.write_text("", encoding="utf-8")
    (tmp_path / "protos" / "top.proto").write_text('syntax = "proto3"; package top;', "utf-8")
    (tmp_path / "protos" / "messages" / "m.proto").write_text('syntax = "proto3";', "utf-8")
    assert main(options) == 0
    assert sorted(path.name for path in changed.parent.iterdir()) == [
        *("__init__.py", "gojson_codec.py", "messages.py", "own.py", "protobuf_codec.py")
    ]
    assert not (tmp_path / "tree_a" / "messages_" / "import_" / "class_" / "messages.py").exists()
