"""Actions in worker processes behave as those in threads do."""

import logging
import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from mirastack_sdk._core.redaction.clean import describe_exception
from mirastack_sdk.agent import Agent
from mirastack_sdk.errors import ResultError, WorkerError
from mirastack_sdk.logs import log_fields
from mirastack_sdk.testing import MockEngineClient
from tests.actions.agents import RANGE
from tests.actions.workers import computing

# One agent, and so one worker for all of them: a process takes a moment to start.
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def agent() -> AsyncIterator[Agent]:
    async with computing.agent.running():
        yield computing.agent


async def test_it_runs_in_another_process_that_is_kept(agent: Agent) -> None:
    """One process after another would cost each call a start."""
    first, second = await agent.call("process_id"), await agent.call("process_id")
    assert first.value == second.value != os.getpid()


async def test_arguments_cross(agent: Agent) -> None:
    """Objects of the author's classes, the time range, the config and secrets arrive."""
    result = await agent.call(
        "arguments",
        point={"x": 1, "seen": "2026-01-02T03:04:05Z"},
        names=["a", "ü"],
        time_range=RANGE,
        token="of the caller",
    )
    assert result.value == {
        "point": {"x": 1, "seen": "2026-01-02T03:04:05Z"},
        "names": ["a", "ü"],
        "start": RANGE.start_epoch_ms,
        "factor": 2,
        "tokens": ["hush-hush-hush", "of the caller"],
    }


async def test_the_context_the_logs_and_the_progress(agent: Agent) -> None:
    """The context has its ids; lines and progress reach the agent in order."""
    result = await agent.call("context")
    assert result.value == ["execution-1", "step-1"]
    assert result.logs == ["first", "second", "third", "fourth"]
    assert [(one.fraction, one.message) for one in result.progress] == [(0.5, "half")]


async def test_logs_are_those_that_the_action_leaves(agent: Agent) -> None:
    """Lines that it changes or takes back are not in the response."""
    assert (await agent.call("edit_logs")).logs == ["changed", "second"]


async def test_results_of_every_kind(agent: Agent) -> None:
    """Values are written in the forms that they have as results of a thread."""
    result = await agent.call("values")
    assert result.value == ["1.50", "2026-01-02", "YWI=", {"a": None}]


async def test_a_long_result_is_truncated(agent: Agent) -> None:
    """It is cut to its limit, and the response says so."""
    result = await agent.call("long_result")
    assert len(result.text) <= 200
    assert any("1000 rows" in line for line in result.logs)


async def test_a_whole_response(agent: Agent) -> None:
    """An `ExecuteResponse` stays as it is."""
    result = await agent.call("response")
    assert (result.value, result.logs) == (7, ["as it is"])


async def test_partial_results(agent: Agent) -> None:
    """What a generator yields is published one by one, and is the result."""
    engine = MockEngineClient()
    result = await agent.call("squares", to=4, engine_client=engine)
    assert result.value == [0, 1, 4, 9]
    assert [one.partial_json for one in engine.published] == ["0", "1", "4", "9"]


async def test_an_iterator_is_read_to_its_end(agent: Agent) -> None:
    """As in a thread, only generators publish."""
    result = await agent.call("mapped")
    assert (result.value, result.partials) == ([1, 2], ())


async def test_a_result_that_json_cannot_express(agent: Agent) -> None:
    """The error names the part."""
    with pytest.raises(ResultError, match="value is NaN, which JSON does not allow"):
        await agent.call("unwritable")


async def test_an_action_error_is_a_response(agent: Agent) -> None:
    """The model reads its text."""
    assert (await agent.call("fail", how="action")).logs == ["ask for less"]


async def test_an_exception_has_its_type_and_its_traceback(agent: Agent) -> None:
    """Its cause shows the line that raised it."""
    with pytest.raises(ValueError, match="no such thing") as caught:
        await agent.call("fail", how="other")
    cause = str(caught.value.__cause__)
    assert "computing.py" in cause
    assert 'raise ValueError("no such thing")' in cause
    assert "worker_main" not in cause


