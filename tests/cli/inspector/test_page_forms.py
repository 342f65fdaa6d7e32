"""The inspector's forms: a control for each parameter, checks, and what is sent."""

import pytest
from playwright.sync_api import Page, expect

from tests.cli.inspector import page_data
from tests.cli.inspector.page_data import Json
from tests.cli.inspector.page_server import PageServer


def sent(page: Page, server: PageServer) -> Json:
    """Press Run, and return what the page sends."""
    started = page_data.execution(50, "find_alerts", None, status="running", duration_ms=None)
    server.answers["POST /api/executions"] = started
    page.get_by_role("button", name="Run", exact=True).click()
    return server.next_request("POST", "/api/executions")


def test_every_kind_of_parameter_is_sent_as_its_type(page: Page, server: PageServer) -> None:
    """Texts, choices, numbers, switches, lists and objects arrive as JSON of their kind."""
    page.get_by_label("service").fill("cart")
    page.get_by_label("level").select_option("critical")
    page.get_by_label("limit").fill("9007199254740993")
    page.get_by_label("limit").fill("7")
    page.get_by_label("ratio").fill("0.5")
    page.get_by_label("verbose").check()
    page.get_by_label("dry_run").select_option("false")
    page.get_by_label("targets").fill('["db-1"]')
    page.get_by_label("labels").fill('{"team": "shop", "id": 9007199254740993}')
    body = sent(page, server)
    assert body["params"] == {
        "service": "cart",
        "level": "critical",
        "limit": 7,
        "ratio": 0.5,
        "verbose": True,
        "dry_run": False,
        "targets": ["db-1"],
        "labels": {"team": "shop", "id": 9007199254740993},
    }


def test_what_was_not_entered_is_not_sent(page: Page, server: PageServer) -> None:
    """Defaults are filled in; parameters without one are left out."""
    page.get_by_label("service").fill("cart")
    assert sent(page, server) == {
        "action": "find_alerts",
        "params": {
            "service": "cart",
            "level": "warning",
            "limit": 100,
            "verbose": False,
            "targets": ["web-1", "web-2"],
        },
        "time_range": None,
        "encoding": "json",
        "mode": "autonomous",
        "timeout_s": 30,
    }


@pytest.mark.parametrize(
    ("label", "value", "sentence"),
    [
        ("service", "", "This parameter is required."),
        ("limit", "many", "Enter a whole number, such as 10."),
        ("limit", "0", "Enter at least 1."),
        ("limit", "1001", "Enter at most 1000."),
        ("ratio", "0", "Enter more than 0."),
        ("targets", "[1,", "This is not JSON"),
        ("targets", "{}", 'Enter a JSON array, such as ["one", "two"].'),
        ("labels", "[]", 'Enter a JSON object, such as {"key": "value"}.'),
    ],
)
def test_a_wrong_value_is_explained(
    page: Page, server: PageServer, label: str, value: str, sentence: str
) -> None:
    """The field says what was expected, gets the focus, and nothing is sent."""
    field = page.get_by_label(label)
    page.get_by_label("service").fill("cart")
    field.fill(value)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    described = str(field.get_attribute("aria-describedby")).split()
    assert sentence in page.locator(f"#{described[-1]}").inner_text()
    assert server.requests.empty()


NESTED = {
    "type": "object",
    "properties": {
        "labels": {"type": "array", "items": {"$ref": "#/$defs/Label"}},
        "limits": {
            "type": "object",
            "properties": {"cpu": {"type": "number", "minimum": 5}, "tags": {"type": "array"}},
            "required": ["tags"],
            "default": {"cpu": 90, "tags": []},
        },
        "tree": {"$ref": "#/$defs/Tree"},
        "counts": {"type": "array", "items": {"type": "integer"}},
        "anything": {},
    },
    "$defs": {
        "Label": {
            "type": "object",
            "properties": {"key": {"type": "string"}, "level": {"enum": ["low", "high"]}},
            "required": ["key", "level"],
        },
        "Tree": {"type": "object", "properties": {"child": {"$ref": "#/$defs/Tree"}}},
    },
}


@pytest.mark.parametrize(
    ("label", "example"),
    [
        ("labels", '[{"key": "text", "level": "low"}]'),
        ("limits", '{"cpu": 5, "tags": ["one", "two"]}'),
        ("tree", '{"child": {"child": {"child": {"key": "value"}}}}'),
        ("counts", "[1]"),
        ("anything", "JSON"),
    ],
)
def test_an_example_shows_the_shape_of_a_value(
    page: Page, server: PageServer, label: str, example: str
) -> None:
    """The field of an array or an object shows what its members are."""
    changed = page_data.action("find_alerts", "Find alerts.", input_schema=NESTED)
    server.send("state", page_data.state(agent=page_data.agent() | {"actions": [changed]}))
    field = page.get_by_role("textbox", name=label)
    expect(field).to_have_attribute("placeholder", example)


def test_a_hint_says_everything_once(page: Page, server: PageServer) -> None:
    """Limits that are in the description, and defaults that are JSON, are not repeated."""
    schema = {
        "type": "object",
        "properties": {
            "limit": {
                "type": "integer", "minimum": 1, "default": 5,
                "description": "The limit. Format: >= 1",
            },
            "share": {"type": "number", "maximum": 1, "description": "The share."},
            "labels": {"type": "object", "default": {"a": 1}, "description": "The labels."},
        },
    }  # fmt: skip
    changed = page_data.action("find_alerts", "Find alerts.", input_schema=schema)
    server.send("state", page_data.state(agent=page_data.agent() | {"actions": [changed]}))
    expect(page.locator(".field-hint")).to_have_text(
        ["The limit. Format: >= 1 (default 5)", "The share. (at most 1)", "The labels."]
    )


