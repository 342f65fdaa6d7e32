"""What the inspector shows and changes around calls: approvals, reloads, logs, cache, config."""

import pytest
from playwright.sync_api import Page, expect

from tests.cli.inspector import page_data
from tests.cli.inspector.page_server import PageServer

BROKEN = "  File \"shop_agent.py\", line 12\n    def f(:\nSyntaxError: '(' was never closed"


def go(page: Page, view: str) -> None:
    """Show a view."""
    page.evaluate("view => { location.hash = `#/${view}` }", view)


@pytest.mark.parametrize(("answer", "approved"), [("Grant", True), ("Deny", False)])
def test_an_approval_is_decided_in_any_view(
    page: Page, server: PageServer, answer: str, approved: bool
) -> None:
    """Its card shows what would happen, and sends the decision with the comment."""
    decided = page_data.approval(decision="granted" if approved else "denied", comment="at night")
    server.answers["POST /api/approvals/approval-1"] = decided
    go(page, "logs")
    server.send("approval", page_data.approval(asked_at=page.evaluate("Date.now()")))
    card = page.get_by_role("article", name="Approval: Restart the service checkout")
    for text in ("Twelve pods restart", "reversible", "checkout-eu, checkout-us", "burns", "left"):
        expect(card).to_contain_text(text)
    card.get_by_label("Comment").fill("at night")
    card.get_by_role("button", name=answer).click()
    body = server.next_request("POST", "/api/approvals/approval-1")
    assert body == {"approved": approved, "comment": "at night"}
    expect(card).to_be_hidden()
    go(page, "approvals")
    expect(page.get_by_role("row", name="Restart the service checkout")).to_contain_text("at night")


def test_an_approval_can_wait(page: Page, server: PageServer) -> None:
    """Later hides the card, which stays in the view of approvals."""
    server.send("approval", page_data.approval())
    page.get_by_role("button", name="Later").click()
    card = page.get_by_role("article", name="Approval: Restart the service checkout")
    expect(card).to_be_hidden()
    page.get_by_role("link", name="Approvals").click()
    expect(card).to_be_visible()


def test_time_to_decide_counts_down(page: Page, server: PageServer) -> None:
    """The card shows the minutes and seconds that are left."""
    now = page.evaluate("Date.now()")
    server.send("approval", page_data.approval(asked_at=now - 299_000, timeout_s=300))
    expect(page.get_by_text("0:00 left")).to_be_visible()


def test_time_to_decide_ends_with_the_execution(page: Page, server: PageServer) -> None:
    """An execution that is given up earlier than the request times out leaves less time."""
    now = page.evaluate("Date.now()")
    running = page_data.execution(
        50, "restart", None, status="running", duration_ms=None, started_at=now - 29_500
    )
    server.send("execution", running)
    asked = page_data.approval(execution_id="exec-50", asked_at=now - 29_000, timeout_s=300)
    server.send("approval", asked)
    expect(page.get_by_text("0:00 left")).to_be_visible()


def test_a_late_decision_is_explained(page: Page, server: PageServer) -> None:
    """The server's sentence is on the card."""
    server.answers["POST /api/approvals/approval-1"] = {"error": "it has timed out already"}
    server.send("approval", page_data.approval())
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_text("it has timed out already")).to_be_visible()


def test_a_broken_edit_is_very_visible(page: Page, server: PageServer) -> None:
    """Its error is above everything, nothing can be run, and the form stays as it is."""
    page.get_by_label("service").fill("cart")
    reload = {"status": "failed", "count": 4, "error": BROKEN, "changed_at": page_data.NOW}
    server.send("state", page_data.state(reload=reload, agent=None, health=None))
    alert = page.get_by_role("alert").filter(has_text="could not start")
    expect(alert.locator("pre")).to_have_text(BROKEN)
    run = page.get_by_role("button", name="Run", exact=True)
    expect(run).to_be_disabled()
    expect(page.get_by_role("button", name="Broken · reload 4")).to_be_visible()
    server.send("reload", reload | {"status": "starting", "error": None})
    expect(page.get_by_role("button", name="Starting… · reload 4")).to_be_visible()
    expect(alert).to_be_visible()
    server.send("state", page_data.state())
    expect(alert).to_be_hidden()
    expect(run).to_be_enabled()
    expect(page.get_by_label("service")).to_have_value("cart")


def test_the_same_error_can_be_hidden_and_a_new_one_is_shown(
    page: Page, server: PageServer
) -> None:
    """Hide holds until the next attempt fails."""
    reload = {"status": "failed", "count": 4, "error": BROKEN, "changed_at": page_data.NOW}
    server.send("reload", reload)
    page.get_by_role("button", name="Hide").click()
    server.send("log", page_data.log(1, text="one more"))
    server.send("reload", reload)
    alert = page.get_by_role("alert").filter(has_text="could not start")
    expect(alert).to_be_hidden()
    server.send("reload", reload | {"error": "NameError: x", "changed_at": page_data.NOW + 1})
    expect(alert).to_contain_text("NameError: x")


