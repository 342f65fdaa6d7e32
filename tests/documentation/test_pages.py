"""The pages of this repository: their code runs, their links and commands exist."""

import re
from pathlib import Path

import pytest

from tests.documentation.documentation import REPOSITORY
from tests.documentation.markdown import (
    blocks_of,
    has_other_blocks,
    run_module,
    run_pytest,
    write_blocks,
)
from tests.typing.checkers import MYPY_CACHE

PAGES = {
    "README.md": 3,
    "docs/actions.md": 13,
    "docs/agent-config.md": 3,
    "docs/cli.md": 1,
    "docs/coming-from.md": 1,
    "docs/dependencies.md": 2,
    "docs/logging.md": 1,
    "docs/migrating.md": 2,
    "docs/record-replay.md": 1,
    "docs/routing.md": 1,
    "docs/security.md": 1,
    "docs/standard-suite.md": 12,
    "docs/testing.md": 9,
}
"""The pages with code, and the number of tests in their blocks."""

ALL_PAGES = [
    path
    for folder in ("", "docs", "examples", "stubs", "tests/golden")
    for path in sorted((REPOSITORY / folder).glob("*.md"))
]
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest) -> str:
    """Each page in turn."""
    name: str = request.param
    return name


@pytest.fixture
def folder(page: str, tmp_path: Path) -> Path:
    """The page's blocks as files."""
    write_blocks(REPOSITORY / page, tmp_path)
    return tmp_path


def test_no_page_with_code_is_left_out() -> None:
    """Every page with Python blocks is tested."""
    pages = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("**/*.md")]
    with_code = {str(path.relative_to(REPOSITORY)) for path in pages if blocks_of(path)}
    assert with_code == set(PAGES)


def test_every_block_is_python(page: str) -> None:
    """A page has no blocks of other languages, which nothing would test."""
    assert not has_other_blocks(REPOSITORY / page)


def test_every_block_passes_strict_checking(folder: Path) -> None:
    """Every block passes `mypy --strict`."""
    files = [path.name for path in sorted(folder.glob("*.py"))]
    done = run_module(folder, "mypy", "--strict", "--cache-dir", str(MYPY_CACHE), *files)
    assert done.returncode == 0, done.stdout


def test_the_pages_tests_pass(page: str, folder: Path) -> None:
    """The page's tests pass with plain `pytest` and no configuration."""
    done = run_pytest(folder)
    assert done.returncode == 0, done.stdout
    assert f"{PAGES[page]} passed" in done.stdout


@pytest.mark.parametrize("path", ALL_PAGES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_and_commands_exist(path: Path) -> None:
    """Every relative link leads to a file and heading, and every `make` command is a target."""
    text = path.read_text(encoding="utf-8")
    broken = []
    for target in re.findall(r"\]\((?!http)([^)]+)\)", text):
        name, _, anchor = target.partition("#")
        linked = (path.parent / name) if name else path
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            broken.append(target)
    assert broken == []
    commands = re.findall(r"`make ([\w-]+)`", text)
    assert [name for name in commands if f"\n{name}:" not in MAKEFILE] == []


def test_every_page_is_linked() -> None:
    """Readers find each page of docs/ from the README or from CONTRIBUTING.md."""
    names = ("README.md", "CONTRIBUTING.md")
    entries = "".join((REPOSITORY / name).read_text(encoding="utf-8") for name in names)
    pages = (path.name for path in (REPOSITORY / "docs").glob("*.md"))
    assert [name for name in pages if f"(docs/{name})" not in entries] == []
