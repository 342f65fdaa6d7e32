"""The format of generated modules, which is that of the project: ruff's."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

_OPTIONS = (
    *("--isolated", "--no-cache", "--quiet", "--line-length", "100"),
    *("--config", "format.skip-magic-trailing-comma = true"),
    *("--config", "lint.isort.split-on-trailing-comma = false"),
)


def formatted(modules: Mapping[str, str]) -> dict[str, str]:
    """Return modules, by their paths, as ruff formats them."""
    with TemporaryDirectory() as folder:
        for name, text in modules.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        subprocess.run(  # noqa: S603 - a fixed command whose argument is a folder of ours
            [sys.executable, "-m", "ruff", "format", *_OPTIONS, folder], check=True
        )
        return {name: Path(folder, name).read_text(encoding="utf-8") for name in modules}
