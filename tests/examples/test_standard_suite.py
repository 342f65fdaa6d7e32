"""The examples, and the agent that the documentation prints, pass the standard suite."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module

import pytest

from examples import history_agent, metrics_agent, restarter_agent
from mirastack_sdk.plugin import MirastackPlugin, TimeRange
from mirastack_sdk.testing import AgentSuite, InProcessAgent
from tests.examples.fake_backend import FakeBackend, running_backend
from tests.examples.supervisor import supervising

# As printed, and so without the types that an import would ask for.
DOCUMENTED: type[MirastackPlugin] = import_module("examples.minimal_agent").MyPlugin
START = 1_774_973_400
DAY = TimeRange(START * 1000, (START + 86_400) * 1000, "UTC", "a day")
SERIES = [{"metric": {"job": "cart"}, "values": [[START, "1"], [START + 60, "2"]]}]


class TestDocumentedAgent(AgentSuite):
    """The agent of the documentation, as printed."""

    plugin = DOCUMENTED
    samples = {"get_status": {"service": "checkout"}}
    new_config = {"backend_url": "http://checkout.internal:8080"}

    async def config_is_used(self, agent: InProcessAgent) -> None:
        """The agent has no other way to show it."""
        assert (await agent.execute("get_status", {"service": "a"})).success


class _WithBackend(AgentSuite):
    """An agent that queries a metrics backend."""

    time_range = DAY
    data: object = None
    fake: FakeBackend

    @asynccontextmanager
    async def backend(self) -> AsyncIterator[None]:
        """Serve the backend, and tell the agent where."""
        async with running_backend() as self.fake:
            self.fake.data = self.data
            self.environ = {
                "METRICS_BACKEND_URL": self.fake.url,
                "METRICS_BACKEND_TOKEN": "s3cret!",
            }
            yield

    @contextmanager
    def cut_backend(self) -> Iterator[None]:
        """Let a proxy answer in the backend's place."""
        self.fake.break_down(502)
        yield


class TestHistoryAgent(_WithBackend):
    """It publishes partial results, and its token is a secret."""

    plugin = history_agent.agent
    data = {"resultType": "matrix", "result": SERIES}
    samples = {"find_spikes": {"query": "up", "above": "1.5"}}
    secrets = ("s3cret!",)


class TestMetricsAgent(_WithBackend):
    """Its actions read different kinds of data."""

    plugin = metrics_agent.agent
    data = SERIES
    samples = {"instant_query": {"query": "up"}, "range_query": {"query": "up"}}

    @asynccontextmanager
    async def backend(self) -> AsyncIterator[None]:
        """Answer each path with data of its kind."""
        async with super().backend():
            self.fake.data_by_path = {
                "query": {
                    "resultType": "vector",
                    "result": [{"metric": {}, "value": [START, "1"]}],
                },
                "query_range": {"resultType": "matrix", "result": SERIES},
                "labels": ["job"],
            }
            yield


class TestRestarterAgent(AgentSuite):
    """It changes things, and reads its own environment."""

    plugin = restarter_agent.agent
    samples = {"restart_service": {"service": "cart", "reason": "it leaks", "dry_run": "true"}}

    @pytest.fixture(autouse=True)
    async def services(
        self, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[None]:
        """Run a service that may be restarted."""
        async with supervising(tmp_path_factory.mktemp("services"), "cart") as running:
            monkeypatch.setenv("RESTARTER_SERVICES", "cart")
            monkeypatch.setenv("RESTARTER_COMMAND", running.command)
            yield

    @contextmanager
    def cut_backend(self) -> Iterator[None]:
        """Take the supervisor's command away."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(restarter_agent.Services, "command", "/nowhere/systemctl")
            yield
