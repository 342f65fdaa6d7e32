"""Metrics backends that the examples' tests share."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.examples.fake_backend import FakeBackend, running_backend
from tests.examples.metrics_backends import PROGRAMS, running


@pytest.fixture(scope="session", params=PROGRAMS)
def day(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of each real backend in turn, with one day of data."""
    name: str = request.param
    with running(name, tmp_path_factory.mktemp(name)) as url:
        yield url


@pytest.fixture
def real(day: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A real backend, which agents in this process find."""
    monkeypatch.setenv("METRICS_BACKEND_URL", day)
    return day


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeBackend]:
    """A scripted backend for one test, which agents in this process find."""
    async with running_backend() as backend:
        monkeypatch.setenv("METRICS_BACKEND_URL", backend.url)
        yield backend
