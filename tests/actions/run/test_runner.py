"""An action calls its function and turns the outcome into a response."""

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from mirastack_sdk.agent import ActionError
from mirastack_sdk.plugin import (
    ExecuteResponse,
)
from mirastack_sdk.results import ResultError
from tests.actions.agents import TIMEOUT, new_agent


@dataclass
class Line:
    """One line of a log."""

    message: str
    count: int = 1


async def test_the_function_is_unchanged() -> None:
    """A decorated function can be called directly, with its own types."""
    agent = new_agent()

    async def search(query: str) -> list[str]:
        """Search."""
        return [query]

    assert agent.action(search) is search
    assert agent.action(name="again")(search) is search
    assert await search("a") == ["a"]


async def test_a_result_is_json() -> None:
    """The return value is the result, as JSON without blanks."""
    agent = new_agent()

    @agent.action
    async def search(query: str, limit: int = 2) -> list[Line]:
        """Search."""
        return [Line(query)] * limit

    found = await agent.call("search", query="a", limit=1)
    assert found.text == '[{"message":"a","count":1}]'
    assert found.value == [{"message": "a", "count": 1}]
    assert found.read(list[Line]) == [Line("a")]
    assert found.logs == []


async def test_a_response_is_passed_on() -> None:
    """A function may return a response itself."""
    agent = new_agent()
    own = ExecuteResponse(output={"result": "1", "more": "2"}, logs=["said"])

    @agent.action
    async def search() -> ExecuteResponse:
        """Search."""
        return own

    assert (await agent.call("search")).response is own


async def test_an_authors_response_is_not_modified() -> None:
    """Notes do not accumulate in an object that several calls share."""
    agent = new_agent()
    own = ExecuteResponse(logs=["said"])

    @agent.action
    async def search() -> ExecuteResponse:
        """Search."""
        return own

    found = await agent.call("search", colour="red")
    assert found.logs == [
        "said",
        "colour was ignored because it is not a parameter of this action: it has no parameters",
    ]
    assert own.logs == ["said"]


def test_only_functions_are_actions() -> None:
    """An option given as a positional argument is refused at once."""
    with pytest.raises(TypeError, match="pass options by name"):
        new_agent().action("search")  # type: ignore[call-overload] # what it is for


async def test_a_result_that_is_not_json_fails_the_execution() -> None:
    """The error names the part."""
    agent = new_agent()

    @agent.action
    async def search() -> list[dict[str, float]]:
        """Search."""
        return [{"value": math.nan}]

    with pytest.raises(ResultError, match=r"^\[0\]\.value is NaN, which JSON does not allow$"):
        await agent.call("search")


async def test_a_large_result_is_truncated() -> None:
    """The limit is the action's own; the logs say what was cut."""
    agent = new_agent()

    @agent.action(result_limit=100)
    async def search() -> list[int]:
        """Search."""
        return list(range(1000))

    found = await agent.call("search")
    assert len(found.text) <= 100
    assert found.logs == ["result: showing 36 of 1000 rows"]


async def test_a_synchronous_function_runs_in_a_thread() -> None:
    """Blocking work does not block the loop."""
    agent = new_agent()

    @agent.action
    def search() -> bool:
        """Search."""
        return threading.current_thread() is threading.main_thread()

    assert (await agent.call("search")).value is False


async def test_an_iterator_is_read_in_the_thread_that_returned_it() -> None:
    """Its items are the result, a list; they are not published one by one."""
    agent = new_agent()

    def is_main(_number: int) -> bool:
        return threading.current_thread() is threading.main_thread()

    @agent.action
    def search() -> Iterator[bool]:
        """Search."""
        return map(is_main, range(2))

    found = await agent.call("search")
    assert (found.value, found.partials) == ([False, False], ())


async def test_an_action_error_is_shown() -> None:
    """Its text is the response, and the execution succeeds."""
    agent = new_agent()

    @agent.action
    async def search() -> None:
        """Search."""
        raise ActionError("no such index: try http://docs.internal/indexes")

    found = await agent.call("search")
    assert found.logs == ["no such index: try http://docs.internal/indexes"]
    assert found.response.output == {}
    with pytest.raises(LookupError, match="no such index"):
        _ = found.value


async def test_action_errors_of_a_group_are_shown() -> None:
    """Several tasks may fail, each with a text."""
    agent = new_agent()

    @agent.action
    async def search() -> None:
        """Search."""
        raise ExceptionGroup("tasks", [ActionError("a"), ActionError("b")])

    assert (await agent.call("search")).logs == ["a", "b"]


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("down"),
        TimeoutError("late"),
        ExceptionGroup("tasks", [ActionError("a"), ValueError("b")]),
    ],
    ids=["error", "own-timeout", "mixed-group"],
)
async def test_any_other_exception_is_raised(error: Exception) -> None:
    """The execution fails, and the runtime cleans and logs the exception."""
    agent = new_agent()

    @agent.action(timeout=TIMEOUT)
    async def search() -> None:
        """Search."""
        raise error

    with pytest.raises(type(error)):
        await agent.call("search")


async def test_an_unknown_action_is_reported() -> None:
    """The response lists the actions."""
    agent = new_agent()

    @agent.action
    async def search() -> None:
        """Search."""

    assert (await agent.call("serch")).logs == ["unknown action: serch; did you mean search?"]
    assert (await agent.call("delete")).logs == ["unknown action: delete; the actions are search"]


async def test_actions_can_be_added_later() -> None:
    """An agent that has already run can get more actions."""
    agent = new_agent()

    @agent.action
    async def first() -> int:
        """Come first."""
        return 1

    assert (await agent.call("first")).value == 1

    @agent.action
    async def second() -> int:
        """Come second."""
        return 2

    assert (await agent.call("second")).value == 2
    assert [action.name for action in agent.schema().actions] == ["first", "second"]
