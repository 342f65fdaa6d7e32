"""The inspector's main paths in a browser, on the page that `mirastack-agent dev` serves."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.cli.inspector import page_data
from tests.cli.inspector.chromium import opened
from tests.cli.processes import COMMAND, environment

SOURCE = Path(__file__).parent / "desk_agent.py"
FREE = (
    ".params", ".input_schema", ".result_schema", ".parameters", ".values", ".fields", ".result",
    ".output", ".context", ".routing", ".callbacks", ".partials", ".intents", ".metadata",
    ".prompt_templates",
)  # fmt: skip
# Only for a process that a test has failed to end.
TIMEOUT = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The agent's file, and the URL of the inspector."""

    file: Path
    url: str

    def save(self, text: str) -> None:
        """Write the file as an editor does: the whole at once."""
        draft = self.file.with_suffix(".draft")
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.file)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Run `dev` with the agent in a folder of its own."""
    folder = tmp_path_factory.mktemp("desk")
    file = folder / "desk_agent.py"
    shutil.copy(SOURCE, file)
    process = subprocess.Popen(
        [*COMMAND, "dev", file.name, "--port", "0"],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield Desk(file=file, url=_url(process))
        finally:
            process.terminate()
            process.communicate(timeout=TIMEOUT)


def _url(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return found[0]
    raise AssertionError("dev ended without an inspector")


@pytest.fixture(scope="module")
def tab(browser: Browser, desk: Desk) -> Iterator[Page]:
    """The page, as soon as the agent runs."""
    with opened(browser) as page:
        page.goto(desk.url)
        yield page


@pytest.fixture
def page(tab: Page) -> Page:
    """The page with an agent that runs."""
    expect(tab.get_by_role("button", name=re.compile("^Running"))).to_be_visible()
    return tab


def choose(page: Page, action: str) -> None:
    """Show the form of an action."""
    page.get_by_role("link", name=action).first.click()
    expect(page.get_by_role("form", name=action)).to_be_visible()


def run(page: Page, action: str, **params: str) -> Locator:
    """Call an action, and return the panel of its execution."""
    choose(page, action)
    for name, value in params.items():
        page.get_by_role("form", name=action).get_by_label(name).fill(value)
    before = page.get_by_role("link", name="History").inner_text()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("link", name="History")).not_to_have_text(before)
    return page.get_by_role("region", name="Execution")


def shape(value: object, path: str = "") -> set[str]:
    """The members of a JSON value, except of those that agents or users fill."""
    if isinstance(value, dict) and not path.removesuffix("[]").endswith(FREE):
        return {f"{path}.{key}" for key in value}.union(
            *(shape(item, f"{path}.{key}") for key, item in value.items())
        )
    if isinstance(value, list):
        return set[str]().union(*(shape(item, f"{path}[]") for item in value))
    return set()


def test_the_written_data_of_other_tests_is_like_real_data(page: Page, desk: Desk) -> None:
    """So what the page does with it, it does with what the server sends."""
    panel = run(page, "restart", service="cart")
    page.get_by_role("article", name="Approval: Restart cart").get_by_text("Grant").click()
    expect(panel).to_contain_text("restarted cart")
    expect(page.get_by_role("link", name="Cache 1")).to_be_visible()
    real = page.request.get(f"{desk.url}/api/state").json()
    written = page_data.state(approvals=[page_data.approval()])
    assert shape(written) == shape(real)


def test_a_call_shows_its_result(page: Page) -> None:
    """The result is a table of like objects; logs and request are beside it."""
    panel = run(page, "greet", name="Ada", times="3")
    expect(panel).to_contain_text("Succeeded")
    expect(panel.get_by_role("grid", name="Result")).to_have_attribute("aria-rowcount", "4")
    expect(panel.get_by_role("row", name="hello Ada").first).to_contain_text("kind")
    panel.get_by_role("tab", name="Logs").click()
    expect(panel).to_contain_text("Ada is greeted")
    panel.get_by_role("tab", name="Request").click()
    expect(panel.get_by_role("tree", name="Parameters")).to_contain_text("times: 3")


def test_both_encodings_are_on_the_wire_view(page: Page) -> None:
    """Bytes and fields are those of the call."""
    panel = run(page, "greet", name="Ada")
    panel.get_by_role("tab", name="Wire").click()
    expect(panel.get_by_label("Request as JSON")).to_contain_text('"action_id": "greet"')
    panel.get_by_role("tab", name="Protobuf").click()
    expect(panel.get_by_role("row", name="action_id")).to_contain_text("greet")
    expect(panel.get_by_role("row", name="result_json")).to_contain_text("hello Ada")


def test_a_failing_call_shows_its_error(page: Page) -> None:
    """What the author's code raised is the error of the execution."""
    panel = run(page, "refuse", reason="too late")
    expect(panel.get_by_role("alert")).to_contain_text("refused: too late")
    expect(panel).to_contain_text("Failed")


