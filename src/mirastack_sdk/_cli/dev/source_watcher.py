"""The watcher of an agent's sources: it tells which files have changed."""

import os
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from importlib.util import cache_from_source

from watchfiles import Change, awatch

from mirastack_sdk._runtime.clock import SystemClock

_SUFFIXES = (".py", ".tmpl")
_IGNORED = frozenset({"__pycache__", "node_modules", "site-packages"})
_PACKAGE_FILE = "__init__.py"
_MOST_FOLDERS = 500
# An editor that saves writes several times: wait until it has been quiet for a moment.
_QUIET_MS = 40
_LONGEST_MS = 200
# Where the system reports no changes, as in mounted folders, look for them so often; less often if
# that takes longer.
_LOOK_AGAIN_MS = 400
_LOOK_AGAIN_MS_PER_FOLDER = 2

type _Stamp = tuple[int, int]


class SourceWatcher:
    """Watches Python files and prompt templates in the folders of an agent.

    `root` is a folder; those below it are watched, too, except hidden folders, caches and virtual
    environments. `add` extends that to the folders of other files.
    """

    def __init__(self, root: str) -> None:
        self._roots = {os.path.realpath(root): None}
        self._known = self._stamps()

    def add(self, files: Iterable[str]) -> None:
        """Watch the folders of `files`, and those of whole packages, from the next look on."""
        for file in files:
            self._roots.setdefault(package_folder(file))
        for path, stamp in self._stamps().items():
            self._known.setdefault(path, stamp)

    async def changes(self) -> AsyncGenerator[AbstractSet[str]]:
        """Yield the paths of the files that have changed, whenever some have."""
        while True:
            async with aclosing(self._changes_in(self._folders())) as changes:
                async for changed in changes:
                    yield changed

    async def _changes_in(self, folders: Sequence[str]) -> AsyncGenerator[AbstractSet[str]]:
        """Yield what has changed until other folders than these have to be watched."""
        async with aclosing(_looks(folders)) as looks:
            async for _ in looks:
                if changed := self._changed():
                    yield changed
                if folders != self._folders():
                    return

    def _changed(self) -> AbstractSet[str]:
        """The files that are not as they were. What the system reports only says when to look."""
        known, self._known = self._known, self._stamps()
        paths = known.keys() | self._known.keys()
        return {path for path in paths if known.get(path) != self._known.get(path)}

    def _stamps(self) -> dict[str, _Stamp]:
        return dict(_files_in(self._folders()))

    def _folders(self) -> list[str]:
        folders: dict[str, None] = {}
        for root in self._roots:
            for folder, below, _ in os.walk(root):
                below[:] = sorted(name for name in below if _is_searched(folder, name))
                folders.setdefault(folder)
                if len(folders) >= _MOST_FOLDERS:
                    return list(folders)
        return list(folders)


def package_folder(file: str) -> str:
    """The folder of the package that a file belongs to, or the file's own folder."""
    folder = os.path.dirname(os.path.realpath(file))
    while os.path.isfile(os.path.join(os.path.dirname(folder), _PACKAGE_FILE)):
        folder = os.path.dirname(folder)
    return folder


def forget_compiled(paths: Iterable[str]) -> None:
    """Delete the compiled code of changed files.

    Python compares only the seconds and the size, so a file that was saved twice within a second
    could be loaded as it was before.
    """
    for path in paths:
        try:
            os.unlink(cache_from_source(path))
        except (OSError, NotImplementedError):
            continue


async def _looks(folders: Sequence[str]) -> AsyncGenerator[None]:
    """Say when to look: whenever the system reports something, and now and then."""
    pause = max(_LOOK_AGAIN_MS, _LOOK_AGAIN_MS_PER_FOLDER * len(folders))
    try:
        async for _ in awatch(
            *folders,
            watch_filter=_may_matter,
            debounce=_LONGEST_MS,
            step=_QUIET_MS,
            rust_timeout=pause,
            yield_on_timeout=True,
            recursive=False,
        ):
            yield
    except (OSError, RuntimeError):
        # A folder has just gone, or the system watches no more: look by ourselves.
        await SystemClock().sleep(pause / 1000)
        yield


def _may_matter(_: Change, path: str) -> bool:
    name = os.path.basename(path)
    return name.endswith(_SUFFIXES) or ("." not in name and name not in _IGNORED)


def _is_searched(folder: str, name: str) -> bool:
    is_environment = os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))
    return not name.startswith(".") and name not in _IGNORED and not is_environment


def _files_in(folders: Iterable[str]) -> Iterator[tuple[str, _Stamp]]:
    for folder in folders:
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            if entry.name.endswith(_SUFFIXES) and (stamp := _stamp(entry)) is not None:
                yield entry.path, stamp


def _stamp(entry: os.DirEntry[str]) -> _Stamp | None:
    try:
        found = entry.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
