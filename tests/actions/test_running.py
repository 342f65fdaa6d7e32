"""An action runs as its author wrote it, and answers whatever comes of it."""

import asyncio
import math
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from mirastack_sdk.agent import ActionError
from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import (
    Context,
    EngineClient,
    ExecuteRequest,
    ExecuteResponse,
    Permission,
    TimeRange,
)
from mirastack_sdk.results import ResultError, respond_error, respond_json, respond_raw
from mirastack_sdk.testing import MockEngineClient, make_execute_request
from tests.actions.agents import PATIENCE, RANGE, new_agent


@dataclass
class Line:
    """One line of a log."""

    message: str
    count: int = 1


async def test_the_function_stays_itself() -> None:
    """A decorated function is called like any other, with its own types."""
    agent = new_agent()

    async def search(query: str) -> list[str]:
        """Search."""
        return [query]

    assert agent.action(search) is search
    assert agent.action(name="again")(search) is search
    assert await search("a") == ["a"]


async def test_a_result_is_json() -> None:
    """What the function returns is the result, as JSON without blanks."""
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


async def test_text_is_a_json_string() -> None:
    """A text is never taken for JSON, whatever is in it: results do not depend on content."""
    agent = new_agent()

    @agent.action
    async def search() -> str:
        """Search."""
        return "[1]"

    assert (await agent.call("search")).text == '"[1]"'


async def test_nothing_is_null() -> None:
    """A function that returns nothing has a result, which is null."""
    agent = new_agent()

    @agent.action
    async def search() -> None:
        """Search."""

    assert (await agent.call("search")).text == "null"


async def test_a_response_passes_as_it_is() -> None:
    """Whoever answers in his own hand is not corrected."""
    agent = new_agent()
    own = ExecuteResponse(output={"result": "1", "more": "2"}, logs=["said"])

    @agent.action
    async def search() -> ExecuteResponse:
        """Search."""
        return own

    assert (await agent.call("search")).response is own


def test_answers_in_ones_own_hand() -> None:
    """The helpers make the answers that a returned value would make, and others."""
    assert respond_json([Line("a")], logs=["b"]) == ExecuteResponse(
        output={"result": '[{"message":"a","count":1}]'}, logs=["b"]
    )
    assert respond_json("x" * 200, limit=100).logs == ["result: showing 97 of 200 characters"]
    assert respond_raw('{"a": 1}').output == {"result": '{"a": 1}'}
    assert respond_error("a", "b") == ExecuteResponse(logs=["a", "b"])


@pytest.mark.parametrize("text", ["", "{", "NaN", "[1,]"])
def test_raw_json_is_checked(text: str) -> None:
    """What is no JSON is not sent as if it were."""
    with pytest.raises(ValueError, match=r"\w"):
        respond_raw(text)


async def test_what_json_has_not_fails_the_execution() -> None:
    """The reason names the part."""
    agent = new_agent()

    @agent.action
    async def search() -> list[dict[str, float]]:
        """Search."""
        return [{"value": math.nan}]

    with pytest.raises(ResultError, match=r"^\[0\]\.value is NaN, which JSON has not$"):
        await agent.call("search")


async def test_a_large_result_is_cut_and_says_so() -> None:
    """The limit is the action's own; the logs say what was cut."""
    agent = new_agent()

    @agent.action(result_limit=100)
    async def search() -> list[int]:
        """Search."""
        return list(range(1000))

    found = await agent.call("search")
    assert len(found.text) <= 100
    assert found.logs == ["result: showing 36 of 1000 rows"]


async def test_a_plain_function_runs_in_a_thread() -> None:
    """Blocking work holds up nobody else."""
    agent = new_agent()

    @agent.action
    def search() -> bool:
        """Search."""
        return threading.current_thread() is threading.main_thread()

    assert (await agent.call("search")).value is False


