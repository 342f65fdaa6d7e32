"""`mirastack-agent check` without the findings that the author ignores."""

from pathlib import Path

import pytest

from tests.cli.check.checking import BROKEN, Check, found, write
from tests.cli.programs import TYPED


@pytest.mark.parametrize(
    ("option", "left"),
    [
        (["--ignore", "MA201"], ["MA701", "MA702"]),
        (["--ignore", "MA201,MA7"], []),
        (["--ignore", "MA201", "--ignore", " MA701 , MA702"], []),
        (["--ignore", "MA"], []),
        (["--ignore", ""], ["MA201", "MA201", "MA701", "MA702"]),
    ],
)
def test_findings_are_ignored_by_code(
    folder: Path, check: Check, option: list[str], left: list[str]
) -> None:
    """Codes and their first characters are ignored, one or several at a time."""
    write(folder, "agent.py", TYPED)
    assert found(check("agent.py", "--json", *option)) == left


@pytest.mark.parametrize(
    ("table", "left"),
    [
        ('ignore = ["MA7"]', ["MA201", "MA201"]),
        ('[tool.mirastack-agent.per-action-ignore]\nadd = ["MA201", "MA702"]', ["MA701"]),
        ('per-action-ignore = { other = ["MA201"] }', ["MA201", "MA201", "MA701", "MA702"]),
        ("", ["MA201", "MA201", "MA701", "MA702"]),
    ],
)
def test_pyproject_ignores_findings(
    folder: Path, check: Check, table: str, left: list[str]
) -> None:
    """The table of the project above the agent is used, also for single actions."""
    write(folder, "pyproject.toml", f"[project]\nname = 'x'\n[tool.mirastack-agent]\n{table}\n")
    (folder / "src").mkdir()
    write(folder, "src/agent.py", TYPED)
    assert found(check("src/agent.py", "--json")) == left


def test_the_quality_gates_are_never_ignored(folder: Path, check: Check) -> None:
    """What engines refuse is reported, whatever is ignored."""
    write(folder, "agent.py", BROKEN)
    assert found(check("agent.py", "--json", "--ignore", "MA")) == ["MA001", "MA001"]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("ignore = 'MA103'", "ignore must be a list of codes such as MA103"),
        ("ignore = [1]", "ignore must be a list of codes such as MA103"),
        ("ignore = ['MA999']", "ignore: no finding has the code MA999; see docs/checks.md"),
        ("ignore = ['']", "ignore: no finding has the code ; see docs/checks.md"),
        ("ignore = ['MA001']", "ignore: MA001 cannot be ignored, since engines refuse the agent"),
        (
            "ignores = []",
            "[tool.mirastack-agent] has no key ignores; it may have ignore and per-action-ignore",
        ),
        (
            "per-action-ignore = 1",
            "[tool.mirastack-agent] per-action-ignore must be a table of lists",
        ),
        (
            "per-action-ignore = { add = 1 }",
            "per-action-ignore.add must be a list of codes such as MA103",
        ),
    ],
)
def test_a_wrong_table_is_one_sentence(
    folder: Path, check: Check, table: str, sentence: str
) -> None:
    """A mistake in pyproject.toml ends with the status 2 and the name of the file."""
    write(folder, "pyproject.toml", f"[tool.mirastack-agent]\n{table}\n")
    write(folder, "agent.py", TYPED)
    done = check("agent.py")
    assert (done.status, done.output) == (2, "")
    assert done.errors == f"mirastack-agent: {folder / 'pyproject.toml'}: {sentence}\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("[tool", "is not valid TOML"), ("[tool]\nmirastack-agent = 1", "must be a table")],
)
def test_a_broken_pyproject_is_named(folder: Path, check: Check, text: str, sentence: str) -> None:
    """A file that cannot be read as TOML is an error, and not ignored."""
    write(folder, "pyproject.toml", text)
    write(folder, "agent.py", TYPED)
    done = check("agent.py")
    assert done.status == 2
    assert sentence in done.errors
    assert len(done.errors.splitlines()) == 1
