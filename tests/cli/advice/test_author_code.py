"""What the advice reads of the author's code: health checks, and the modules."""

import json
from pathlib import Path
from types import ModuleType

import pytest

import mirastack_sdk
from mirastack_sdk import Agent
from mirastack_sdk._cli.advice.author_sources import author_modules
from mirastack_sdk._cli.advice.operation_advice import operation_advice
from mirastack_sdk._cli.loading.targets import load_target
from mirastack_sdk._runtime.checked_plugin import checked_plugin
from mirastack_sdk.agent import TypedActions, action
from mirastack_sdk.plugin import MirastackPlugin, Permission
from tests.cli.advice.advised import Silent, advised
from tests.cli.programs import PUBLISHED


class Checking(Silent):
    """An agent with a health check that calls something."""

    async def health_check(self) -> None:
        self.info()


class Inheriting(Checking):
    """An agent whose base class checks the health."""


def health(plugin: MirastackPlugin) -> list[str]:
    """What is said about the health check of a plugin."""
    found = list(operation_advice(advised(plugin=plugin)))
    return [each.what for each in found if each.code == "MA701"]


NONE = ["it has no health check of its own"]
EMPTY = ["its health check checks nothing"]


def agent_without_actions() -> Agent:
    """Return a new agent."""
    return Agent(
        name="a", version="1", description="d", permission=Permission.READ, devops_stages=["test"]
    )


def test_health_checks_of_classes() -> None:
    """A method counts wherever it is defined, unless it does nothing."""

    class Empty(Silent):
        async def health_check(self) -> None:
            """Add a ping here."""

    class Typed(Silent, TypedActions):
        @action
        async def act(self) -> str:
            """Act."""
            return ""

    class TypedChecking(Checking, TypedActions):
        """Typed actions beside a plugin with a health check."""

    assert health(Silent()) == NONE
    assert health(Empty()) == EMPTY
    assert health(Typed()) == NONE
    assert health(Checking()) == health(Inheriting()) == health(TypedChecking()) == []


def test_health_checks_of_typed_agents() -> None:
    """The function of `@agent.health` counts."""
    agent, empty = agent_without_actions(), agent_without_actions()
    assert health(agent) == NONE

    @agent.health
    async def check() -> None:
        agent.info()

    @empty.health
    async def nothing() -> None:
        pass

    assert health(agent) == []
    assert health(empty) == EMPTY


def test_health_checks_of_published_agents(folder: Path) -> None:
    """The method of the published class counts, not that of the adapter."""
    method = "    async def health_check(self) -> None:\n        print(self)\n\n"
    (folder / "without.py").write_text(PUBLISHED, encoding="utf-8")
    (folder / "with_check.py").write_text(
        PUBLISHED.replace("    async def execute", f"{method}    async def execute"),
        encoding="utf-8",
    )
    assert health(load_target("without.py").plugin) == NONE
    assert health(load_target("with_check.py").plugin) == []


def test_sources_are_the_authors_modules(folder: Path) -> None:
    """What an agent imports from its own package is read, and nothing that is installed in it."""
    package = folder / "my_agent"
    installed = package / ".venv" / "site-packages"
    (package / "clients").mkdir(parents=True)
    (package / "serving").mkdir()
    installed.mkdir(parents=True)
    # A module beside the package is no part of it.
    (folder / "beside.py").write_text("", encoding="utf-8")
    for name in ("__init__.py", "clients/__init__.py", "serving/__init__.py", "unused.py"):
        (package / name).write_text("", encoding="utf-8")
    (package / "clients" / "http.py").write_text('URL = "http://db.corp"', encoding="utf-8")
    (installed / "vendored.py").write_text("", encoding="utf-8")
    (package / "serving" / "agent.py").write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(installed)!r})\n"
        "import vendored, beside\n"
        "from my_agent.clients.http import URL\n" + PUBLISHED,
        encoding="utf-8",
    )
    target = load_target("my_agent/serving/agent.py")
    checked_plugin(target.plugin)
    paths = [module.path for module in author_modules(target.file)]
    assert paths == [
        "my_agent/serving/agent.py",
        "my_agent/__init__.py",
        "my_agent/clients/__init__.py",
        "my_agent/clients/http.py",
        "my_agent/serving/__init__.py",
    ]


@pytest.mark.parametrize("module", [json, mirastack_sdk], ids=lambda module: module.__name__)
def test_libraries_below_the_agent_are_not_its_own(module: ModuleType, tmp_path: Path) -> None:
    """Python or the SDK may be installed below the agent's folder, such as in the home folder."""
    assert module.__file__ is not None
    above = Path(module.__file__).parent.parent.parent
    names = {Path(found.path).name for found in author_modules(str(above / "agent.py"))}
    assert "decoder.py" not in names
    assert "targets.py" not in names
