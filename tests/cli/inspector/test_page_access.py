"""The inspector's page for everybody: keyboards, screen readers, dark rooms and narrow windows."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cli.inspector import page_data
from tests.cli.inspector.chromium import opened
from tests.cli.inspector.page_server import PageServer

VIEWS = (
    "actions/find_alerts", "executions/exec-37", "history", "compare/exec-35/exec-37", "live",
    "logs", "approvals", "cache", "config", "agent",
)  # fmt: skip

DOCUMENT = Path(__file__).parents[3] / "docs" / "inspector.md"
CHECKS = Path(__file__).with_name("page_checks.js").read_text(encoding="utf-8")


def measured(page: Page, check: str) -> object:
    """What one of the checks finds on the page."""
    found: object = page.evaluate(f"() => ({CHECKS.partition('\n')[2].strip()}).{check}()")
    return found


@pytest.fixture
def server(server: PageServer) -> PageServer:
    """Something of everything, with an approval that waits and an execution that failed."""
    now = page_data.NOW
    failed = page_data.execution(
        38, "find_alerts", page_data.rates(), status="failed", error="the backend refused"
    )
    executions = [failed, *page_data.history()]
    logs = [page_data.log(number, level=level) for number, level in enumerate(("DEBUG", "ERROR"))]
    server.state = page_data.state(
        executions=executions,
        approvals=[page_data.approval(asked_at=now), page_data.approval(2, decision="denied")],
        logs=logs,
        violations=["cache key 'x' has no prefix"],
    )
    return server


def go(page: Page, view: str) -> None:
    """Show a view."""
    page.evaluate("view => { location.hash = `#/${view}` }", view)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_every_view_is_named_for_screen_readers(page: Page) -> None:
    """Controls have labels, tables headings, every view one title; no id occurs twice."""
    for view in VIEWS:
        go(page, view)
        assert measured(page, "complaints") == [], view


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(browser: Browser, server: PageServer, scheme: str) -> None:
    """Every text differs from its background by at least 4.5 to 1 in both themes."""
    with opened(browser, color_scheme=scheme) as page:
        page.goto(server.url)
        for view in VIEWS:
            go(page, view)
            assert measured(page, "paleTexts") == [], view


def test_the_theme_is_the_system_s_until_one_is_chosen(
    browser: Browser, server: PageServer
) -> None:
    """The switch is remembered."""
    ground = "getComputedStyle(document.body).backgroundColor"
    with opened(browser, color_scheme="dark") as page:
        page.goto(server.url)
        theme = page.get_by_label("Theme")
        expect(theme).to_have_value("system")
        dark = page.evaluate(ground)
        theme.select_option("light")
        light = page.evaluate(ground)
        page.reload()
        expect(theme).to_have_value("light")
        assert page.evaluate(ground) == light != dark
        theme.select_option("dark")
        assert page.evaluate(ground) == dark


@pytest.mark.parametrize("width", [360, 760, 1000])
def test_a_narrow_window_needs_no_sideways_scrolling(
    browser: Browser, server: PageServer, width: int
) -> None:
    """Only tables and code scroll sideways, in frames of their own."""
    sideways = "document.scrollingElement.scrollWidth + document.querySelector('main').scrollWidth"
    seen = "document.scrollingElement.clientWidth + document.querySelector('main').clientWidth"
    with opened(browser, viewport={"width": width, "height": 700}) as page:
        page.goto(server.url)
        for view in VIEWS:
            go(page, view)
            assert page.evaluate(sideways) <= page.evaluate(seen), view


def test_nothing_moves_after_the_page_has_been_drawn(page: Page, server: PageServer) -> None:
    """Results, logs and an approval that arrive do not move what is read at the moment."""
    measured(page, "watchShifts")
    first = page.get_by_role("article", name="Approval: Restart the service checkout")
    place = first.bounding_box()
    server.send("log", page_data.log(1))
    server.send("approval", page_data.approval(3, description="Another"))
    server.send("execution", page_data.execution(60, "restart", {"a": 1}))
    expect(page.get_by_role("article", name="Approval: Another")).to_be_attached()
    assert first.bounding_box() == place
    server.send("reload", {"status": "failed", "count": 9, "error": "x", "changed_at": 1})
    expect(page.get_by_role("alert").filter(has_text="could not start")).to_be_visible()
    assert page.evaluate("window.moved") == []


def test_a_call_needs_no_mouse(page: Page, server: PageServer) -> None:
    """From the form to the result: keys fill in, run, and choose the tab."""
    done = page_data.execution(50, "find_alerts", page_data.alerts(3))
    server.answers["POST /api/executions"] = done
    page.keyboard.press("f")
    expect(page.get_by_role("textbox", name="service")).to_be_focused()
    page.keyboard.type("cart")
    page.keyboard.press("Control+Enter")
    body = server.next_request("POST", "/api/executions")
    assert isinstance(body["params"], dict)
    assert body["params"]["service"] == "cart"
    panel = page.get_by_role("region", name="Execution")
    expect(panel.get_by_role("grid", name="Result")).to_be_visible()
    panel.get_by_role("tab", name="Result", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(panel.get_by_role("tab", name="Partial results")).to_be_focused()
    expect(panel.get_by_text("No partial results")).to_be_visible()
    page.keyboard.press("End")
    expect(panel.get_by_role("tab", name="Wire")).to_have_attribute("aria-selected", "true")


def test_an_approval_needs_no_mouse(page: Page, server: PageServer) -> None:
    """A shortcut leads to the card, and the outcome is announced."""
    server.answers["POST /api/approvals/approval-1"] = page_data.approval(decision="granted")
    page.keyboard.press("v")
    page.keyboard.type("fine")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Grant")
    page.keyboard.press("Enter")
    body = server.next_request("POST", "/api/approvals/approval-1")
    assert body == {"approved": True, "comment": "fine"}
    expect(page.locator("#announcements")).to_have_text("Granted.")


def test_shortcuts_are_explained(page: Page) -> None:
    """The question mark lists them; Escape closes the list; sequences lead to the views."""
    page.locator("main").focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog.get_by_role("row", name="Run the action that is shown")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page.get_by_role("heading", name="Logs", level=1)).to_be_visible()


def test_keys_that_are_typed_are_no_shortcuts(page: Page, server: PageServer) -> None:
    """In a field, a letter is a letter."""
    page.get_by_role("textbox", name="service").fill("")
    page.keyboard.type("rgl?")
    expect(page.get_by_role("textbox", name="service")).to_have_value("rgl?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert server.requests.empty()


def test_focus_is_always_visible(page: Page) -> None:
    """Whatever Tab reaches has an outline, and it reaches every part of the page."""
    reached: list[str] = []
    page.locator("body").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() == 0:
            break
        outline = focused.evaluate("node => getComputedStyle(node).outlineStyle")
        shown = focused.evaluate("node => node.outerHTML.slice(0, 90)")
        assert outline != "none", shown
        reached.append(shown)
    whole = "\n".join(reached)
    for part in ('id="skip"', "nav-label", 'role="tab"', 'type="submit"', 'aria-label="Comment"'):
        assert part in whole, part


def test_the_skip_link_leads_to_the_content(page: Page) -> None:
    """The first Tab offers it."""
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/$"))


def test_the_documentation_lists_the_shortcuts(page: Page) -> None:
    """The table in docs/inspector.md has every shortcut of the page, and no other."""
    page.keyboard.press("?")
    listed = page.get_by_role("dialog").locator("kbd").all_inner_texts()[:-3]
    table = DOCUMENT.read_text(encoding="utf-8").partition("| keys |")[2].partition("\n\n")[0]
    keys = re.findall(r"^\| (?:`(.)`|(Ctrl\+Enter)) \|", table, re.MULTILINE)
    letters = re.findall(r"`(.)` (\w+)", table.partition("go to a view:")[2])
    documented = {one or other for one, other in keys} | {f"g then {key}" for key, _ in letters}
    assert documented | {"?"} == set(listed)
    for key, view in letters:
        row = page.get_by_role("row", name=f"g then {key}")
        expect(row).to_contain_text(f"Go to {view}")
