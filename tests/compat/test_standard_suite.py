"""An agent in the published style passes the standard suite as it is."""

import importlib.util
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import NoReturn

import pytest

from mirastack_sdk.compat import Plugin
from mirastack_sdk.testing import AgentSuite
from tests.compat.backend import Backend, backend
from tests.compat.published_agents import METRICS, RANGE

ANSWERS = {
    **METRICS.answers,
    "/api/v1/query": {"status": "success", "data": {"result": []}},
    "/api/v1/metadata": {"status": "success", "data": {"up": []}},
    "/api/v1/label/job/values": {"status": "success", "data": ["cart"]},
}


class NoAnswers(dict[str, object]):
    """Answers of a backend that is down."""

    def get(self, key: str, default: object = None) -> NoReturn:
        """Fail in place of answering."""
        raise ConnectionError(key)


@pytest.fixture(scope="module")
def agent_class() -> Iterator[type[Plugin]]:
    """Import the agent as its program does, whose modules have names of their own."""
    others = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(METRICS.program.parent))
        spec = importlib.util.spec_from_file_location("published_metrics", METRICS.program)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module.QueryMetricsPlugin
        for name in {"client", "output"} - others:
            del sys.modules[name]


class TestPublishedAgent(AgentSuite):
    """Its class is all that the suite needs."""

    time_range = RANGE
    samples = {
        "instant_query": {"query": "up"},
        "range_query": {"query": "up", "step": "1m", "start": "1", "end": "2"},
        "series": {"match": "up", "start": "1", "end": "2"},
        "label_values": {"label": "job"},
    }
    fake: Backend

    @pytest.fixture(autouse=True)
    def made_agents(self, agent_class: type[Plugin]) -> None:
        """Remember the agents that are made of the class."""
        self.agent_class = agent_class
        self.made: list[Plugin] = []

    def plugin(self) -> Plugin:
        """Make an agent; agents of this style have no end at which to close their clients."""
        self.made.append(self.agent_class())
        return self.made[-1]

    @asynccontextmanager
    async def backend(self) -> AsyncIterator[None]:
        """Serve the backend, and tell the agent where."""
        async with backend(ANSWERS) as self.fake:
            self.config = {METRICS.config_key: self.fake.url}
            yield
            for agent in self.made:
                client = getattr(agent, "_client", None)
                if client is not None:
                    await client.close()
            self.made.clear()

    def cut_backend(self) -> None:
        """Close each connection without a response, for the rest of the check."""
        self.fake.answers = NoAnswers()
