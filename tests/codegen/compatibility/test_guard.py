"""`python -m codegen` refuses to break the released contract, unless it is told to accept that."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.json_format import ParseDict

from codegen.__main__ import main
from codegen.compatibility.description import describe
from codegen.compatibility.guard import judge
from codegen.compatibility.release import ReleaseError, read_release
from codegen.protoc import compile_proto
from tests.codegen.compatibility.lab import LAB, compiled, edited, write_released
from tests.golden.google import CONTRACT

SMALL = """\
syntax = "proto3";
package small.v1;
// What the caller may do.
enum Right {
  RIGHT_NONE = 0;
  RIGHT_READ = 1;
  RIGHT_MODIFY = 2;
}
message Thing {
  string name = 1;
  Right right = 2;
}
service ThingService {
  rpc Get(Thing) returns (Thing);
}
"""
SWAPPED = edited(SMALL, ("READ = 1", "READ = 2"), ("MODIFY = 2", "MODIFY = 1"))
GROWN = edited(SMALL, ("Right right = 2;", "Right right = 2;\n  uint32 size = 3;"))


@dataclass(frozen=True, slots=True)
class Project:
    """A proto file, its released contract and the code generated from it."""

    folder: Path

    @property
    def released(self) -> Path:
        """The file of the released contract."""
        return self.folder / "small.released.json"

    def write(self, text: str) -> None:
        """Change the proto."""
        (self.folder / "small.proto").write_text(text, encoding="utf-8")

    def run(self, *options: str) -> int:
        """Run the generator, and return its status."""
        paths = ["--proto-root", str(self.folder), "--proto", "small.proto"]
        return main([*paths, "--output", str(self.folder / "generated"), *options])

    def generated(self) -> dict[str, bytes]:
        """Return the generated files."""
        return {path.name: path.read_bytes() for path in (self.folder / "generated").glob("*.py")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a released project, which tests copy."""
    project = Project(tmp_path_factory.mktemp("made"))
    project.write(SMALL)
    assert project.run("--release") == 0
    return project


@pytest.fixture
def project(made: Project, tmp_path: Path) -> Project:
    """Return a released project."""
    return Project(Path(shutil.copytree(made.folder, tmp_path / "project")))


