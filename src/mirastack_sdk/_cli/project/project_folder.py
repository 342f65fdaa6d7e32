"""The folder of a new project, which is written completely or not at all."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.exit_status import ExitStatus


def write_project(folder: Path, files: Mapping[str, str]) -> None:
    """Write files into a folder that is new or empty.

    Raises `CommandError` if the folder is neither, or cannot be written. After any error, Ctrl-C
    included, what was written is removed.
    """
    _check_free(folder)
    made: list[Path] = []
    try:
        for path, text in files.items():
            _make_folders((folder / path).parent, made)
            _write_new(folder / path, text, made)
    except OSError as error:
        _remove(made)
        raise CommandError(
            f"{error.filename or folder} cannot be written: {error.strerror}",
            status=ExitStatus.FAILURE,
        ) from error
    except BaseException:
        _remove(made)
        raise


def _check_free(folder: Path) -> None:
    if os.path.lexists(folder) and not folder.is_dir():
        raise CommandError(f"{folder} exists already, and is not a folder")
    try:
        is_taken = folder.is_dir() and any(folder.iterdir())
    except OSError as error:
        raise CommandError(f"{folder} cannot be read: {error.strerror}") from error
    if is_taken:
        raise CommandError(
            f"{folder} exists already, and is not empty: choose another folder with --dir"
        )


def _make_folders(folder: Path, made: list[Path]) -> None:
    if not folder.is_dir():
        _make_folders(folder.parent, made)
        folder.mkdir()
        made.append(folder)


def _write_new(path: Path, text: str, made: list[Path]) -> None:
    with path.open("x", encoding="utf-8", newline="\n") as file:
        made.append(path)
        file.write(text)


def _remove(made: list[Path]) -> None:
    for path in reversed(made):
        # Others may have put something into the folder by now, which stays.
        with suppress(OSError):
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink()
