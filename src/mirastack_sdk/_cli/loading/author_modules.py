"""Imports of the file or module that a target names."""

import os
import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.loading.author_code import load
from mirastack_sdk._cli.loading.target_text import TargetText

_PACKAGE_FILE = "__init__.py"


def imported_module(target: TargetText) -> ModuleType:
    """Import the file or module of a target, or return it if it has been imported already.

    As with `python file.py`, the file's folder is the first place where its imports are looked up;
    the current folder is another. Code below `if __name__ == "__main__":` does not run. Raises
    `CommandError` with the author's frames of the traceback if the import fails.
    """
    if target.path:
        return _imported_file(os.path.realpath(target.path), target.path)
    _make_importable(os.getcwd())
    return load(lambda: _import_by_name(target), f"importing {target.module}")


def _import_by_name(target: TargetText) -> ModuleType:
    try:
        return import_module(target.module)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if not f"{target.module}.".startswith(f"{missing}."):
            raise
        raise CommandError(_no_module(target), status=ExitStatus.NO_AGENT) from error


def _no_module(target: TargetText) -> str:
    file = f"{target.module.replace('.', os.sep)}.py"
    hint = f"; did you mean {file}?" if os.path.isfile(file) else ""
    return f"there is no module {target.module} in the current folder or installed{hint}"


def _imported_file(path: str, shown: str) -> ModuleType:
    folder = os.path.dirname(path)
    root, name = _place_in_package(path)
    for place in (os.getcwd(), root, folder):
        _make_importable(place)
    known = sys.modules.get(name)
    if known is not None and _file_of(known) == path:
        return known
    if root != folder:
        return load(lambda: import_module(name), f"importing {shown}")
    spec = spec_from_file_location(name if known is None else f"_target_{name}", path)
    if spec is None or spec.loader is None:
        raise CommandError(f"{shown} cannot be imported", status=ExitStatus.NO_AGENT)
    return load(lambda: _executed(spec), f"importing {shown}")


def _executed(spec: ModuleSpec) -> ModuleType:
    module = module_from_spec(spec)
    # Dataclasses, pickle and the module's own imports look it up here.
    sys.modules[spec.name] = module
    try:
        assert spec.loader is not None  # noqa: S101 - checked by the caller
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[spec.name]
        raise
    return module


def _place_in_package(path: str) -> tuple[str, str]:
    """The folder from which a file is imported, and its dotted name, in a package or not."""
    folder, name = os.path.dirname(path), os.path.basename(path).removesuffix(".py")
    names = [] if os.path.basename(path) == _PACKAGE_FILE else [name]
    while os.path.isfile(os.path.join(folder, _PACKAGE_FILE)):
        names.insert(0, os.path.basename(folder))
        folder = os.path.dirname(folder)
    return folder, ".".join(names)


def _make_importable(folder: str) -> None:
    if folder in sys.path:
        sys.path.remove(folder)
    sys.path.insert(0, folder)


def _file_of(module: ModuleType) -> str:
    return os.path.realpath(module.__file__ or "")
