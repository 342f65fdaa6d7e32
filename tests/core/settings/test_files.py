"""Files that settings name are read whole, read again when they change, or refused by name."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mirastack_sdk._core.settings.process_settings import VARIABLES, Settings
from mirastack_sdk._files.named_file import NamedFile, read_secret
from mirastack_sdk._files.reloaded_files import ReloadedFiles
from mirastack_sdk.errors import ConfigurationError

SECRET_VARIABLES = [variable for variable in VARIABLES if variable.secret]


def secret_in(path: Path) -> str:
    """The secret in a file, which a setting names."""
    return read_secret(NamedFile("SHELF_TOKEN_FILE", str(path)))


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (b"s3cret", "s3cret"),
        (b"s3cret\n", "s3cret"),
        (b"s3cret\r\n", "s3cret"),
        (b"s3cret\n\n", "s3cret\n"),
        (b" s3cret \n", " s3cret "),
        ("gehéim\n".encode(), "gehéim"),
        (b"two\nlines\n", "two\nlines"),
    ],
)
def test_one_line_break_at_the_end_is_not_part_of_the_secret(
    tmp_path: Path, content: bytes, secret: str
) -> None:
    """Editors and `echo` write one; everything else is the secret, blanks included."""
    file = tmp_path / "token"
    file.write_bytes(content)
    assert secret_in(file) == secret


def make_pipe(path: Path) -> None:
    """A pipe that nobody writes to."""
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: None, "there is no file {}"),
        (lambda path: path.write_bytes(b""), "{} is empty"),
        (lambda path: path.write_bytes(b" \n"), "{} is empty"),
        (lambda path: path.write_bytes(b"s3cret-\xff"), "{} is not UTF-8 text"),
        (lambda path: path.write_bytes(b"s" * ((4 << 20) + 1)), "{} is larger than 4 MiB"),
        (lambda path: path.mkdir(), "{} cannot be read: Is a directory"),
        (make_pipe, "{} is not a regular file"),
        (lambda path: path.symlink_to(path), "{} cannot be read: Too many levels of symbolic"),
        (lambda path: path.symlink_to("nowhere"), "there is no file {}"),
    ],
    ids=["missing", "empty", "blank", "bytes", "large", "folder", "pipe", "loop", "dangling"],
)
def test_a_file_without_a_secret_is_refused(
    tmp_path: Path, make: Callable[[Path], object], problem: str
) -> None:
    """One sentence names the variable and the path, and never shows the content."""
    file = tmp_path / "token"
    make(file)
    with pytest.raises(ConfigurationError) as caught:
        secret_in(file)
    sentence = str(caught.value)
    assert sentence.startswith(f"SHELF_TOKEN_FILE: {problem.format(file)}")
    assert "s3cret" not in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("path", "shown"), [("/no\nwhere", "'/no\\nwhere'"), ("/no\0where", "'/no\\x00where'")]
)
def test_a_path_that_cannot_be_printed_is_escaped(path: str, shown: str) -> None:
    """The sentence stays on one line."""
    with pytest.raises(ConfigurationError) as caught:
        read_secret(NamedFile("SHELF_TOKEN_FILE", path))
    assert shown in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_refused_file_stays_open_nowhere(tmp_path: Path) -> None:
    """However often a file is refused, no descriptor is left."""
    make_pipe(tmp_path / "pipe")
    before = len(os.listdir("/proc/self/fd"))
    for name in ["", "pipe"] * 50:
        with pytest.raises(ConfigurationError):
            secret_in(tmp_path / name)
    assert len(os.listdir("/proc/self/fd")) == before


def mounted(folder: Path, secret: str) -> Path:
    """A folder of secrets as Kubernetes mounts it: links lead through `..data` to the files."""
    version = folder / "..version_1"
    version.mkdir()
    (version / "token").write_text(secret)
    (folder / "..data").symlink_to(version.name)
    (folder / "token").symlink_to("..data/token")
    return folder / "token"


def swap(folder: Path, secret: str) -> None:
    """Change the secret as the kubelet does: one rename makes all links lead to a new folder."""
    version = folder / "..version_2"
    version.mkdir()
    (version / "token").write_text(secret)
    (folder / "..data_tmp").symlink_to(version.name)
    (folder / "..data_tmp").rename(folder / "..data")


def rename_over(folder: Path, secret: str) -> None:
    """Change the secret as editors do: a new file takes its place."""
    (folder / "new").write_text(secret)
    (folder / "new").rename(folder / "token")


def write_in_place(folder: Path, secret: str) -> None:
    """Change the secret as a shell does."""
    (folder / "token").write_text(secret)


@pytest.mark.parametrize("change", [swap, rename_over, write_in_place])
def test_a_changed_file_is_read_again(tmp_path: Path, change: Callable[[Path, str], None]) -> None:
    """However it is changed, the next look finds the new content."""
    file = mounted(tmp_path, "first")
    reloaded = ReloadedFiles([str(file)], lambda: secret_in(file))
    assert reloaded.current() == "first"
    change(tmp_path, "second secret")
    assert reloaded.current() == "second secret"


def test_a_file_that_is_gone_for_a_while_keeps_its_content(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """There is one warning, and the next content counts again."""
    file = tmp_path / "token"
    file.write_text("first")
    reloaded = ReloadedFiles([str(file)], lambda: secret_in(file))
    file.unlink()
    assert [reloaded.current() for _ in range(3)] == ["first"] * 3
    assert caplog.text.count("the previous content stays in use") == 1
    file.write_text("second")
    assert reloaded.current() == "second"


@pytest.mark.parametrize("variable", SECRET_VARIABLES, ids=lambda variable: variable.name)
def test_each_secret_can_be_in_a_file(variable: object, tmp_path: Path) -> None:
    """Its variable has a neighbour that names a file, and only one of them may be set."""
    name = next(found.name for found in SECRET_VARIABLES if found is variable)
    assert f"{name}_FILE" in {found.name for found in VARIABLES}
    environ = {name: "s3cret", f"{name}_FILE": str(tmp_path / "token")}
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_mapping(environ)
    lines = str(caught.value).splitlines()
    assert f"{name} and {name}_FILE exclude each other: set one" in lines
    assert "s3cret" not in str(caught.value)
