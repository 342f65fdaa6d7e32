"""What authors install and import if they do not ask for the tools."""

import subprocess
import sys
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mirastack_sdk._cli.extras import EXTRAS

BASE = {
    "annotated-types",
    "betterproto",
    "grpclib",
    "h2",
    "hpack",
    "hyperframe",
    "multidict",
    "pydantic",
    "pydantic-core",
    "python-dateutil",
    "six",
    "typing-extensions",
    "typing-inspection",
    "tzdata",
}


def needed(package: str) -> set[str]:
    """The packages that one needs without any extra, with what those need."""
    found: set[str] = set()
    waiting = [package]
    while waiting:
        for line in requires(waiting.pop()) or []:
            requirement = Requirement(line)
            name = canonicalize_name(requirement.name)
            is_needed = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if is_needed and name not in found:
                found.add(name)
                waiting.append(name)
    return found


def test_the_base_install_brings_only_these_packages() -> None:
    """A new one is a decision about everybody's images, and not a side effect."""
    assert needed("mirastack-agents-sdk-python") == BASE


@pytest.mark.parametrize("module", ["mirastack_sdk", "mirastack_sdk.agent", "mirastack_sdk.compat"])
def test_agents_import_no_tools(module: str) -> None:
    """Not the command line, nor the test kit, nor what the extras install."""
    code = f"import sys, {module}\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(done.stdout.split())
    assert module in loaded
    assert loaded & {*EXTRAS, "mirastack_sdk._cli", "mirastack_sdk.testing", "pytest"} == set()
