"""The screenshots of docs/inspector.md: python -m tests.cli.inspector.screenshots."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.cli.inspector import page_data
from tests.cli.inspector.chromium import chromium, opened
from tests.cli.inspector.page_data import Json
from tests.cli.inspector.page_server import page_server

IMAGES = Path(__file__).parents[3] / "docs" / "images"
_SIZE = {"width": 1120, "height": 690}
_ERROR = """\
Traceback (most recent call last):
  File "shop_agent.py", line 41, in <module>
    limits: Limits = Limits(rows=100)
                     ^^^^^^
NameError: name 'Limits' is not defined. Did you mean: 'limits'?"""


def _state() -> Json:
    waiting = page_data.execution(
        40, "restart", None, status="running", duration_ms=None, started_at=page_data.NOW - 48_000
    )
    plotted = page_data.execution(39, "query_rate", page_data.rates())
    called = page_data.execution(
        38,
        "find_alerts",
        page_data.alerts(40),
        params={"service": "cart", "limit": 40},
        logs=["searched 12 windows"],
    )
    return page_data.state(executions=[waiting, plotted, called, *page_data.history()])


def _call(page: Page) -> None:
    page.get_by_role("textbox", name="service").fill("cart")
    page.get_by_role("combobox", name="Time range").select_option("1h")


def _plot(page: Page) -> None:
    page.locator(".plot-stage").hover(position={"x": 300, "y": 120})
    expect(page.locator(".plot-tip")).to_be_visible()


def _approval(page: Page) -> None:
    expect(page.get_by_role("article")).to_be_visible()
    page.get_by_role("textbox", name="service").fill("checkout")


def _nothing(page: Page) -> None:
    expect(page.locator("main")).to_be_visible()


# The name of the file -> the view, the theme, what differs in the state, and what is done first.
_SHOTS: Mapping[str, tuple[str, str, Json, Callable[[Page], None]]] = {
    "inspector-call": ("actions/find_alerts", "light", {}, _call),
    "inspector-plot": ("actions/query_rate", "dark", {}, _plot),
    "inspector-approval": (
        "actions/restart",
        "light",
        {"approvals": [page_data.approval()]},
        _approval,
    ),
    "inspector-error": (
        "actions/find_alerts",
        "dark",
        {"reload": {"status": "failed", "count": 4, "error": _ERROR, "changed_at": page_data.NOW}},
        _nothing,
    ),
}


def take(browser: Browser, folder: Path) -> list[Path]:
    """Write the screenshots, and return their paths."""
    return [_take(browser, name, folder / f"{name}.png") for name in _SHOTS]


def _take(browser: Browser, name: str, path: Path) -> Path:
    view, theme, changes, prepare = _SHOTS[name]
    with _shown(browser, view, theme, _state() | changes) as page:
        prepare(page)
        page.screenshot(path=path)
    return path


@contextmanager
def _shown(browser: Browser, view: str, theme: str, state: Json) -> Iterator[Page]:
    options = {"color_scheme": theme, "viewport": _SIZE}
    with page_server(state) as server, opened(browser, **options) as page:
        page.clock.set_fixed_time(page_data.NOW / 1000)
        page.goto(f"{server.url}/#/{view}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        yield page


def main() -> None:
    """Replace the screenshots of the documentation."""
    IMAGES.mkdir(exist_ok=True)
    with chromium() as browser:
        take(browser, IMAGES)


if __name__ == "__main__":
    main()