def test_an_agent_that_ends_by_itself_is_reported(page: Page, server: PageServer) -> None:
    """The status it ended with is shown like a broken edit."""
    reload = {
        "status": "stopped", "count": 4, "error": "ended with status 3", "changed_at": 1,
    }  # fmt: skip
    server.send("reload", reload)
    alert = page.get_by_role("alert").filter(has_text="has ended by itself")
    expect(alert).to_contain_text("ended with status 3")


def test_a_lost_connection_is_shown_and_made_again(page: Page, server: PageServer) -> None:
    """Nothing can be run meanwhile; what happened in between is read afterwards."""
    run = page.get_by_role("button", name="Run", exact=True)
    server.send("log", page_data.log(1))  # which waits until the page is connected
    server.refuses_streams = True
    server.drop_streams()
    expect(page.get_by_text("Connection lost")).to_be_visible()
    expect(run).to_be_disabled()
    server.refuses_streams = False
    expect(run).to_be_enabled()
    server.state["logs"] = [page_data.log(0, text="meanwhile")]
    server.drop_streams()
    go(page, "logs")
    expect(page.get_by_role("grid", name="Log records")).to_contain_text("meanwhile")
    expect(page.get_by_text("Connection lost")).to_be_hidden()


def test_logs_are_filtered(page: Page, server: PageServer) -> None:
    """By the lowest level and by a word; a record is shown whole when it is chosen."""
    server.send("log", page_data.log(12, level="ERROR", text="broke\nat once", logger="other"))
    go(page, "logs")
    rows = page.locator("tbody tr:not(.spacer)")
    expect(rows).to_have_count(13)
    page.get_by_label("Lowest level").select_option("WARNING")
    expect(rows).to_have_count(5)
    page.get_by_role("searchbox", name="Filter log records").fill("broke")
    expect(rows).to_have_count(1)
    rows.first.click()
    expect(page.get_by_label("Message", exact=True)).to_have_text("broke\nat once")
    expect(page.get_by_role("tree", name="Fields")).to_contain_text("window")


def test_logs_are_followed_until_the_user_scrolls(page: Page, server: PageServer) -> None:
    """The newest record stays in sight; scrolling up ends that, and Follow begins it again."""
    go(page, "logs")
    for number in range(200):
        server.send("log", page_data.log(12, text=f"line {number}"))
    last = page.get_by_role("gridcell", name="line 199", exact=True)
    expect(last).to_be_in_viewport()
    page.locator(".data-table").evaluate("table => { table.scrollTop = 0 }")
    follow = page.get_by_label("Follow")
    expect(follow).not_to_be_checked()
    server.send("log", page_data.log(12, text="after that"))
    expect(page.get_by_text("213 records")).to_be_visible()
    expect(page.get_by_role("gridcell", name="after that")).to_have_count(0)
    follow.check()
    expect(page.get_by_role("gridcell", name="after that")).to_be_in_viewport()


def test_events_and_partial_results_arrive_live(page: Page, server: PageServer) -> None:
    """Each is a row with the execution it belongs to; progress is a bar."""
    server.send(
        "execution",
        page_data.execution(50, "restart", None, status="running", duration_ms=None),
    )
    go(page, "live")
    partial = {
        "execution_id": "exec-50", "at": page_data.NOW + 1, "json": {"rows": 3},
        "progress": 0.25, "message": "window 1 of 4",
    }  # fmt: skip
    server.send("partial", partial)
    event = {"at": page_data.NOW + 2, "execution_id": "exec-50", "fields": {"event": "scanned"}}
    server.send("event", event)
    grid = page.get_by_role("grid", name="Events and partial results")
    expect(grid.get_by_role("row", name="window 1 of 4")).to_contain_text("restart")
    expect(grid.get_by_role("row", name="scanned")).to_contain_text("event")
    running = page.get_by_role("progressbar", name="Progress of restart")
    expect(running).to_have_js_property("value", 0.25)
    (bar,) = grid.get_by_role("progressbar").all()
    is_whole = "bar => bar.closest('td').scrollWidth <= bar.closest('td').clientWidth"
    assert bar.evaluate(is_whole), "the bar is cut off"
    page.get_by_label("Kind").select_option("event")
    expect(grid.get_by_role("row", name="window 1 of 4")).to_have_count(0)


