"""CONTRIBUTING.md explains every dependency."""

import re
import tomllib

from tests.documentation.documentation import REPOSITORY

CONTRIBUTING = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_every_dependency_has_its_reason() -> None:
    """The table lists the dependencies of pyproject.toml in the same order."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [re.split(r"[<>=~!\[ ]", text)[0] for text in project["dependencies"]]
    section = CONTRIBUTING.partition("| package | why it is there |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| ([\w-]+) \| .{20,} \|$", section, re.MULTILINE) == declared
