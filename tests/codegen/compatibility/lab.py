"""A small contract whose changes are compared."""

import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc  # type: ignore[import-untyped]  # it has no types

from codegen.compatibility.changes import Change
from codegen.compatibility.comparison import compare
from codegen.compatibility.description import describe
from codegen.compatibility.release import Release, release_text

_GOOGLE = Path(protoc.__file__).parent / "_proto"

LAB = """\
syntax = "proto3";
package lab.v1;
enum Colour {
  reserved 7, 10 to 20;
  reserved "COLOUR_PINK";
  COLOUR_NONE = 0;
  COLOUR_RED = 1;
  COLOUR_BLUE = 2;
}
enum Size {
  SIZE_NONE = 0;
}
message Part {
  string name = 1;
}
message Tool {
  int64 price = 1;
}
message Thing {
  reserved 20 to 29;
  reserved "old";
  message Inner {
    bool on = 1;
  }
  string id = 1;
  int32 count = 2;
  optional string note = 3;
  repeated int32 numbers = 4;
  map<string, int64> totals = 5;
  Colour colour = 6;
  Part part = 7;
  oneof kind {
    string text = 8;
    bytes data = 9;
  }
  bool active = 10;
  optional Inner inner = 11;
  sint64 delta = 12;
}
message Ask {
  string id = 1;
}
service Lab {
  rpc Get(Ask) returns (Thing);
  rpc Watch(Ask) returns (stream Thing);
}
"""


def compiled(*texts: str, names: tuple[str, ...] = ("lab.proto",)) -> FileDescriptorSet:
    """Return the descriptors of proto files, of which the last may import the others."""
    with TemporaryDirectory() as folder:
        for name, text in zip(names, texts, strict=True):
            (Path(folder) / name).write_text(textwrap.dedent(text), encoding="utf-8")
        output = Path(folder) / "descriptors"
        options = ["--include_source_info", "--include_imports", f"--descriptor_set_out={output}"]
        # In this process, since a process for each of many texts would take long.
        assert (
            protoc.main(
                ["protoc", f"--proto_path={folder}", f"--proto_path={_GOOGLE}", *options, names[-1]]
            )
            == 0
        )
        return FileDescriptorSet.FromString(output.read_bytes())


def edited(text: str, *edits: tuple[str, str]) -> str:
    """Return a text in which each first part, which occurs once, is replaced by the second."""
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
        text = text.replace(old, new)
    return text


def changes_to(text: str) -> list[Change]:
    """Return the changes from the small contract to another text."""
    return compare(describe(compiled(LAB)), describe(compiled(text)))


def write_released(path: Path, text: str = LAB) -> None:
    """Write the file of a released contract."""
    path.write_text(release_text(Release(descriptors=compiled(text))), encoding="utf-8")
