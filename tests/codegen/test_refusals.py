"""Constructs without correct code are refused together, each with its line and a way out."""

from pathlib import Path

import pytest

from codegen.__main__ import main
from codegen.construct import RefusalError
from codegen.generate import generate
from codegen.protoc import ProtocError

PROTO2 = """syntax = "proto2";
import "google/protobuf/descriptor.proto";
message Old {
  required string name = 1;
  optional int32 size = 2 [default = 5];
  optional group Inner = 3 { optional string text = 1; }
  extensions 100 to 200;
  extend Old { optional string more = 101; }
}
extend Old { optional string most = 102; }
extend google.protobuf.FieldOptions { optional string hint = 50000; }
enum Size { SMALL = 1; }
message Set { option message_set_wire_format = true; extensions 4 to max; }
"""
_NOT_PROTO3 = 'only proto3 is supported; write `syntax = "proto3";`, and change what is listed here'
_RANGE = "extensions are not supported; remove the range, and declare fields or use "
PROTO2_LINES = [
    f"old.proto:1: the file: {_NOT_PROTO3}",
    "old.proto:10: extension most: extensions are not supported; declare the field in Old",
    f"old.proto:7: message Old: {_RANGE}google.protobuf.Any",
    "old.proto:8: extension more: extensions are not supported; declare the field in Old",
    "old.proto:4: Old.name: a required field is not supported; make it optional",
    "old.proto:5: Old.size: a default is not supported; set the value where the message is made",
    "old.proto:6: Old.inner: a group is not supported; declare a message and a field of its type",
    "old.proto:13: message Set: a message set is not supported; use google.protobuf.Any",
    f"old.proto:13: message Set: {_RANGE}google.protobuf.Any",
    "old.proto:12: enum Size: its first value is not 0; add one that is",
]

EDITION = """edition = "2023";
message New {
  string name = 1 [features.utf8_validation = NONE];
  string must = 2 [features.field_presence = LEGACY_REQUIRED];
  New child = 3 [features.message_encoding = DELIMITED];
  int32 size = 4 [default = 7];
}
enum Kind { option features.enum_type = CLOSED; NO = 0; }
"""
EDITION_LINES = [
    "new.proto:3: New.name: text that is not UTF-8 is not supported; use bytes",
    "new.proto:4: New.must: a required field is not supported; make it optional",
    "new.proto:5: New.child: a group is not supported; declare a message and a field of its type",
    "new.proto:6: New.size: a default is not supported; set the value where the message is made",
    "new.proto:8: enum Kind: a closed enum is not supported; remove the feature",
]


def _lines(folder: Path, name: str, text: str) -> list[str]:
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(RefusalError) as error:
        generate(folder, Path(name))
    return str(error.value).splitlines()


def test_everything_of_proto2_is_reported_at_once(tmp_path: Path) -> None:
    """Each construct that proto3 has not is named, with its line and what to write instead."""
    # Google's own descriptors are proto2, too, but are imported for the option only.
    assert _lines(tmp_path, "old.proto", PROTO2) == PROTO2_LINES


def test_features_of_an_edition_that_proto3_has_not_are_reported(tmp_path: Path) -> None:
    """An edition is read where it means what proto3 means; the rest is named."""
    assert _lines(tmp_path, "new.proto", EDITION) == EDITION_LINES


def test_the_files_that_are_needed_are_checked_too(tmp_path: Path) -> None:
    """A message of proto2 is refused where it is defined, with the constructs of other files."""
    (tmp_path / "old.proto").write_text('syntax = "proto2"; message A {}', encoding="utf-8")
    (tmp_path / "more.proto").write_text('syntax = "proto2"; message B {}', encoding="utf-8")
    text = 'syntax = "proto3"; import "old.proto"; import "more.proto";'
    text += " message C { A a = 1; B b = 2; }"
    found = _lines(tmp_path, "top.proto", text)
    assert [line.partition(":")[0] for line in found] == ["old.proto", "more.proto"]


def test_options_of_others_are_ignored(tmp_path: Path) -> None:
    """A file may declare and use its own options, although they are extensions of proto2."""
    text = """
syntax = "proto3";
import "google/protobuf/descriptor.proto";
extend google.protobuf.FieldOptions { string hint = 50000; }
extend google.protobuf.MessageOptions { bool audited = 50001; }
option go_package = "example.com/x";
message A {
  option (audited) = true;
  reserved 5, 7 to 9;
  reserved "old";
  string name = 1 [(hint) = "x", json_name = "n"];
}
"""
    (tmp_path / "test.proto").write_text(text, encoding="utf-8")
    assert "class A(" in generate(tmp_path, Path("test.proto"))["messages.py"]


def test_what_protoc_rejects_is_its_own_error(tmp_path: Path) -> None:
    """The error for a file that is not a proto is protoc's message."""
    (tmp_path / "test.proto").write_text('syntax = "proto3";\nmessage A {\n', encoding="utf-8")
    with pytest.raises(ProtocError, match=r"^test.proto:3:1: Reached end of input"):
        generate(tmp_path, Path("test.proto"))


def test_wrong_paths_are_named_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither protoc's words nor a traceback appear."""
    output = ["--output", str(tmp_path / "out")]
    assert main(["--proto-root", str(tmp_path / "no"), "--proto", "a.proto", *output]) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'no'}: there is no such folder\n"
    assert main(["--proto-root", str(tmp_path), "--proto", "a.proto", *output]) == 1
    assert capsys.readouterr().err == f"a.proto: there is no such file in {tmp_path}\n"
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "a.proto").write_text('syntax = "proto3";', encoding="utf-8")
    wrong = [
        "--proto-root",
        str(tmp_path),
        "--proto",
        "a.proto",
        "--output",
        str(tmp_path / "file"),
    ]
    assert main(wrong) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'file'}: it is a file, not a folder\n"


def test_a_path_may_start_where_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell completes paths from the current folder, so they are accepted as well."""
    (tmp_path / "proto").mkdir()
    (tmp_path / "proto" / "a.proto").write_text('syntax = "proto3";', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for given in ("a.proto", "proto/a.proto", str(tmp_path / "proto" / "a.proto")):
        assert main(["--proto-root", "proto", "--proto", given, "--output", "out"]) == 0
