"""The folder with the recordings."""

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mirastack_sdk._runtime.recording.recording_folder import RecordingFolder, file_name

START = datetime(2026, 4, 8, 12, tzinfo=UTC)


def name(number: int) -> str:
    return file_name(START + timedelta(seconds=number), "search", f"e{number}")


def folder(path: Path, *, files: int = 3, size: int = 10_000) -> RecordingFolder:
    return RecordingFolder(str(path), most_files=files, most_bytes=size)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    """The folder has mode 0700 and each file 0600, whatever the umask allows."""
    before = os.umask(0)
    try:
        folder(tmp_path / "a" / "b").write(name(1), "{}")
    finally:
        os.umask(before)
    assert mode(tmp_path / "a" / "b") == 0o700
    assert mode(tmp_path / "a" / "b" / name(1)) == 0o600


def test_the_oldest_are_removed(tmp_path: Path) -> None:
    """There are never more files than allowed."""
    for number in range(5):
        folder(tmp_path).write(name(number), "{}")
    assert sorted(path.name for path in tmp_path.iterdir()) == [name(2), name(3), name(4)]


def test_all_files_together_have_a_largest_size(tmp_path: Path) -> None:
    """The oldest make room; the newest stays even if it is larger than that alone."""
    for number in range(3):
        folder(tmp_path, size=100).write(name(number), "x" * 45)
    assert sorted(path.name for path in tmp_path.iterdir()) == [name(1), name(2)]
    folder(tmp_path, size=100).write(name(3), "x" * 200)
    assert [path.name for path in tmp_path.iterdir()] == [name(3)]


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    """Only recordings are removed: the folder may be a shared one."""
    others = ["a.json", "20260408T120000.000000Z.json", "incident.json", "z.txt"]
    for other in others:
        (tmp_path / other).write_text("mine")
    (tmp_path / f"{name(0)}.bak").write_text("mine")
    (tmp_path / name(7)).mkdir()
    for number in range(5):
        folder(tmp_path, files=1).write(name(number), "{}")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*others, f"{name(0)}.bak", name(4), name(7)}


def test_what_was_not_finished_is_removed(tmp_path: Path) -> None:
    """A killed process leaves a part of a file; what is being written stays."""
    old, new = tmp_path / f".{name(1)}.17", tmp_path / f".{name(2)}.17"
    for path in (old, new):
        path.write_text("{")
    os.utime(old, (0, 0))
    folder(tmp_path).remove_unfinished()
    assert list(tmp_path.iterdir()) == [new]


def test_a_file_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk there is no half of a recording."""

    def full(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        folder(tmp_path).write(name(1), "{}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("action", "execution", "expected"),
    [
        ("find_spikes", "5f0c-1", "find_spikes-5f0c-1"),
        ("", "", "none-none"),
        ("../../etc/passwd", "a/b\0c", "etc-passwd-a-b-c"),
        ("ünï", "x" * 300, f"n-{'x' * 40}"),
    ],
)
def test_names_are_safe(action: str, execution: str, expected: str) -> None:
    """Whatever the engine names an action, the file is in the folder."""
    assert file_name(START, action, execution) == f"20260408T120000.000000Z-{expected}.json"


def test_many_writes_stay_within_the_limit(tmp_path: Path) -> None:
    """Although not every write looks at all files."""
    writer = folder(tmp_path, files=100, size=100_000)
    for number in range(250):
        writer.write(name(number), "{}")
        assert len(list(tmp_path.iterdir())) <= 100
    for number in range(250, 270):
        writer.write(name(number), "x" * 10_000)
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 110_000
