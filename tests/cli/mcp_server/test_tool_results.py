"""The results of tools: what an execution returned, as MCP has it."""

import pytest

from mirastack_sdk._cli.mcp_server.tool_results import tool_result, unanswered_result
from mirastack_sdk.testing import AgentCallError, ExecutionResult
from tests.cli.mcp_server.clients import text_of
from tests.cli.mcp_server.test_offered_tools import TYPED, UNTYPED

DECLARED, FREE = TYPED["search"], UNTYPED["run"]


def result_of(value: object, *, logs: list[str] | None = None) -> ExecutionResult:
    """A successful execution."""
    return ExecutionResult(execution_id="1", success=True, value=value, logs=logs or [])


@pytest.mark.parametrize(
    ("value", "content"),
    [
        ({"result": '{"a":[1,2]}'}, {"result": {"a": [1, 2]}}),
        ({"result": '"a text"'}, {"result": "a text"}),
        ({"result": "1.10"}, {"result": "1.10"}),
        ({"result": "true"}, {"result": "true"}),
        ({"result": "no [JSON"}, {"result": "no [JSON"}),
        ({"result": "[" * 100_000}, {"result": "[" * 100_000}),
        ({"result": "[NaN]"}, {"result": "[NaN]"}),
        ({"rows": 2, "other": '{"a":1}'}, {"rows": 2, "other": '{"a":1}'}),
        ({"result": [1]}, {"result": [1]}),
        ([1, 2], {"result": [1, 2]}),
        ("text", {"result": "text"}),
        (None, {"result": None}),
        ({}, {}),
    ],
    ids=lambda value: str(value)[:20],
)
def test_free_results_are_objects(value: object, content: object) -> None:
    """JSON in `result` is read; what authors may mean as text stays text."""
    assert tool_result(FREE, result_of(value)).structured_content == content


@pytest.mark.parametrize(("text", "value"), [("1.10", 1.1), ("true", True), ('"5"', "5")])
def test_declared_results_are_json(text: str, value: object) -> None:
    """The SDK has written them, so a number is a number."""
    result = tool_result(DECLARED, result_of({"result": text, "logs": ["cut"]}))
    assert result.structured_content == {"result": value, "logs": ["cut"]}


def test_an_error_for_the_model_is_an_error() -> None:
    """The lines are those of the log, each once."""
    value = {"error": "no such index\ntry another", "logs": ["no such index", "from the cache"]}
    result = tool_result(FREE, result_of(value, logs=["no such index", "from the cache"]))
    assert (result.is_error, result.structured_content) == (True, None)
    assert text_of(result) == "no such index\ntry another\nfrom the cache"


@pytest.mark.parametrize("value", [{"error": ""}, {"error": "one of many", "rows": 3}], ids=str)
def test_an_error_beside_a_result_is_a_result(value: dict[str, object]) -> None:
    """Authors may have a member of that name."""
    assert not tool_result(FREE, result_of(value)).is_error


def test_a_failed_execution_is_an_error() -> None:
    """Its text is the reason."""
    failed = ExecutionResult(execution_id="1", success=False, error="broken", logs=["more"])
    assert text_of(tool_result(FREE, failed)) == "broken\nmore"
    silent = ExecutionResult(execution_id="1", success=False)
    assert text_of(tool_result(FREE, silent)) == "the action failed without a reason"


def test_no_response_is_an_error() -> None:
    """A timeout names the limit."""
    late = AgentCallError("late", reason="deadline_exceeded", status="DEADLINE_EXCEEDED")
    assert text_of(unanswered_result(FREE, late, 1.5)) == "run did not finish within 1.5 s"
    gone = AgentCallError("it is gone", reason="unavailable", status=None)
    assert text_of(unanswered_result(FREE, gone, 1.5)) == "run did not respond: it is gone"
