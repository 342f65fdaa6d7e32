"""The build hook of the compiled wheel; see docs/compiled.md.

With MIRASTACK_COMPILE=1, the wheel also has compiled modules. Without it, the wheel is pure Python,
and so is every editable install.
"""

import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VARIABLE = "MIRASTACK_COMPILE"

# mypyc is part of mypy, and it follows the imports of the SDK.
_COMPILER = ("mypy>=2.0", "setuptools>=75")


def is_wanted(text: str | None) -> bool:
    """Whether the variable asks for compiled modules; raises ValueError for other values."""
    if text not in {None, "", "0", "1"}:
        raise ValueError(f"{VARIABLE} must be 1 (compiled) or 0 (pure Python), got {text!r}")
    return text == "1"


class CompiledWheel(BuildHookInterface[BuilderConfig]):
    """Adds the compiled modules to a wheel, which is then for one platform and one Python."""

    PLUGIN_NAME = "custom"

    _folder: tempfile.TemporaryDirectory[str] | None = None

    def dependencies(self) -> list[str]:
        """Return what compiling needs; a pure wheel needs nothing."""
        if not is_wanted(os.environ.get(VARIABLE)):
            return []
        return [*_COMPILER, *self.metadata.core.dependencies]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, unless the wheel is pure or belongs to an editable install."""
        if version == "editable" or not is_wanted(os.environ.get(VARIABLE)):
            return
        if platform.python_implementation() != "CPython":
            raise RuntimeError(
                f"{VARIABLE}=1 needs CPython, the only Python that mypyc compiles for"
            )
        self._folder = tempfile.TemporaryDirectory(prefix="compiled-wheel-")
        script = Path(self.root, "scripts", "compile_modules.py")
        command = [sys.executable, str(script), self._folder.name]
        subprocess.run(command, cwd=self.root, check=True)  # noqa: S603 - our own script
        libraries = Path(self._folder.name, "lib")
        for file in libraries.rglob("*"):
            if file.is_file():
                build_data["force_include"][str(file)] = str(file.relative_to(libraries))
        build_data.update(pure_python=False, infer_tag=True)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the compiled modules, which the wheel has now."""
        if self._folder is not None:
            self._folder.cleanup()
