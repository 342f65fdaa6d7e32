"""The Python interpreters of the systems that need an environment of their own.

The environments are below `.bench` in the repository, and are made again when what they were made
from has changed. Making them takes uv, and for the compiled build also a C compiler and minutes.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.errors import MeasurementError
from benchmarks.generated import REPOSITORY
from benchmarks.systems import System

_FOLDER = REPOSITORY / ".bench"
_SYNC_SECONDS = 300.0
_COMPILE_SECONDS = 1_800.0
_CHECK_SECONDS = 60.0
_PURE_WHEEL = "-none-any.whl"
_MISSING = """\
import importlib.util, sys
print(*(name for name in sys.argv[1:] if importlib.util.find_spec(name) is None))
"""
_VERSION = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"


class Interpreters:
    """Finds the interpreter of each system; `may_build` allows to make environments."""

    def __init__(self, *, may_build: bool = True) -> None:
        self._may_build = may_build
        self._found: dict[_Environment, Path] = {}
        self._unusable: dict[_Environment, str] = {}
        self._missing: dict[tuple[Path, tuple[str, ...]], str] = {}

    def find(self, system: System) -> Path:
        """Return the interpreter of a system.

        Raises `MeasurementError` if it cannot be had, or does not have the needed modules.
        """
        python = self._environment(system)
        wanted = (python, system.needed)
        if wanted not in self._missing:
            self._missing[wanted] = _missing_modules(python, system.needed)
        if missing := self._missing[wanted]:
            raise MeasurementError(f"{missing} is not installed")
        return python

    def package(self, system: System) -> str:
        """Return the name and the version of the package that a system is named after."""
        name = system.interpreter
        return f"{name} {_run(self.find(system), _VERSION, name)}"

    def _environment(self, system: System) -> Path:
        if not system.interpreter:
            return Path(sys.executable)
        tree = Path(system.source) if system.source else REPOSITORY
        wanted = (system.interpreter, tree)
        if wanted in self._unusable:
            raise MeasurementError(self._unusable[wanted])
        if wanted not in self._found:
            try:
                self._found[wanted] = self._made(*wanted)
            except MeasurementError as error:
                self._unusable[wanted] = str(error)
                raise
        return self._found[wanted]

    def _made(self, name: str, tree: Path) -> Path:
        make, sources = _RECIPES[name]
        folder = _FOLDER / (name if tree == REPOSITORY else f"{name}-of-another-revision")
        state = _digest(sources, tree)
        stamp = folder / "made-from"
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != state:
            if not self._may_build:
                raise MeasurementError("a quick run does not build it")
            sys.stderr.write(f"making the environment {folder}\n")
            shutil.rmtree(folder, ignore_errors=True)
            make(folder, tree)
            stamp.write_text(state, encoding="utf-8")
        return folder / "bin" / "python"


def _make_pygrpc_native(folder: Path, tree: Path) -> None:
    _sync(folder, tree, "--only-group", "bench", "--no-install-project")


def _make_compiled(folder: Path, tree: Path) -> None:
    _sync(folder, tree, "--no-default-groups", "--no-install-project", *_speed_extra(tree))
    with tempfile.TemporaryDirectory() as wheels:
        # The compiler reads the types of all that the SDK may import, which is installed here.
        build = ["build", "--wheel", "--no-build-isolation", "--python", sys.executable]
        _uv([*build, "--out-dir", wheels], tree, {"MIRASTACK_COMPILE": "1"}, _COMPILE_SECONDS)
        wheel = next(Path(wheels).glob("*.whl"))
        if wheel.name.endswith(_PURE_WHEEL):
            raise MeasurementError("this revision has no compiled build")
        install = ["pip", "install", "--quiet", "--no-deps", "--python", str(folder), str(wheel)]
        _uv(install, tree, {}, _SYNC_SECONDS)


def _speed_extra(tree: Path) -> list[str]:
    text = (tree / "pyproject.toml").read_text(encoding="utf-8")
    return ["--extra", "speed"] if "\nspeed = [" in text else []


def _sync(folder: Path, tree: Path, *options: str) -> None:
    command = ["sync", "--locked", "--quiet", "--python", sys.executable, *options]
    _uv(command, tree, {"UV_PROJECT_ENVIRONMENT": str(folder)}, _SYNC_SECONDS)


def _uv(arguments: list[str], tree: Path, variables: Mapping[str, str], seconds: float) -> None:
    environ = {name: text for name, text in os.environ.items() if name != "VIRTUAL_ENV"}
    try:
        result = subprocess.run(  # noqa: S603 - the command is our own
            [_uv_program(), *arguments],
            cwd=tree,
            env=environ | dict(variables),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise MeasurementError(f"`uv {arguments[0]}` took more than {seconds:.0f} s") from None
    if result.returncode != 0:
        sys.stderr.write(result.stderr)
        raise MeasurementError(f"`uv {arguments[0]}` has failed: {_first_error(result.stderr)}")


def _first_error(text: str) -> str:
    """Return the line that says most; hints follow it."""
    lines = text.strip().splitlines() or ["it has said nothing"]
    return next((line for line in lines if "error" in line.lower()), lines[-1]).strip()


def _uv_program() -> str:
    """The uv that `scripts/bootstrap` uses."""
    beside = REPOSITORY / ".tools" / "bin"
    homes = [str(Path.home() / ".local" / "bin"), str(Path.home() / ".cargo" / "bin")]
    path = os.pathsep.join([os.environ.get("PATH", ""), str(beside), *homes])
    program = shutil.which("uv", path=path)
    if program is None:
        raise MeasurementError("uv is not installed")
    return program


def _missing_modules(python: Path, names: tuple[str, ...]) -> str:
    return _run(python, _MISSING, *names).replace(" ", " and ") if names else ""


def _run(python: Path, program: str, *arguments: str) -> str:
    result = subprocess.run(  # noqa: S603 - the command is our own
        [python, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=_CHECK_SECONDS,
        check=False,
    )
    return result.stdout.strip()


def _digest(patterns: tuple[str, ...], tree: Path) -> str:
    digest = hashlib.sha256(f"{sys.version}\n{sys.prefix}\n".encode())
    for path in sorted(path for pattern in patterns for path in tree.glob(pattern)):
        digest.update(f"{path.relative_to(tree)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


type _Environment = tuple[str, Path]
type _Make = Callable[[Path, Path], None]

# How each is made, and from which files.
_LOCKED = ("pyproject.toml", "uv.lock")
_RECIPES: Mapping[str, tuple[_Make, tuple[str, ...]]] = {
    "compiled": (_make_compiled, (*_LOCKED, "*.py", "src/**/*.py", "scripts/*.py")),
    "pygrpc-native": (_make_pygrpc_native, _LOCKED),
}