@pytest.mark.parametrize(
    ("how", "name", "text"),
    [
        ("own", "PositionalError", "3: three"),
        ("group", "ExceptionGroup", "both (2 sub-exceptions): a; 1: b"),
    ],
)
async def test_an_exception_that_cannot_be_pickled(
    agent: Agent, how: str, name: str, text: str
) -> None:
    """Its name, its text and its traceback arrive."""
    with pytest.raises(Exception, match=text[:4]) as caught:
        await agent.call("fail", how=how)
    assert type(caught.value).__name__ == name
    assert describe_exception(caught.value) == text
    assert "computing.py" in str(caught.value.__cause__)


async def test_log_records_reach_the_agents_handlers(
    agent: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    """They have their text, fields and tracebacks; the level is that of the agent's logger."""
    await agent.call("log", text="hello")
    first, second = (one for one in caplog.records if one.name == "tests.computing")
    assert first.getMessage() == "it says hello"
    fields = vars(first)
    assert (fields["size"], str(fields["place"])) == (3, "a")
    assert "lock" in fields["lock"]
    assert fields["level"] == "high"
    assert "ValueError: invalid literal" in (second.exc_text or "")


async def test_log_records_name_the_execution(agent: Agent) -> None:
    """A handler of the agent's runs in the context of the call."""
    seen: list[dict[str, str]] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(log_fields())

    handler = Handler()
    computing.LOG.addHandler(handler)
    try:
        await agent.call("log", text="hello")
    finally:
        computing.LOG.removeHandler(handler)
    assert {one["execution_id"] for one in seen} == {"execution-1"}
    assert {one["action"] for one in seen} == {"log"}


async def test_dependencies_are_opened_in_the_agents_process(agent: Agent) -> None:
    """The action gets a copy of their value."""
    total, opened, ran = (await agent.call("with_table")).read(list[int])
    assert (total, opened) == (6, os.getpid())
    assert ran != os.getpid()


async def test_an_argument_that_cannot_be_passed(agent: Agent) -> None:
    """One sentence names it."""
    with pytest.raises(WorkerError, match=r'with_lock: "lock" cannot be passed .*pickle') as caught:
        await agent.call("with_lock")
    assert caught.value.reason == "not_picklable"
    assert not caught.value.retryable
    assert (await agent.call("process_id")).value


async def test_an_argument_that_the_worker_cannot_read(agent: Agent) -> None:
    """One sentence names it, too."""
    with pytest.raises(WorkerError, match=r'with_error: "error" cannot be passed .*text') as caught:
        await agent.call("with_error")
    assert caught.value.reason == "not_picklable"


async def test_context_variables_end_with_the_call(agent: Agent) -> None:
    """A call does not see what the one before it has set."""
    await agent.call("remember", text="set")
    assert (await agent.call("remember", text="set")).value == "unset"


async def test_a_static_method(agent: Agent) -> None:
    """Whatever can be imported by its name runs."""
    assert (await agent.call("doubled", number=4)).value == 8


@pytest.mark.parametrize(
    ("action", "parameters", "text"),
    [
        ("die", {}, "was ended by SIGKILL, as it is when memory runs out; the next call gets"),
        ("leave", {"status": 3}, "has ended with status 3; the next call gets another one"),
        ("leave", {"status": 0}, "has ended with status 0; the next call gets another one"),
    ],
)
async def test_the_end_of_a_worker_fails_its_call_only(
    agent: Agent, action: str, parameters: dict[str, int], text: str
) -> None:
    """The error says how the process has ended, and the next call runs."""
    before = (await agent.call("process_id")).value
    with pytest.raises(WorkerError, match=text) as caught:
        await agent.call(action, time_range=None, engine_client=None, **parameters)
    assert (caught.value.reason, caught.value.retryable) == ("worker_ended", True)
    assert (await agent.call("process_id")).value not in {before, os.getpid()}


async def test_a_timeout_kills_the_worker(agent: Agent) -> None:
    """The response has what was published and said until then."""
    await agent.call("process_id")  # a worker takes longer to start than this timeout
    result = await agent.call("endless")
    [process] = result.partials
    assert result.logs == ["has begun", "endless was stopped after 1 s, its result is incomplete"]
    assert isinstance(process, int)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


async def test_an_exit_is_that_of_the_action(agent: Agent) -> None:
    """`sys.exit` in an action ends neither the worker nor the agent."""
    with pytest.raises(SystemExit, match="gone"):
        await agent.call("fail", how="exit")
