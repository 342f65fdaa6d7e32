"""The watcher finds out which sources of an agent have changed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from mirastack_sdk._cli.dev import source_watcher
from mirastack_sdk._cli.dev.source_watcher import SourceWatcher, forget_compiled, package_folder


async def changes_after(watcher: SourceWatcher, change: Callable[[], object]) -> set[str]:
    """The names of the files in the first report after a change."""
    async with aclosing(watcher.changes()) as reports:
        first = asyncio.ensure_future(anext(reports))
        change()
        async with asyncio.timeout(60):
            return {Path(path).name for path in await first}


async def test_a_changed_a_new_and_a_deleted_file_are_reported(tmp_path: Path) -> None:
    """Each is a reason to load the agent again."""
    (tmp_path / "a.py").write_text("1")
    watcher = SourceWatcher(str(tmp_path))
    assert await changes_after(watcher, lambda: (tmp_path / "a.py").write_text("12")) == {"a.py"}
    assert await changes_after(watcher, lambda: (tmp_path / "b.py").write_text("1")) == {"b.py"}
    assert await changes_after(watcher, (tmp_path / "a.py").unlink) == {"a.py"}


async def test_what_is_no_source_is_not_reported(tmp_path: Path) -> None:
    """Neither other files, nor caches, hidden folders and virtual environments."""
    ignored = ["notes.txt", "__pycache__/a.py", ".git/a.py", "env/a.py", "node_modules/a.py"]
    for name in ignored:
        (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / "env" / "pyvenv.cfg").touch()
    watcher = SourceWatcher(str(tmp_path))

    def change() -> None:
        for name in ignored:
            (tmp_path / name).write_text("1")
        (tmp_path / "prompt.tmpl").write_text("1")

    assert await changes_after(watcher, change) == {"prompt.tmpl"}


async def test_a_file_in_a_new_folder_is_reported(tmp_path: Path) -> None:
    """Folders that are made later are watched as well."""
    watcher = SourceWatcher(str(tmp_path))

    def change() -> None:
        (tmp_path / "new" / "deep").mkdir(parents=True)
        (tmp_path / "new" / "deep" / "a.py").write_text("1")

    assert await changes_after(watcher, change) == {"a.py"}


async def test_added_files_are_watched_with_their_package(tmp_path: Path) -> None:
    """An imported module of another folder counts, and so do those beside it."""
    (tmp_path / "mine").mkdir()
    package = tmp_path / "other" / "package" / "inner"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    watcher = SourceWatcher(str(tmp_path / "mine"))
    watcher.add([str(package / "__init__.py")])
    change = package.parent / "sibling.py"
    assert await changes_after(watcher, lambda: change.write_text("1")) == {"sibling.py"}


@pytest.mark.parametrize("failure", [OSError("no more watches"), RuntimeError("rust")])
async def test_without_the_systems_reports_it_looks_by_itself(
    tmp_path: Path, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the system cannot watch the folders, changes are found nevertheless, only later."""

    def cannot_watch(*_: object, **__: object) -> AsyncIterator[None]:
        raise failure

    monkeypatch.setattr(source_watcher, "awatch", cannot_watch)
    monkeypatch.setattr(source_watcher, "_LOOK_AGAIN_MS", 10)
    watcher = SourceWatcher(str(tmp_path))
    assert await changes_after(watcher, lambda: (tmp_path / "a.py").write_text("1")) == {"a.py"}


def test_the_folder_of_a_package_is_the_outermost(tmp_path: Path) -> None:
    """A module in a package may use all of it; a script stands for its folder."""
    inner = tmp_path / "package" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "package" / "__init__.py").touch()
    (inner / "__init__.py").touch()
    assert package_folder(str(inner / "a.py")) == str(tmp_path / "package")
    assert package_folder(str(tmp_path / "script.py")) == str(tmp_path)


def test_compiled_code_of_changed_files_is_deleted(tmp_path: Path) -> None:
    """A file without compiled code, or one that is no Python, does not matter."""
    compiled = Path(cache_from_source(str(tmp_path / "a.py")))
    compiled.parent.mkdir()
    compiled.touch()
    forget_compiled([str(tmp_path / name) for name in ("a.py", "b.py", "c.tmpl", "d")])
    assert not compiled.exists()


def test_a_huge_tree_is_watched_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent in somebody's home folder does not make `dev` look through all of it."""
    monkeypatch.setattr(source_watcher, "_MOST_FOLDERS", 3)
    for number in range(5):
        (tmp_path / f"f{number}").mkdir()
        (tmp_path / f"f{number}" / "a.py").touch()
    watcher = SourceWatcher(str(tmp_path))
    assert len(watcher._folders()) == 3  # noqa: SLF001 - what it watches is visible nowhere else
