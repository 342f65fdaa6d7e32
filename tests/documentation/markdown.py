"""The code blocks of this repository's own pages, as the files that a reader would make of them."""

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
    """The Python blocks of a page, in order."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def foreign_blocks_of(page: Path, library: str) -> list[str]:
    """The blocks that show another library, which need not be installed, in order."""
    found = FOREIGN_BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [block["code"] for block in found if block["library"] == library]


def has_other_blocks(page: Path) -> bool:
    """Whether a page holds a block of anything but Python, which nothing would test."""
    text = page.read_text(encoding="utf-8")
    known = len(BLOCK.findall(text)) + len(FOREIGN_BLOCK.findall(text))
    return len(FENCE.findall(text)) != 2 * known


def write_blocks(page: Path, folder: Path) -> None:
    """Write every block as a file: named by its first line, or by its number."""
    for number, block in enumerate(blocks_of(page)):
        named = FIRST_LINE.match(block)
        name = named["file"] if named else f"block_{number}.py"
        (folder / name).write_text(block, encoding="utf-8")


def run_module(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Python module in the folder of the blocks."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
