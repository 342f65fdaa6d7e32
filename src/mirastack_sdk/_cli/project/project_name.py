"""The name of a new project, in each of its forms."""

import keyword
import os
import re
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, PackageNotFoundError

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._deferred.dataclasses import dataclass

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_LONGEST = 40
# pytest and packaging tools take a package of such a name for something else.
_TAKEN_BY_TOOLS = frozenset(("build", "conftest", "dist", "src", "tests"))
# The tests of the project import this module by its name.
_TAKEN_BY_TEMPLATE = frozenset(("fake_backend",))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectName:
    """The names that a project needs.

    Of `my-agent`, `distribution` is `my-agent`, and `package`, which is also the agent's name, is
    `my_agent`. Environment variables begin with `variable`, `MY_AGENT`.
    """

    distribution: str
    package: str

    @property
    def variable(self) -> str:
        """What the names of the agent's environment variables begin with."""
        return self.package.upper()

    @classmethod
    def parse(cls, text: str) -> "ProjectName":
        """Read a name as an author types it; raises `CommandError` for one that cannot be used."""
        if not _NAME.fullmatch(text):
            raise CommandError(
                f"{text!r} cannot be the name of an agent: write lower-case letters, digits and "
                f"single hyphens, and begin with a letter, such as {_similar(text)}"
            )
        if len(text) > _LONGEST:
            raise CommandError(
                f"{text} has {len(text)} characters, and the name of an agent at most {_LONGEST}"
            )
        name = cls(distribution=text.replace("_", "-"), package=text.replace("-", "_"))
        for reason in _obstacles(name):
            raise CommandError(f"{text} cannot be the name of an agent: {reason}")
        return name


def _obstacles(name: ProjectName) -> Iterator[str]:
    """Why code could not import a package of that name, or would import another one."""
    package = name.package
    if keyword.iskeyword(package) or keyword.issoftkeyword(package):
        yield f"{package} is a keyword of Python"
    if package in sys.stdlib_module_names or package == "test":
        yield f"{package} is a module of Python"
    if package in _TAKEN_BY_TOOLS or package.startswith("test_"):
        yield f"tools for Python use {package} for something else"
    if package in _TAKEN_BY_TEMPLATE:
        yield f"the project has a module {package} already"
    if _is_importable(package):
        yield f"a package of the name {package} is installed"
    if _is_installed(name.distribution):
        yield f"{name.distribution} is installed already"


def _is_importable(package: str) -> bool:
    here = os.getcwd()
    # What lies in the current folder is not installed: it may be a neighbour of the new project.
    places = [place for place in sys.path if place and os.path.realpath(place) != here]
    return PathFinder.find_spec(package, places) is not None


def _is_installed(distribution: str) -> bool:
    try:
        Distribution.from_name(distribution)
    except PackageNotFoundError:
        return False
    return True


def _similar(text: str) -> str:
    """The nearest name that can be used."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text).lower()
    name = re.sub(r"[^a-z0-9]+", "-", words).strip("-0123456789")
    return name if _NAME.fullmatch(name) else "my-agent"
