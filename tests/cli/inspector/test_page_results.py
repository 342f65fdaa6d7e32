"""How the inspector's page shows results: as trees, tables, plots and text."""

import itertools
import math
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cli.inspector import page_data
from tests.cli.inspector.chromium import opened
from tests.cli.inspector.page_server import PageServer, page_server

MARKUP = "<script>window.hacked = true</script><img src=x onerror='window.hacked = true'>"
MINUS = "\N{MINUS SIGN}"
NUMBERS = itertools.count(1000)


@pytest.fixture(scope="module")
def server() -> Iterator[PageServer]:
    """The page with written data."""
    with page_server(page_data.state()) as server:
        yield server


@pytest.fixture(scope="module")
def page(browser: Browser, server: PageServer) -> Iterator[Page]:
    """One tab for all tests: each shows an execution of its own."""
    with opened(browser) as page:
        page.goto(server.url)
        yield page


def add(server: PageServer, result: object, **more: object) -> str:
    """Add an execution with this result, and return its id."""
    execution = page_data.execution(next(NUMBERS), "find_alerts", result, **more)
    server.send("execution", execution)
    return str(execution["id"])


def go(page: Page, address: str) -> None:
    """Show a view."""
    page.evaluate("address => { location.hash = address }", address)


def show(page: Page, server: PageServer, result: object, **more: object) -> None:
    """Show an execution with this result."""
    execution_id = add(server, result, **more)
    go(page, f"#/executions/{execution_id}")
    expect(page.get_by_role("heading", name=execution_id)).to_be_attached()
    expect(page.get_by_role("tablist", name="View of the result")).to_be_visible()


def test_an_object_is_a_tree_that_folds(page: Page, server: PageServer) -> None:
    """The outer levels are open, and a click folds one."""
    show(page, server, {"cart": {"up": True, "pods": [1, None, "x"]}})
    tree = page.get_by_role("tree", name="Result")
    expect(tree.get_by_text("up")).to_be_visible()
    tree.get_by_text("cart").click()
    expect(tree.get_by_text("up")).to_be_hidden()


def test_arrow_keys_move_in_a_tree(page: Page, server: PageServer) -> None:
    """Right unfolds and goes in, left folds and goes out, down and up go on."""
    show(page, server, {"cart": {"up": True}, "search": {"up": False}})
    tree = page.get_by_role("tree", name="Result")
    tree.get_by_role("treeitem").first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("aria-expanded", "false")
    expect(focused).to_contain_text("search")
    page.keyboard.press("Home")
    expect(focused).to_contain_text("cart")


@pytest.mark.parametrize("result", [{"text": MARKUP}, [{"text": MARKUP}], MARKUP, {MARKUP: 1}])
def test_markup_in_a_result_is_text(page: Page, server: PageServer, result: object) -> None:
    """What an agent returns is shown, and never run."""
    show(page, server, result, error=MARKUP, logs=[MARKUP])
    expect(page.get_by_text(MARKUP).first).to_be_visible()
    for name in ("Logs", "Request"):
        page.get_by_role("tab", name=name).click()
    assert page.evaluate("window.hacked") is None
    assert page.locator("main script, main img").count() == 0


def test_ten_thousand_rows_are_few_elements(page: Page, server: PageServer) -> None:
    """A table creates only the rows in sight, and reaches the last one."""
    show(page, server, page_data.alerts(10_000))
    grid = page.get_by_role("grid", name="Result")
    expect(grid).to_have_attribute("aria-rowcount", "10001")
    assert page.locator("tbody tr").count() < 100
    page.locator(".data-table").focus()
    page.keyboard.press("End")
    expect(grid.get_by_text("payments-9999")).to_be_visible()
    assert page.locator("tbody tr").count() < 100


def test_a_long_list_is_unfolded_in_parts(page: Page, server: PageServer) -> None:
    """A tree of ten thousand numbers shows a hundred, and more on demand."""
    show(page, server, list(range(10_000)))
    tree = page.get_by_role("tree", name="Result")
    tree.get_by_text("10,000 items").click()
    expect(tree.get_by_role("treeitem")).to_have_count(101)
    tree.get_by_role("button", name="Show 100 more").click()
    expect(tree.get_by_role("treeitem")).to_have_count(201)


