"""A copy of the repository in which files may change: the working tree never does."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
# What make tells its own, and what would have every trial compile everything again.
_LEFT_OUT = frozenset({"MAKEFLAGS", "PYTHONDONTWRITEBYTECODE"})
_FIRST_TIME = 1_000_000_000


@dataclass(slots=True, kw_only=True)
class Workspace:
    """A copy of the files that git knows or would add, in a folder that the caller removes."""

    root: Path
    _writes: int = 0

    @property
    def temporary(self) -> Path:
        """Where tests put what they write."""
        return self.root.parent / "tmp"

    @property
    def output(self) -> Path:
        """What the tests printed last."""
        return self.root.parent / "output"

    def environ(self) -> dict[str, str]:
        """The environment in which the copy is tested: its packages come before the installed."""
        return {
            **{name: value for name, value in os.environ.items() if name not in _LEFT_OUT},
            "PYTHONPATH": os.pathsep.join(self.import_paths()),
            "TMPDIR": str(self.temporary),
        }

    def import_paths(self) -> list[str]:
        """Where the copy's packages are."""
        return [str(self.root / "src"), str(self.root)]

    def write(self, path: str, text: str) -> None:
        """Replace a file.

        Compiled code is found by the time of its source in seconds and by its size, so each
        replacement gets a time of its own.
        """
        target = self.root / path
        target.write_text(text, encoding="utf-8")
        self._writes += 1
        os.utime(target, (_FIRST_TIME + self._writes, _FIRST_TIME + self._writes))


def copy_repository(folder: Path, repository: Path = REPOSITORY) -> Workspace:
    """Copy the repository, with changes that are not committed, into a folder."""
    workspace = Workspace(root=folder / "copy")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git from PATH
        cwd=repository,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (repository / name).is_file():
            target = workspace.root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(repository / name, target)
    workspace.temporary.mkdir()
    return workspace


def use_copy(workspace: Workspace) -> None:
    """Let this process import from the copy, and from it only."""
    os.chdir(workspace.root)
    sys.dont_write_bytecode = False
    environ = workspace.environ()
    os.environ.clear()
    os.environ.update(environ)
    others = [path for path in sys.path if not _is_working_tree(path)]
    sys.path[:] = [*workspace.import_paths(), *others]


def _is_working_tree(path: str) -> bool:
    folder = Path(path or os.curdir).resolve()
    return folder in (REPOSITORY, REPOSITORY / "src", REPOSITORY / "scripts")
