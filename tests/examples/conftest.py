"""The metrics backends that the tests of the examples share."""

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
async def backend() -> AsyncIterator[FakeBackend]:
    """A scripted backend for one test."""
    async with running_backend() as backend:
        yield backend
