"""What holds for every example agent: its size, its docstring, its place in the list."""

import ast
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
AGENTS = sorted(EXAMPLES.glob("*_agent.py"))
TYPED = [path for path in AGENTS if path.stem != "minimal_agent"]
LISTED = (EXAMPLES / "README.md").read_text(encoding="utf-8")


def test_there_are_examples() -> None:
    """The tests below have something to look at."""
    assert len(TYPED) >= 3


@pytest.mark.parametrize("path", AGENTS, ids=lambda path: path.stem)
def test_an_example_is_short(path: Path) -> None:
    """Each has fewer than 120 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) < 120


@pytest.mark.parametrize("path", TYPED, ids=lambda path: path.stem)
def test_an_example_says_how_to_run_it(path: Path) -> None:
    """Its docstring ends with the command, which the list has too."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring is not None
    command = docstring.splitlines()[-1]
    assert command.endswith(f" MIRASTACK_ENGINE_ADDR=engine:9090 python {path.name}")
    assert f"`{command}`" in LISTED


@pytest.mark.parametrize("path", AGENTS, ids=lambda path: path.stem)
def test_an_example_is_listed(path: Path) -> None:
    """The list links to it."""
    assert f"[{path.name}]({path.name})" in LISTED


@pytest.mark.parametrize("path", TYPED, ids=lambda path: path.stem)
def test_a_typed_example_silences_no_checker(path: Path) -> None:
    """The folder is checked by mypy and pyright; nothing is kept from them."""
    text = path.read_text(encoding="utf-8")
    assert [word for word in ("Any", "cast(", "type: ignore", "noqa") if word in text] == []
