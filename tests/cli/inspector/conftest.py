"""One browser for each module that tests the inspector's page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cli.inspector import page_data
from tests.cli.inspector.chromium import chromium, opened
from tests.cli.inspector.page_server import PageServer, page_server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """A tab without a page."""
    with opened(browser) as tab:
        yield tab


@pytest.fixture
def server() -> Iterator[PageServer]:
    """The page with written data."""
    with page_server(page_data.state()) as server:
        yield server


@pytest.fixture
def page(tab: Page, server: PageServer) -> Page:
    """The page as it is when somebody opens it for the first time."""
    tab.goto(server.url)
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    return tab
