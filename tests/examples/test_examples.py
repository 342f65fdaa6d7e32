"""Every example agent is short, says how to run it, and is in the list of examples."""

import ast
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
AGENTS = sorted(EXAMPLES.glob("*_agent.py"))
TYPED = [path for path in AGENTS if path.stem != "minimal_agent"]
LISTED = (EXAMPLES / "README.md").read_text(encoding="utf-8")


def test_there_are_examples() -> None:
    """The tests below have at least one example to check."""
    assert len(TYPED) >= 3


@pytest.mark.parametrize("path", AGENTS, ids=lambda path: path.stem)
def test_an_example_is_short(path: Path) -> None:
    """Each example has fewer than 120 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) < 120


@pytest.mark.parametrize("path", TYPED, ids=lambda path: path.stem)
def test_an_example_says_how_to_run_it(path: Path) -> None:
    """The docstring ends with the command, which is in the list as well."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring is not None
    command = docstring.splitlines()[-1]
    assert command.endswith(f" MIRASTACK_ENGINE_ADDR=engine:9090 python {path.name}")
    assert f"`{command}`" in LISTED


@pytest.mark.parametrize("path", AGENTS, ids=lambda path: path.stem)
def test_an_example_is_listed(path: Path) -> None:
    """The list links to the example."""
    assert f"[{path.name}]({path.name})" in LISTED


@pytest.mark.parametrize("path", TYPED, ids=lambda path: path.stem)
def test_a_typed_example_silences_no_checker(path: Path) -> None:
    """Mypy and pyright check the folder without exceptions."""
    text = path.read_text(encoding="utf-8")
    assert [word for word in ("Any", "cast(", "type: ignore", "noqa") if word in text] == []
