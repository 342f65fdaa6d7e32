"""CONTRIBUTING.md explains every dependency, and shows the tree of today."""

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


def test_its_tree_is_the_tree_of_today() -> None:
    """The drawing names every package of the SDK but the parts of `testing`, and no others."""
    drawing = CONTRIBUTING.split("```")[1].partition("src/mirastack_sdk/")[2].partition("stubs/")[0]
    sdk = REPOSITORY / "src" / "mirastack_sdk"
    found = {path.parent for path in sdk.rglob("__init__.py")} - {sdk}
    packages = {path.name for path in found if path.parent.name != "testing"}
    assert set(re.findall(r"(\w+)/(?=[\s,])", drawing)) == packages