def test_a_running_execution_can_be_cancelled(page: Page, server: PageServer) -> None:
    """It shows its progress and its partial results, and a button that cancels it."""
    partial = {
        "execution_id": "exec-50", "at": page_data.NOW, "json": {"rows": 3}, "progress": 0.5,
        "message": "half of it",
    }  # fmt: skip
    running = page_data.execution(
        50, "restart", None, status="running", duration_ms=None, partials=[partial]
    )
    server.send("execution", running)
    go(page, "executions/exec-50")
    expect(page.get_by_text("50 % · half of it")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    server.next_request("DELETE", "/api/executions/exec-50")
    server.send("execution", running | {"status": "cancelled", "duration_ms": 12.5})
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("Cancelled")


def test_a_failed_execution_shows_its_error(page: Page, server: PageServer) -> None:
    """The error is an alert above the tabs."""
    failed = page_data.execution(50, "restart", None, status="failed", error="no such service")
    server.send("execution", failed)
    go(page, "executions/exec-50")
    expect(page.locator("main").get_by_role("alert")).to_have_text("no such service")


def test_callbacks_show_request_and_response(page: Page, server: PageServer) -> None:
    """Each with its duration, and what was asked and answered."""
    call = {
        "method": "CacheGet", "at_ms": 2.0, "duration_ms": 1.5, "request": {"key": "shop:x"},
        "response": {"found": False}, "error": None, "shared": True,
    }  # fmt: skip
    server.send("execution", page_data.execution(50, "restart", {}, callbacks=[call]))
    go(page, "executions/exec-50")
    page.get_by_role("tab", name="Callbacks (1)").click()
    page.get_by_text("1.5 ms, after 2 ms").click()
    expect(page.get_by_role("tree", name="Request of CacheGet")).to_contain_text("shop:x")
    expect(page.get_by_role("tree", name="Response of CacheGet")).to_contain_text("false")
    expect(page.get_by_text("perhaps of another execution")).to_be_visible()


def test_the_cache_is_shown_and_changed(page: Page, server: PageServer) -> None:
    """Entries show what is left of their time; they can be deleted and put."""
    now = page.evaluate("Date.now()")
    entry = {"key": "shop/a b?", "value": '{"n": 1}', "expires_at": now + 600_000}
    server.send("cache", [entry, entry | {"key": "other", "expires_at": None}])
    go(page, "cache")
    row = page.get_by_role("row", name="shop/a b?")
    expect(row).to_contain_text("9 min")
    expect(page.get_by_role("row", name="other")).to_contain_text("does not expire")
    row.get_by_role("button", name="Delete").click()
    server.next_request("DELETE", "/api/cache/shop%2Fa%20b%3F")
    page.get_by_text("Put an entry").click()
    page.get_by_label("Key", exact=True).fill("new")
    page.get_by_label("Value", exact=True).fill("1")
    page.get_by_label("Seconds").fill("60")
    page.get_by_role("button", name="Put").click()
    assert server.next_request("PUT", "/api/cache/new") == {"value": "1", "ttl_s": 60}
    page.get_by_role("button", name="Delete all").click()
    server.next_request("DELETE", "/api/cache")


def test_config_is_pushed_without_the_secrets_that_stay(page: Page, server: PageServer) -> None:
    """Values are texts, as the engine keeps them; a secret is sent only if it was typed."""
    answer = "POST /api/config"
    server.answers[answer] = {"acknowledged": True, "error": "", "version": 3}
    go(page, "config")
    expect(page.get_by_label("token")).to_have_attribute("type", "password")
    page.get_by_label("rows").fill("50")
    push = page.get_by_role("button", name="Push")
    push.click()
    expected = {"url": "http://prometheus:9090", "rows": "50"}
    assert server.next_request("POST", "/api/config") == {"values": expected}
    expect(page.get_by_text("The agent uses version 3 now.")).to_be_visible()
    page.get_by_label("token").fill("s3cret")
    server.answers[answer] = {"acknowledged": False, "error": "no such host", "version": 3}
    push.click()
    body = server.next_request("POST", "/api/config")
    assert body == {"values": expected | {"token": "s3cret"}}
    expect(page.get_by_text("The agent refused it: no such host")).to_be_visible()


def test_the_agent_view_shows_what_the_model_sees(page: Page, server: PageServer) -> None:
    """Card, tools, templates and routing; broken promises are counted in the navigation."""
    server.send("violation", "cache key 'x' has no prefix")
    page.get_by_role("link", name="Agent 1", exact=True).click()
    expect(page.locator("main")).to_contain_text("cache key 'x' has no prefix")
    page.get_by_role("tab", name="What the model sees").click()
    expect(page.get_by_role("heading", name="shop_agent__find_alerts")).to_be_visible()
    page.get_by_role("tab", name="Prompt templates (1)").click()
    expect(page.get_by_label("Content of summary")).to_contain_text("{{ .result }}")
    page.get_by_role("tab", name="Routing").click()
    expect(page.get_by_role("row", name="what is wrong with *")).to_contain_text("find_alerts")


def test_health_is_checked_on_demand(page: Page, server: PageServer) -> None:
    """The pill in the header asks for a check, and shows its outcome."""
    page.get_by_role("button", name="Healthy").click()
    server.next_request("POST", "/api/health")
    health = {"healthy": False, "message": "no backend", "checked_at": page_data.NOW}
    server.send("health", health)
    pill = page.get_by_role("button", name="Unhealthy")
    assert "no backend" in str(pill.get_attribute("title"))