async def test_a_plain_generator_is_read_in_its_thread() -> None:
    """What it yields is the result, a list."""
    agent = new_agent()

    @agent.action
    def search() -> Iterator[bool]:
        """Search."""
        yield threading.current_thread() is threading.main_thread()
        yield True

    assert (await agent.call("search")).value == [False, True]


async def test_a_stream_publishes_each_item() -> None:
    """Each yielded value is a partial result; all of them together are the result."""
    agent = new_agent()

    @agent.action
    async def search() -> AsyncIterator[Line]:
        """Search."""
        yield Line("a")
        yield Line("b")

    engine = MockEngineClient()
    found = await agent.call("search", engine_client=engine)
    assert found.value == [{"message": "a", "count": 1}, {"message": "b", "count": 1}]
    assert list(found.partials) == found.value
    assert [published.partial_json for published in engine.published] == [
        '{"message":"a","count":1}',
        '{"message":"b","count":1}',
    ]


async def test_a_stream_goes_on_where_nobody_sees_it() -> None:
    """Partial results that cannot be shown do not cost the result."""
    agent = new_agent()

    @agent.action
    async def search() -> AsyncIterator[int]:
        """Search."""
        yield 1
        yield 2

    engine = MockEngineClient()
    engine.fail_always("publish_result", EngineError("down", reason="unavailable"))
    found = await agent.call("search", engine_client=engine)
    assert found.value == [1, 2]
    assert found.logs == ["partial results could not be shown: unavailable"]
    assert len(engine.calls) == 1


async def test_a_stream_is_closed_when_its_call_is_cancelled() -> None:
    """What the author wrote into `finally` runs before the call has ended."""
    agent = new_agent()
    waiting, closed = asyncio.Event(), asyncio.Event()

    @agent.action
    async def search() -> AsyncIterator[int]:
        """Search."""
        try:
            yield 1
            waiting.set()
            await asyncio.Event().wait()
        finally:
            closed.set()

    call = asyncio.create_task(agent.call("search"))
    await asyncio.wait_for(waiting.wait(), PATIENCE)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert closed.is_set()


async def test_an_action_error_is_shown() -> None:
    """Its text is the answer, as it is, and the execution succeeds."""
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
    """Several tasks may fail with a text each."""
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
    """The execution fails, and whoever serves the agent cleans and logs it."""
    agent = new_agent()

    @agent.action(timeout=PATIENCE)
    async def search() -> None:
        """Search."""
        raise error

    with pytest.raises(type(error)):
        await agent.call("search")


async def test_what_takes_too_long_is_answered() -> None:
    """The answer says how long it was, and what to do."""
    agent = new_agent()

    @agent.action(timeout=0.01)
    async def search() -> None:
        """Search."""
        await asyncio.Event().wait()

    found = await agent.call("search")
    assert found.logs == [
        "search was stopped after 0.01 s: ask for less, such as a shorter time range"
    ]


async def test_a_stream_that_takes_too_long_answers_what_it_has() -> None:
    """What was found until then is worth having."""
    agent = new_agent()

    @agent.action(timeout=0.01)
    async def search() -> AsyncIterator[int]:
        """Search."""
        yield 1
        await asyncio.Event().wait()

    found = await agent.call("search")
    assert found.value == [1]
    assert found.logs == ["search was stopped after 0.01 s, its result is incomplete"]


async def test_no_more_than_so_many_run_at_once() -> None:
    """Others wait for their turn."""
    agent = new_agent()
    running, most = 0, 0
    full, ends = asyncio.Event(), asyncio.Event()

    @agent.action(max_concurrency=2)
    async def search() -> None:
        """Search."""
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 2:
            full.set()
        await ends.wait()
        running -= 1

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        calls = [tasks.create_task(agent.call("search")) for _ in range(5)]
        await full.wait()
        ends.set()
    assert most == 2
    assert [call.result().value for call in calls] == [None] * 5