def test_a_table_is_sorted_and_filtered(page: Page, server: PageServer) -> None:
    """A click on a heading sorts by it, numbers by size; the filter looks into every cell."""
    show(page, server, [{"name": f"n{number}", "size": number % 12} for number in range(30)])
    page.get_by_role("button", name="size").click()
    page.get_by_role("button", name="size").click()
    expect(page.locator("tbody tr:not(.spacer)").first).to_contain_text("11")
    page.get_by_role("searchbox", name="Filter rows").fill("n29")
    expect(page.locator("tbody tr:not(.spacer)")).to_have_count(1)
    expect(page.get_by_text("1 of 30 rows")).to_be_visible()


def test_the_selected_row_is_shown_as_a_tree(page: Page, server: PageServer) -> None:
    """Arrow keys and Enter choose a row, which is unfolded below the table."""
    show(page, server, page_data.alerts(5))
    page.locator(".data-table").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tree", name="Selected row")).to_contain_text("checkout-1")


HOUR = [page_data.NOW / 1000 + 60 * minute for minute in range(60)]


@pytest.mark.parametrize(
    ("result", "names"),
    [
        (page_data.rates(), ['{service="cart"}', '{service="checkout"}', '{service="search"}']),
        (
            {"status": "success", "data": page_data.rates()},
            ['{service="cart"}', '{service="checkout"}', '{service="search"}'],
        ),
        ([[time, str(number)] for number, time in enumerate(HOUR)], ["value"]),
        ([[time * 1000, number] for number, time in enumerate(HOUR)], ["value"]),
        (
            [{"time": f"2026-03-01T12:{n:02}:00Z", "cpu": n, "mem": 2 * n} for n in range(9)],
            ["cpu", "mem"],
        ),
        ({"cpu": [[HOUR[0], 1], [HOUR[1], None]], "mem": [[HOUR[0], "NaN"]]}, ["cpu", "mem"]),
    ],
    ids=["matrix", "response", "text-pairs", "pairs", "objects", "named"],
)
def test_series_are_plotted(
    page: Page, server: PageServer, result: object, names: list[str]
) -> None:
    """Prometheus matrices, pairs of time and value, and objects with a time are plots."""
    show(page, server, result)
    expect(page.get_by_role("tab", name="Plot")).to_have_attribute("aria-selected", "true")
    legend = page.get_by_role("group", name="Series").get_by_role("button")
    assert legend.all_inner_texts() == names
    expect(page.locator("path.plot-line")).to_have_count(len(names))


def test_a_plot_reads_values_by_keyboard(page: Page, server: PageServer) -> None:
    """The arrow keys move from time to time, and every series' value is shown."""
    show(page, server, page_data.rates())
    page.locator(".plot-stage").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    tip = page.locator(".plot-tip")
    expect(tip).to_contain_text("2026-03-01 11:01:00")
    expect(tip).to_contain_text('{service="checkout"}')


def test_the_legend_hides_a_series(page: Page, server: PageServer) -> None:
    """Its entries are switches."""
    show(page, server, page_data.rates())
    page.get_by_role("button", name='{service="cart"}').click()
    expect(page.locator("path.plot-line")).to_have_count(2)


def test_a_spike_among_many_points_is_drawn(page: Page, server: PageServer) -> None:
    """Series with more points than pixels keep their extremes."""
    points = [[page_data.NOW + 1000 * n, 1 if n != 54_321 else 99] for n in range(100_000)]
    show(page, server, points)
    path = page.locator("path.plot-line").get_attribute("d")
    assert path is not None
    assert len(path) < 60_000
    heights = {float(point.split()[1]) for point in path.replace("M", "L").split("L")[1:]}
    assert len(heights) == 2


def test_a_vector_is_bars(page: Page, server: PageServer) -> None:
    """A Prometheus vector shows one bar for each value."""
    vector = [
        {"metric": {"__name__": "up", "job": job}, "value": [HOUR[0], value]}
        for job, value in (("cart", "12"), ("search", "3"))
    ]
    show(page, server, {"resultType": "vector", "result": vector})
    bars = page.get_by_role("list", name="Values").get_by_role("listitem")
    expect(bars.first).to_contain_text('up{job="cart"}')
    expect(bars.first).to_contain_text("12")