def test_a_breaking_change_is_refused(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """Both changes are named, the status is 1, and nothing is written."""
    before = project.generated()
    project.write(SWAPPED)
    assert project.run() == 1
    assert project.generated() == before
    assert capsys.readouterr().err == (
        "breaking: small.proto:6: enum value Right.RIGHT_READ was 1 and is now 2, so peers of the "
        "last release take it for RIGHT_MODIFY; give it number 1 again\n"
        "breaking: small.proto:7: enum value Right.RIGHT_MODIFY was 2 and is now 1, so peers of "
        "the last release take it for RIGHT_READ; give it number 2 again\n"
        f"2 changes break the released contract, {project.released}; --allow-breaking accepts "
        "that\n"
    )


def test_check_names_breaking_changes_and_outdated_code(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """The generated code is compared too, and its members are named."""
    project.write(SWAPPED)
    assert project.run("--check") == 1
    errors = capsys.readouterr().err
    assert "Right.RIGHT_READ was 1 and is now 2" in errors
    assert "Right.READ is `READ = 1` and should be `READ = 2`; run `python -m codegen`" in errors
    assert "Right.MODIFY is `MODIFY = 2` and should be `MODIFY = 1`" in errors


def test_the_committed_contract_breaks_no_peer() -> None:
    """The proto is compatible with the released contract that is committed beside it."""
    verdict = judge(*CONTRACT, FileDescriptorSet(file=[compile_proto(*CONTRACT)]))
    assert verdict.release is not None
    assert verdict.errors(allowed=False) == []


def test_permissions_cannot_be_swapped(tmp_path: Path) -> None:
    """With READ and MODIFY swapped in the contract's own proto, both are named."""
    proto = tmp_path / CONTRACT[1]
    shutil.copytree(CONTRACT[0] / CONTRACT[1].parent, proto.parent)
    text = proto.read_text(encoding="utf-8")
    swaps = (("N_READ = 1;", "N_READ = 2;"), ("N_MODIFY = 2;", "N_MODIFY = 1;"))
    proto.write_text(edited(text, *swaps), encoding="utf-8")
    new = FileDescriptorSet(file=[compile_proto(tmp_path, CONTRACT[1])])
    facts = [change.fact for change in judge(tmp_path, CONTRACT[1], new).breaking]
    assert facts == [
        "enum value Permission.PERMISSION_READ was 1 and is now 2",
        "enum value Permission.PERMISSION_MODIFY was 2 and is now 1",
    ]


def test_compatible_changes_are_listed(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is a line for each on standard output, and the code is generated."""
    project.write(GROWN)
    assert project.run() == 0
    line = "compatible: small.proto:12: field Thing.size was added, uint32 with number 3\n"
    assert capsys.readouterr() == (line, "")
    assert b"size" in project.generated()["messages.py"]
    assert project.run("--check") == 0
    assert capsys.readouterr() == (line, "")


def test_breaking_changes_are_accepted_on_demand(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """The acceptance is recorded beside the proto: later checks pass, and reviewers see it."""
    project.write(SWAPPED)
    assert project.run("--allow-breaking") == 0
    assert capsys.readouterr().err == ""
    assert json.loads(project.released.read_text(encoding="utf-8"))["accepted"] == [
        "enum value Right.RIGHT_READ was 1 and is now 2",
        "enum value Right.RIGHT_MODIFY was 2 and is now 1",
    ]
    assert project.run("--check") == 0
    assert capsys.readouterr().out.count("accepted: small.proto:") == 2


def test_an_acceptance_covers_no_other_change(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """A breaking change that comes later is refused."""
    project.write(SWAPPED)
    assert project.run("--allow-breaking") == 0
    project.write(edited(SWAPPED, ("string name", "bytes name")))
    assert project.run() == 1
    (breaking, summary) = capsys.readouterr().err.splitlines()
    assert "field Thing.name was string and is now bytes" in breaking
    assert summary.startswith("1 change breaks the released contract")


def test_an_acceptance_ends_with_its_change(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--check` reports an acceptance that is no longer needed, and the generator removes it."""
    before = project.released.read_bytes()
    project.write(SWAPPED)
    assert project.run("--allow-breaking") == 0
    project.write(SMALL)
    assert project.run("--check") == 1
    assert "accepts what is no longer so: enum value Right.RIGHT_READ" in capsys.readouterr().err
    assert project.run() == 0
    assert project.released.read_bytes() == before


def test_check_can_allow_breaking_changes(project: Project) -> None:
    """It records nothing."""
    project.write(SWAPPED)
    assert project.run() == 1
    assert project.run("--allow-breaking", "--check") == 1, "the code is outdated"
    before = project.released.read_bytes()
    assert project.run("--allow-breaking") == 0
    project.released.write_bytes(before)
    assert project.run("--allow-breaking", "--check") == 0
    assert project.released.read_bytes() == before


def test_a_release_starts_anew(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """What was added or accepted before is the released contract afterwards."""
    project.write(edited(SWAPPED, ("Right right = 2;", "Right right = 2;\n  uint32 size = 3;")))
    assert project.run("--release") == 1, "breaking changes have to be accepted first"
    assert project.run("--release", "--allow-breaking") == 0
    capsys.readouterr()
    assert project.run("--check") == 0
    assert capsys.readouterr() == ("", "")
    assert "accepted" not in project.released.read_text(encoding="utf-8")


def test_without_a_release_nothing_is_compared(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """A proto that was never released changes freely."""
    project.released.unlink()
    project.write(SWAPPED)
    assert project.run() == 0
    assert capsys.readouterr() == ("", "")
    assert not project.released.exists()


def test_a_release_has_facts_only(tmp_path: Path) -> None:
    """The file is a FileDescriptorSet in JSON, with one field on a line and without comments."""
    path = tmp_path / "lab.released.json"
    text = edited(
        LAB,
        ("package lab.v1;", 'package lab.v1;\noption java_package = "secret";'),
        ("string id = 1;\n  int32", "// A remark.\n  string id = 1;\n  int32"),
        ("active = 10;", "active = 10 [deprecated = true];"),
    )
    write_released(path, text)
    written = path.read_text(encoding="utf-8")
    assert "remark" not in written
    assert "secret" not in written
    assert '"deprecated": true' in written
    (line,) = (line for line in written.splitlines() if '"active"' in line)
    assert '"number": 10' in line
    assert ParseDict(json.loads(written), FileDescriptorSet()).file[0].package == "lab.v1"
    release = read_release(path)
    assert release is not None
    assert describe(release.descriptors) == describe(compiled(text))


def test_a_release_does_not_depend_on_comments_or_layout(tmp_path: Path) -> None:
    """The text is the same if only what nobody sees has changed."""
    one, other = tmp_path / "one", tmp_path / "other"
    write_released(one)
    write_released(other, edited(LAB, ("message Ask {", "// Asks.\n\nmessage Ask   {")))
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "<<<<<<<", '{"file": 1}', '{"file": [{"nam": "x"}]}', '"text"', "1"]
)
def test_a_broken_release_is_one_sentence(
    text: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file is named, and nothing is generated."""
    project.released.write_text(text, encoding="utf-8")
    project.write(GROWN)
    with pytest.raises(ReleaseError, match="this is not a released contract"):
        read_release(project.released)
    assert project.run() == 1
    error = capsys.readouterr().err
    assert error.startswith(f"{project.released}: this is not a released contract")
    assert b"size" not in project.generated()["messages.py"]