def test_unchecked_values_go_to_the_agent_as_they_are(page: Page, server: PageServer) -> None:
    """So an author sees what the agent itself says about wrong parameters."""
    page.get_by_text("Options").click()
    page.get_by_label("Check the parameters first").uncheck()
    page.get_by_label("limit").fill("many")
    page.get_by_label("targets").fill("[1,")
    params = sent(page, server)["params"]
    assert params == {"level": "warning", "limit": "many", "verbose": False, "targets": "[1,"}


def test_a_preset_time_range_ends_now(page: Page, server: PageServer) -> None:
    """The last six hours are counted when Run is pressed."""
    page.get_by_label("service").fill("cart")
    page.get_by_role("combobox", name="Time range").select_option("6h")
    found = sent(page, server)["time_range"]
    assert isinstance(found, dict)
    assert found["end_epoch_ms"] - found["start_epoch_ms"] == 6 * 3600 * 1000
    assert abs(found["end_epoch_ms"] - page.evaluate("Date.now()")) < 60_000
    assert (found["timezone"], found["original_expression"]) == ("UTC", "last 6h")


def test_a_custom_time_range_is_in_its_time_zone(page: Page, server: PageServer) -> None:
    """Wall clock times become epoch times by the zone's rules, also where clocks change."""
    page.get_by_label("service").fill("cart")
    page.get_by_role("combobox", name="Time range").select_option("custom")
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_label("From").fill("2026-03-29T01:30")
    page.get_by_label("To", exact=True).fill("2026-03-29T03:30")
    assert sent(page, server)["time_range"] == {
        "start_epoch_ms": 1_774_744_200_000,  # 00:30 UTC
        "end_epoch_ms": 1_774_747_800_000,  # 01:30 UTC: an hour of the night is skipped
        "timezone": "Europe/Berlin",
        "original_expression": "2026-03-29T01:30 to 2026-03-29T03:30",
    }


def test_a_time_range_must_end_after_it_begins(page: Page, server: PageServer) -> None:
    """The picker says so, and nothing is sent."""
    page.get_by_label("service").fill("cart")
    page.get_by_role("combobox", name="Time range").select_option("custom")
    page.get_by_label("From").fill("2026-03-29T04:00")
    page.get_by_label("To", exact=True).fill("2026-03-29T03:00")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Enter a beginning and a later end.")).to_be_visible()
    assert server.requests.empty()


def test_options_are_sent_and_remembered(page: Page, server: PageServer) -> None:
    """The encoding, the mode and the timeout of the next visit are those of this one."""
    page.get_by_label("service").fill("cart")
    page.get_by_text("Options").click()
    page.get_by_label("Encoding").select_option("protobuf")
    page.get_by_label("Mode").select_option("manual")
    page.get_by_label("Timeout").fill("5")
    page.reload()
    page.get_by_label("service").fill("cart")
    body = sent(page, server)
    assert (body["encoding"], body["mode"], body["timeout_s"]) == ("protobuf", "manual", 5)


def test_a_refusal_of_the_server_is_shown(page: Page, server: PageServer) -> None:
    """The sentence of the server is beside the form."""
    server.answers["POST /api/executions"] = {"error": "the agent does not run: it is stopped"}
    page.get_by_label("service").fill("cart")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("the agent does not run: it is stopped")).to_be_visible()


def test_what_was_typed_survives_a_reload_of_the_agent(page: Page, server: PageServer) -> None:
    """When an action's parameters change, the values of those that stay are kept."""
    page.get_by_label("service").fill("cart")
    agent = page_data.agent()
    changed = page_data.action(
        "find_alerts",
        "Find alerts.",
        input_params=[
            page_data.param("service", "string"),
            page_data.param("since", "string", "When to begin."),
        ],
    )
    server.send("state", page_data.state(agent=agent | {"actions": [changed]}))
    expect(page.get_by_label("since")).to_be_visible()
    expect(page.get_by_label("limit")).to_have_count(0)
    expect(page.get_by_label("service")).to_have_value("cart")


def test_a_repeated_execution_fills_the_form_and_runs(page: Page, server: PageServer) -> None:
    """Its parameters, its time range and its encoding are used again."""
    again = page_data.execution(
        38,
        "find_alerts",
        None,
        params={"service": "search", "limit": 3},
        encoding="protobuf",
        time_range={
            "start_epoch_ms": 1_774_744_200_000,
            "end_epoch_ms": 1_774_747_800_000,
            "timezone": "Europe/Berlin",
            "original_expression": "this night",
        },
    )
    server.send("execution", again)
    page.evaluate("location.hash = '#/history'")
    page.get_by_role("row", name="search").get_by_role("button", name="Repeat").click()
    body = server.next_request("POST", "/api/executions")
    wanted = ("action", "params", "time_range", "encoding", "mode", "timeout_s")
    assert body == {key: again[key] for key in wanted}
    expect(page.get_by_label("service")).to_have_value("search")
    expect(page.get_by_label("From")).to_have_value("2026-03-29T01:30")
    expect(page.get_by_role("combobox", name="Time range")).to_have_value("custom")


def test_an_action_without_a_schema_has_a_form_of_its_declaration(
    page: Page, server: PageServer
) -> None:
    """Agents that declare parameters by hand get the same controls."""
    page.get_by_role("link", name="restart").click()
    page.get_by_label("service").fill("cart")
    assert sent(page, server)["params"] == {"service": "cart"}
    expect(page.get_by_role("combobox", name="Time range")).to_be_hidden()