@pytest.mark.parametrize(
    "result",
    [
        [[1, 2], [3, 4]],
        [["2026-03-01T12:00:00Z", "up"]],
        [{"time": "noon", "value": 1}, {"time": "night", "value": 2}],
        [1, 2, 3],
        [],
        {},
    ],
)
def test_what_is_no_series_is_not_plotted(page: Page, server: PageServer, result: object) -> None:
    """Numbers that are no times, and texts that are no numbers, are left to table and tree."""
    show(page, server, result)
    expect(page.get_by_role("tab", name="Plot")).to_have_count(0)


def test_large_integers_are_exact(page: Page, server: PageServer) -> None:
    """Identifiers beyond what JavaScript's numbers hold are shown as they were sent."""
    show(page, server, {"trace": 2**63 - 1, "at": 1_772_366_400_123_456_789})
    tree = page.get_by_role("tree", name="Result")
    expect(tree).to_contain_text("9223372036854775807")
    page.get_by_role("tab", name="Text").click()
    expect(page.locator("main pre:visible")).to_contain_text("1772366400123456789")


def test_a_large_result_is_read_with_its_execution(page: Page, server: PageServer) -> None:
    """The list of executions leaves out large results, which the page then reads one by one."""
    # An execution of its own: of another, the page would go on showing what it had.
    whole = page_data.execution(1, "find_alerts", {"rows": "all of them"}, id="large")
    server.answers["GET /api/executions/large"] = whole
    show(page, server, None, result_omitted=True, id="large")
    expect(page.get_by_role("tree", name="Result")).to_contain_text("all of them")


def test_the_wire_view_names_the_fields(page: Page, server: PageServer) -> None:
    """Both encodings are shown, protobuf with the offset, number and name of each field."""
    message = b"\x0a\x06exec-1\x1a\x0bfind_alerts\x2a\x00\x32\x0a\x0a\x03key\x12\x03val"
    server.answers["GET /api/executions/on-the-wire"] = page_data.execution(
        2,
        "find_alerts",
        {},
        id="on-the-wire",
        encoding="protobuf",
        wire={
            "request": {"json": '{"execution_id":"exec-1"}', "protobuf": message.hex()},
            "response": None,
        },
    )
    show(page, server, {}, id="on-the-wire")
    page.get_by_role("tab", name="Wire").click()
    row = page.locator("tr", has_text="action_id")
    expect(row).to_contain_text("0008")
    expect(row).to_contain_text("find_alerts")
    expect(page.get_by_label("Bytes")).to_contain_text("0a 06 65 78 65 63")
    page.get_by_role("tab", name="JSON").click()
    expect(page.get_by_label("Request as JSON")).to_contain_text('"execution_id": "exec-1"')


def test_two_results_are_compared(page: Page, server: PageServer) -> None:
    """A comparison shows what changed, where, and what was added to a list or left out."""
    before = {"up": True, "pods": ["a", "b", "c"], "at": 2**60}
    after = {"up": False, "pods": ["b", "c", "d"], "at": 2**60 + 1, "new": None}
    go(page, f"#/compare/{add(server, before)}/{add(server, after)}")
    expect(page.get_by_text("Result: 5 differences")).to_be_visible()
    items = page.locator(".diff-list li").all_inner_texts()
    assert [" ".join(item.split()) for item in items] == [
        f"Changed up {MINUS} true + false",
        f'Removed pods[0] {MINUS} "a"',
        'Added pods[2] + "d"',
        f"Changed at {MINUS} {2**60} + {2**60 + 1}",
        "Added new + null",
    ]


def test_history_is_plotted(page: Page, server: PageServer) -> None:
    """Latencies are dots, colored by outcome; errors are the share of the last executions."""
    server.send("state", page_data.state())
    go(page, "#/history")
    expect(page.locator(".plot-dots circle")).to_have_count(37)
    expect(page.get_by_text("4 of 37 failed")).to_be_visible()
    heights = page.locator(".plot-dots circle").evaluate_all(
        "all => all.map(one => one.cy.baseVal.value)"
    )
    assert all(math.isfinite(height) for height in heights)
