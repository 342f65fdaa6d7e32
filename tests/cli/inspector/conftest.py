"""One browser for each module that tests the inspector's page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.cli.inspector import page_data
from tests.cli.inspector.chromium import chromium, opened
from tests.cli.inspector.page_server import PageServer, page_server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser, which each test uses with a profile of its own."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def server() -> Iterator[PageServer]:
    """The page with written data."""
    with page_server(page_data.state()) as server:
        yield server


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty tab, whose clock stands still until it is moved."""
    with opened(browser) as page:
        page.clock.install(time=page_data.NOW / 1000)
        yield page
