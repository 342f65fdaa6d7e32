"""Debian's chromium, headless, for tests of the inspector's page."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

_CHROMIUM = "/usr/bin/chromium"
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Only for a page that never becomes as expected.
_TIMEOUT_MS = 60_000


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser during the block; the test is skipped on a machine without it."""
    if not os.path.exists(_CHROMIUM):
        pytest.skip("no chromium: apt-get install chromium fonts-dejavu-core")
    expect.set_options(timeout=_TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def _complaints(message: ConsoleMessage) -> list[str]:
    is_lost = message.text.startswith("Failed to load resource")
    return [message.text] if message.type in {"error", "warning"} and not is_lost else []


@contextmanager
def opened(browser: Browser, **options: object) -> Iterator[Page]:
    """Open an empty tab with a profile of its own; what its console reports fails the test.

    The console reports errors of scripts and of requests, and what the page's own security policy
    forbids. A lost connection, which tests cause on purpose, is no error of the page.
    """
    defaults: dict[str, object] = {
        "timezone_id": "UTC",
        "locale": "en-GB",
        "reduced_motion": "reduce",
        "viewport": {"width": 1280, "height": 800},
    }
    context = browser.new_context(**(defaults | options))  # type: ignore[arg-type]  # playwright's own names
    page = context.new_page()
    page.set_default_timeout(_TIMEOUT_MS)
    reports: list[str] = []
    page.on("pageerror", lambda error: reports.append(str(error)))
    page.on("console", lambda message: reports.extend(_complaints(message)))
    try:
        yield page
        assert reports == []
    finally:
        context.close()
