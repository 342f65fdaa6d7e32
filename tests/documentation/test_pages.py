"""Every code block of this repository's pages is typed and runs."""

from pathlib import Path

import pytest

from tests.documentation.documentation import REPOSITORY
from tests.documentation.markdown import blocks_of, has_other_blocks, run_module, write_blocks
from tests.typing.checkers import MYPY_CACHE

PAGES = {
    "README.md": 4,
    "docs/actions.md": 8,
    "docs/agent-config.md": 3,
    "docs/coming-from.md": 1,
    "docs/dependencies.md": 1,
    "docs/security.md": 1,
    "docs/testing.md": 7,
}
"""Each page with code, and how many tests its blocks hold."""


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest) -> str:
    """Each page in turn."""
    name: str = request.param
    return name


@pytest.fixture
def folder(page: str, tmp_path: Path) -> Path:
    """Every block of the page as a file."""
    write_blocks(REPOSITORY / page, tmp_path)
    return tmp_path


def test_no_page_with_code_is_left_out() -> None:
    """A page that holds Python is tested here; CONTRIBUTING's block is a drawing."""
    pages = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("**/*.md")]
    with_code = {str(path.relative_to(REPOSITORY)) for path in pages if blocks_of(path)}
    assert with_code == set(PAGES)


def test_every_block_is_python(page: str) -> None:
    """No block of another language stands there untested."""
    assert not has_other_blocks(REPOSITORY / page)


def test_every_block_passes_strict_checking(folder: Path) -> None:
    """`mypy --strict` has nothing to say of any block."""
    files = [path.name for path in sorted(folder.glob("*.py"))]
    done = run_module(folder, "mypy", "--strict", "--cache-dir", str(MYPY_CACHE), *files)
    assert done.returncode == 0, done.stdout


def test_the_pages_tests_pass(page: str, folder: Path) -> None:
    """The page's tests run with `pytest` and nothing configured."""
    done = run_module(folder, "pytest", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout
    assert f"{PAGES[page]} passed" in done.stdout
