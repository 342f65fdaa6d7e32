"""`python -m codegen` writes the generated package; `--check` only reports differences."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.__main__ import main
from tests.golden.google import CONTRACT, REPOSITORY

GENERATED = REPOSITORY / "src" / "mirastack_sdk" / "_gen"
SMALL = """
syntax = "proto3";
// A colour.
enum Colour { COLOUR_NO = 0; }
message Thing { string name = 1; map<string, Thing> things = 2; repeated Colour colours = 3; }
service ThingService { rpc Get(Thing) returns (Thing); }
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the options that name a small proto file."""
    root = tmp_path_factory.mktemp("proto")
    (root / "small.proto").write_text(SMALL, encoding="utf-8")
    return ["--proto-root", str(root), "--proto", "small.proto"]


@pytest.fixture
def folder(small: list[str], tmp_path: Path) -> Path:
    """Return a folder with the code that is generated from the small proto file."""
    assert main([*small, "--output", str(tmp_path / "generated")]) == 0
    return tmp_path / "generated"


def test_help_explains_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    """Each option has a text, which says what `--check` leaves alone."""
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "--check write nothing; fail if a generated file differs" in shown
    assert "--release record the contract as released" in shown
    assert "--allow-breaking accept changes that break" in shown


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.py")}


def test_the_committed_code_is_what_the_proto_gives(capsys: pytest.CaptureFixture[str]) -> None:
    """No file of the package is outdated or edited by hand."""
    assert main(["--check"]) == 0, capsys.readouterr().err


def test_generating_twice_gives_the_same(small: list[str], folder: Path, tmp_path: Path) -> None:
    """The output depends only on the proto, not on the process, its hashes or the folder."""
    subprocess.run(
        [sys.executable, "-m", "codegen", *small, "--output", str(tmp_path / "again")],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONHASHSEED": "1"},
        check=True,
    )
    assert _contents(tmp_path / "again") == _contents(folder)


def test_check_accepts_current_code(
    small: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no output, and the status is 0."""
    assert main([*small, "--check", "--output", str(folder)]) == 0
    assert capsys.readouterr() == ("", "")


def test_check_lists_what_differs_and_writes_nothing(
    small: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Changed, missing and left-over files are reported and stay as they are."""
    (folder / "messages.py").write_bytes(b"\xff changed\n")
    (folder / "services.py").rename(folder / "old.py")
    before = _contents(folder)
    assert main([*small, "--check", "--output", str(folder)]) == 1
    assert _contents(folder) == before
    assert capsys.readouterr().err.splitlines() == [
        f"{folder / 'services.py'}: missing; run `python -m codegen`",
        f"{folder / 'messages.py'}:1: the file is not Python; run `python -m codegen`",
        f"{folder / 'old.py'}: no longer generated; run `python -m codegen`",
    ]


def test_check_of_a_folder_that_is_not_there(
    small: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every file is missing, and no folder is created."""
    assert main([*small, "--check", "--output", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err.count("missing") == 5
    assert not (tmp_path / "none").exists()


def test_generating_repairs_whatever_differs(small: list[str], folder: Path) -> None:
    """Afterwards the folder contains the generated modules and no others."""
    before = _contents(folder)
    (folder / "messages.py").write_text("<<<<<<< not Python\n", encoding="utf-8")
    (folder / "services.py").rename(folder / "old.py")
    assert main([*small, "--output", str(folder)]) == 0
    assert _contents(folder) == before


def test_files_of_others_are_left_alone(small: list[str], folder: Path) -> None:
    """Only files that the generator wrote from the same proto are reported or removed."""
    own = folder / "own.py"
    own.write_text("mine = 1\n", encoding="utf-8")
    (folder / "deep").mkdir()
    (folder / "deep" / "notes.txt").write_text("mine", encoding="utf-8")
    other = (folder / "messages.py").read_text("utf-8").replace("small.proto", "other.proto")
    (folder / "other.py").write_text(other, encoding="utf-8")
    assert main([*small, "--check", "--output", str(folder)]) == 0
    assert main([*small, "--output", str(folder)]) == 0
    assert {path.name for path in folder.glob("*")} >= {"own.py", "deep", "other.py"}


def test_generating_needs_no_generated_code(small: list[str], folder: Path, tmp_path: Path) -> None:
    """The generator works even if the package cannot be imported."""
    wire = Path("src", "mirastack_sdk", "_wire")
    shutil.copytree(REPOSITORY / "codegen", tmp_path / "codegen")
    shutil.copytree(REPOSITORY / wire, tmp_path / wire)
    broken = tmp_path / wire.parent / "__init__.py"
    broken.write_text("raise ImportError\n", encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "codegen", *small],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
        check=True,
    )
    assert _contents(tmp_path / wire.parent / "_gen") == _contents(folder)


def test_an_empty_proto_gives_importable_code(tmp_path: Path) -> None:
    """An empty proto does not lead to syntax errors."""
    (tmp_path / "empty.proto").write_text('syntax = "proto3";\n', encoding="utf-8")
    options = ["--proto-root", str(tmp_path), "--proto", "empty.proto"]
    assert main([*options, "--output", str(tmp_path)]) == 0
    for name, text in _contents(tmp_path).items():
        compile(text, name, "exec")


def test_a_refusal_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A proto that is refused ends with status 1 and a line for each reason, not a traceback."""
    (tmp_path / "test.proto").write_text('syntax = "proto2";\n', "utf-8")
    options = ["--proto-root", str(tmp_path), "--proto", "test.proto", "--output", str(tmp_path)]
    assert main(options) == 1
    assert capsys.readouterr().err.startswith("test.proto:1: the file: only proto3 is supported")


def test_generated_files_say_so() -> None:
    """Each file names the proto that it was made from, and the command."""
    for name, text in _contents(GENERATED).items():
        assert b"`make codegen`" in text, name
    assert CONTRACT[1].as_posix().encode() in _contents(GENERATED)["messages.py"]
