"""CONTRIBUTING.md accounts for every dependency, and names commands that exist."""

import re
import tomllib

from tests.documentation.documentation import REPOSITORY

CONTRIBUTING = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_every_dependency_has_its_reason() -> None:
    """Its table of dependencies is the project's list, in the same order."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [re.split(r"[<>=~!\[ ]", text)[0] for text in project["dependencies"]]
    section = CONTRIBUTING.partition("| package | why it is there |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| ([\w-]+) \| .{20,} \|$", section, re.MULTILINE) == declared


def test_its_commands_are_in_the_makefile() -> None:
    """Each `make …` that it names is a target."""
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`make (\w+)`", CONTRIBUTING))
    assert named >= {"check", "codegen", "compat", "help"}
    assert [name for name in named if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []
