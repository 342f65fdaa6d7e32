"""The agents that the README and the pages print pass the standard suite."""

from pathlib import Path

import pytest

from mirastack_sdk.engine import PluginResult
from mirastack_sdk.plugin import MirastackPlugin
from mirastack_sdk.testing import AgentSuite, MockEngineClient
from mirastack_sdk.testing._suite.plugin_source import plugin_of
from tests.documentation.documentation import REPOSITORY, load_program
from tests.documentation.markdown import write_blocks


class _Printed(AgentSuite):
    """An agent that `page` prints in the block `program`, under the name `name`."""

    page: str
    program: str
    name: str

    @pytest.fixture(autouse=True)
    def loaded(self, tmp_path: Path) -> None:
        """Write the page's blocks to files, and import the agent's."""
        write_blocks(REPOSITORY / self.page, tmp_path)
        self.declared: object = getattr(load_program(tmp_path / self.program), self.name)

    def plugin(self) -> MirastackPlugin:
        """Return a new agent of a class, or the one that the page makes."""
        return plugin_of(self.declared)


class TestResolver(_Printed):
    """The README's first agent."""

    page, program, name = "README.md", "resolver_agent.py", "ResolverAgent"
    samples = {"resolve": {"host": "127.0.0.1"}}


class TestTenLines(_Printed):
    """The README's typed agent."""

    page, program, name = "README.md", "ten_lines_agent.py", "agent"


class TestRestarter(_Printed):
    """The agent that the page about tests tests."""

    page, program, name = "docs/testing.md", "restarter_agent.py", "RestarterAgent"
    samples = {"restart": {"service": "cart"}}

    def engine(self) -> MockEngineClient:
        """Return an engine with the agent that restarts services."""
        engine = super().engine()
        engine.answer_plugin("kubernetes", "restart", PluginResult(output={"result": "{}"}))
        return engine


class TestHosts(_Printed):
    """The agent that the page about the command line calls."""

    page, program, name = "docs/cli.md", "hosts_agent.py", "agent"
    samples = {"restart": {"host": "web-1"}}


class TestStatus(_Printed):
    """The published-style agent that the page about migrating prints."""

    page, program, name = "docs/migrating.md", "status_plugin.py", "StatusPlugin"
    samples = {"get_status": {"service": "checkout"}}