def test_wrong_parameters_are_reported_by_the_agent(page: Page) -> None:
    """Sent unchecked, they come back with what the model would read."""
    choose(page, "greet")
    page.get_by_text("Options").click()
    check = page.get_by_label("Check the parameters first")
    check.uncheck()
    panel = run(page, "greet", name="Ada", times="often")
    expect(panel).to_contain_text("times")
    expect(panel).to_contain_text("often")
    check.check()
    page.get_by_label("times").fill("1")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("Grant", "restarted cart"), ("Deny", "not restarted: not now")],
)
def test_an_approval_decides_the_call(page: Page, answer: str, outcome: str) -> None:
    """The call waits for the decision on the page, and gets the comment."""
    panel = run(page, "restart", service="cart")
    card = page.get_by_role("article", name="Approval: Restart cart")
    expect(card).to_contain_text("It is gone briefly")
    card.get_by_label("Comment").fill("not now")
    card.get_by_role("button", name=answer).click()
    expect(panel).to_contain_text(outcome)
    expect(card).to_be_hidden()


def test_events_and_cache_show_what_a_call_did(page: Page) -> None:
    """An event that was logged is in the live view, and a value in the cache."""
    run(page, "restart", service="search")
    page.get_by_role("article", name="Approval: Restart search").get_by_text("Grant").click()
    page.get_by_role("link", name="Live").click()
    grid = page.get_by_role("grid", name="Events and partial results")
    expect(grid.get_by_role("row", name='"search"')).to_contain_text("restarted")
    page.get_by_role("link", name="Cache").click()
    row = page.get_by_role("row", name="desk_agent:search")
    expect(row).to_contain_text("9 min")
    row.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)


def test_partial_results_arrive_with_their_progress(page: Page) -> None:
    """Each is listed with what the execution yielded."""
    panel = run(page, "scan", windows="3")
    panel.get_by_role("tab", name="Partial results").click()
    expect(panel).to_contain_text("window 3 of 3")
    expect(panel).to_contain_text('{"window":3}')


def test_a_running_call_is_cancelled(page: Page) -> None:
    """Cancel ends it at once."""
    panel = run(page, "wait")
    panel.get_by_role("button", name="Cancel").click()
    expect(panel).to_contain_text("Cancelled")


def test_a_series_is_plotted(page: Page) -> None:
    """The picker's range is what the action gets."""
    choose(page, "rates")
    page.get_by_role("combobox", name="Time range").select_option("1h")
    panel = run(page, "rates")
    expect(panel.locator("path.plot-line")).to_be_visible()
    panel.get_by_role("tab", name="Request").click()
    expect(panel).to_contain_text("last 1h")


def test_history_repeats_and_compares(page: Page) -> None:
    """A repeated call runs anew; two executions show what differs."""
    run(page, "greet", name="Bob", times="2")
    page.get_by_label("name").fill("Cleo")
    page.get_by_role("link", name="History").click()
    page.get_by_role("row", name="Bob").first.get_by_role("button", name="Repeat").click()
    expect(page.get_by_label("name")).to_have_value("Bob")
    run(page, "greet", name="Cleo", times="2")
    page.get_by_role("link", name="History").click()
    for name in ("Bob", "Cleo"):
        page.get_by_role("row", name=name).first.get_by_role("checkbox").check()
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_text("Parameters: 1 difference")).to_be_visible()
    expect(page.get_by_text("Result: 2 differences")).to_be_visible()
    expect(page.locator("main")).to_contain_text("[0].text")


def test_a_pushed_config_is_used_at_once(page: Page) -> None:
    """The next call greets in the new way."""
    page.get_by_role("link", name="Config").click()
    page.get_by_label("greeting").fill("moin")
    page.get_by_role("button", name="Push").click()
    expect(page.get_by_text(re.compile("^The agent uses version"))).to_be_visible()
    expect(run(page, "greet", name="Ada")).to_contain_text("moin Ada")


def test_an_edit_changes_the_form_and_the_result(page: Page, desk: Desk) -> None:
    """After saving, the page has the new parameter without being reloaded."""
    text = SOURCE.read_text(encoding="utf-8")
    edited = text.replace(
        "times: Annotated", 'ending: Annotated[str, "The end."],\n    times: Annotated'
    )
    edited = edited.replace("{config.greeting} {name}", "{name}{ending}")
    choose(page, "greet")
    page.get_by_label("name").fill("Ada")
    desk.save(edited)
    expect(page.get_by_label("ending")).to_be_visible()
    expect(page.get_by_label("name")).to_have_value("Ada")
    expect(run(page, "greet", ending="!")).to_contain_text("Ada!")


def test_a_broken_edit_is_shown_and_mended(page: Page, desk: Desk) -> None:
    """The page shows the error and allows no call; saving the mend brings the agent back."""
    text = SOURCE.read_text(encoding="utf-8")
    choose(page, "greet")
    desk.save(text.replace("async def greet(", "async def greet(("))
    alert = page.get_by_role("alert").filter(has_text="could not start")
    expect(alert).to_contain_text("SyntaxError")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    desk.save(text)
    expect(alert).to_be_hidden()
    expect(run(page, "greet", name="Ada")).to_contain_text("moin Ada")