async def test_whoever_waits_too_long_is_told_why() -> None:
    """A call that never had its turn did not ask for too much."""
    agent = new_agent()
    started, ends = asyncio.Event(), asyncio.Event()

    @agent.action(max_concurrency=1, timeout=0.05)
    async def search(hold: bool) -> None:
        """Search."""
        started.set()
        while hold:
            try:
                await ends.wait()
            except asyncio.CancelledError:
                continue
            return

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(agent.call("search", hold=True))
        await started.wait()
        found = await agent.call("search", hold=False)
        ends.set()
    assert found.logs == [
        "search was stopped after 0.05 s: other calls of it took all of that time: try again later"
    ]


async def test_parameters_that_do_not_fit_are_answered() -> None:
    """Everything wrong at once, and the function is not called."""
    agent = new_agent()

    @agent.action
    async def search(query: str, limit: int, since: TimeRange) -> None:
        """Search."""
        raise AssertionError

    found = await agent.call("search", limit="ten", quary="a", colour="red")
    assert found.response.output == {}
    assert found.logs == [
        "search was not run, its parameters are to be corrected:",
        "query is required: expected string",
        'limit: expected integer, got "ten"',
        "quary is no parameter of this action: did you mean query?",
        "a time range is required, such as: last 30 minutes",
        "colour was ignored, it is no parameter of this action: it has query, limit",
    ]


@pytest.mark.parametrize("permission", [Permission.MODIFY, Permission.ADMIN])
async def test_what_changes_something_takes_no_unknown_parameter(permission: Permission) -> None:
    """The permission is the action's, or else the agent's."""

    async def restart(service: str) -> str:
        """Restart."""
        return service

    by_agent, by_action = new_agent(permission), new_agent()
    by_agent.action(restart)
    by_action.action(permission=permission)(restart)
    for agent in (by_agent, by_action):
        found = await agent.call("restart", service="cart", colour="red")
        assert found.logs[1:] == ["colour is no parameter of this action: it has service"]


async def test_the_request_is_injected_by_type() -> None:
    """Range, context, engine client and the whole request, in whatever order and by any name."""
    agent = new_agent()
    received: list[object] = []

    @agent.action
    async def search(
        engine: EngineClient,
        window: TimeRange | None,
        ctx: Context,
        whole: ExecuteRequest,
        query: str,
        *,
        default: TimeRange = RANGE,
    ) -> None:
        """Search."""
        received.extend([engine, window, ctx, whole, query, default])

    request = make_execute_request({"query": "a"}, action="search")
    await agent.execute(request)
    engine, ctx = request.engine_client, request.ctx
    assert received == [engine, None, ctx, request, "a", RANGE]


async def test_without_an_engine_client_there_is_no_engine() -> None:
    """A call that a test makes says what it lacks."""
    agent = new_agent()

    @agent.action
    async def search(engine: EngineClient) -> str | None:
        """Search."""
        return await engine.cache_get(None, "logs:a")

    with pytest.raises(EngineError, match="engine_client=MockEngineClient") as caught:
        await agent.call("search")
    assert caught.value.reason == "not_connected"
    engine = MockEngineClient(cache={"logs:a": "1"})
    assert (await agent.call("search", engine_client=engine)).value == "1"


async def test_keywords_of_python_are_names_without_their_underscore() -> None:
    """`from_` is `from` to language models, and either in a test."""
    agent = new_agent()

    @agent.action
    async def search(from_: str) -> str:
        """Search."""
        return from_

    assert (await agent.call("search", from_="a")).value == "a"
    request = make_execute_request({"from": "b"}, action="search")
    assert (await agent.execute(request)).output == {"result": '"b"'}


async def test_an_unknown_action_is_answered() -> None:
    """The answer names what there is."""
    agent = new_agent()

    @agent.action
    async def search() -> None:
        """Search."""

    assert (await agent.call("serch")).logs == ["unknown action: serch; did you mean search?"]
    assert (await agent.call("delete")).logs == ["unknown action: delete; there are search"]


async def test_actions_may_be_added_later() -> None:
    """An agent that has answered already takes further actions."""
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
