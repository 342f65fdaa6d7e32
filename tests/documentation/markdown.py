"""The code blocks of this repository's pages, as files."""

import re
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FOREIGN_BLOCK = re.compile(
    r"^```python (?P<library>\w+)\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE
)
FENCE = re.compile(r"^```.*$", re.MULTILINE)
FIRST_LINE = re.compile(r"# (?P<file>\w+\.py)\n")


def blocks_of(page: Path) -> list[str]:
    """Return the Python blocks of a page in order."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def foreign_blocks_of(page: Path, library: str) -> list[str]:
    """Return the blocks for another library, which need not be installed."""
    found = FOREIGN_BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [block["code"] for block in found if block["library"] == library]


def has_other_blocks(page: Path) -> bool:
    """Whether a page has blocks that are not Python, which no test would run."""
    text = page.read_text(encoding="utf-8")
    known = len(BLOCK.findall(text)) + len(FOREIGN_BLOCK.findall(text))
    return len(FENCE.findall(text)) != 2 * known


def write_blocks(page: Path, folder: Path) -> None:
    """Write every block to a file named after its first line or its number."""
    for number, block in enumerate(blocks_of(page)):
        named = FIRST_LINE.match(block)
        name = named["file"] if named else f"block_{number}.py"
        (folder / name).write_text(block, encoding="utf-8")


def run_pytest(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run plain `pytest` in the folder, without what only this repository has or needs."""
    return run_module(folder, "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")


def run_module(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Python module in the folder with the blocks."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
