"""The documented fragments, each in the smallest program that runs it."""

import asyncio
import inspect
import json
from collections.abc import Sequence

import pytest

from mirastack_sdk import datetimeutils, serve_async
from mirastack_sdk.errors import InvalidPluginError
from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    IntentPattern,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    TimeRange,
)
from mirastack_sdk.testing import LocalEngine, MockEngineClient, make_execute_request
from tests.documentation.agent_process import running
from tests.documentation.documentation import STAGES, load_program, program_path

ENGINE_CALLS = load_program(program_path("engine_calls"))
ERROR_HANDLING = load_program(program_path("error_handling"))
FALLBACK = load_program(program_path("time_range_fallback"))
INTENTS = load_program(program_path("intents_and_prompts"))


async def test_engine_calls_on_the_mock() -> None:
    """The printed cache, log and publish calls work on the mock as documented."""
    engine = MockEngineClient()
    plugin: MirastackPlugin = ENGINE_CALLS.MyPlugin()
    answered = plugin.execute(make_execute_request({"action": "call_engine"}, engine))
    assert inspect.isawaitable(answered)
    response = await answered
    assert json.loads(response.output["result"]) == {"cached_before": None}
    assert await engine.cache_get(None, "my_agent:key") == '["checkout", "cart"]'
    (event,) = engine.events
    assert event.event == "my_agent.query_executed"
    assert event.data == {"message": "Query completed successfully", "rows": "1250"}
    assert [published.value for published in engine.published] == [{"rows": 1250}]


async def test_a_written_value_lives_as_long_as_its_ttl() -> None:
    """`ttl=300` keeps the value for 300 seconds and no longer."""
    engine = MockEngineClient()
    answered = ENGINE_CALLS.MyPlugin().execute(make_execute_request(engine_client=engine))
    assert inspect.isawaitable(answered)
    await answered
    engine.clock.advance(299)
    assert await engine.cache_get(None, "my_agent:key") is not None
    engine.clock.advance(1)
    assert await engine.cache_get(None, "my_agent:key") is None


async def test_engine_calls_on_an_engine() -> None:
    """The same calls reach a local engine from an agent's process."""
    async with LocalEngine() as engine, running(program_path("engine_calls"), engine):
        agent = await engine.wait_registered("my_agent")
        results = [await agent.execute("call_engine") for _ in range(2)]
        assert [json.loads(result.output["result"])["cached_before"] for result in results] == [
            None,
            '["checkout", "cart"]',
        ]
        event, _ = engine.events
        assert event.event == "my_agent.query_executed"
        assert event.data == {"message": "Query completed successfully", "rows": "1250"}
        assert [published.execution_id for published in engine.published] == [
            result.execution_id for result in results
        ]
        assert engine.violations == []


async def test_the_time_range_is_used_where_there_is_one() -> None:
    """The pattern's first branch turns the range into epoch seconds."""
    time_range = TimeRange(1774973400000, 1774977000000, "UTC", "an hour")
    response = await FALLBACK.Queries()._action_range_query(  # noqa: SLF001 - the printed name
        {}, time_range
    )
    assert response.output == {"result": "1774973400 1774977000"}


@pytest.mark.parametrize("time_range", [None, TimeRange(0, 0, "", "")])
async def test_the_parameters_are_the_fallback(time_range: TimeRange | None) -> None:
    """The pattern's second branch takes the caller's parameters."""
    params = {"start": "1", "end": "2"}
    response = await FALLBACK.Queries()._action_range_query(  # noqa: SLF001 - the printed name
        params, time_range
    )
    assert response.output == {"result": "1 2"}


class Declaring(MirastackPlugin):
    """An agent with the declarations of a test."""

    def __init__(
        self,
        stages: Sequence[str] = ("observe",),
        intents: Sequence[IntentPattern] = (),
        prompts: Sequence[PromptTemplate] = (),
    ) -> None:
        self.stages = list(stages)
        self.intents = list(intents)
        self.prompts = list(prompts)

    def info(self) -> PluginInfo:
        stages, intents, prompts = self.stages, self.intents, self.prompts
        read = Permission.READ
        return PluginInfo("declaring", "1.0.0", "Declares", read, stages, intents, prompts)

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("range_query", "Query a range.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse(logs=[req.action])


async def serve_briefly(plugin: MirastackPlugin) -> None:
    """Start an agent without an engine, and stop it at once."""
    stop = asyncio.Event()
    stop.set()
    await serve_async(plugin, environ={"MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0"}, stop=stop)


@pytest.mark.parametrize("stage", [stage for stage, _ in STAGES])
async def test_a_documented_stage_is_accepted(stage: str) -> None:
    """Each documented stage can be declared."""
    await serve_briefly(Declaring(stages=[stage]))


async def test_any_other_stage_is_refused() -> None:
    """An undocumented stage stops the start, and the error names it."""
    with pytest.raises(InvalidPluginError, match="deploying"):
        await serve_briefly(Declaring(stages=["deploying"]))


async def test_intent_patterns_and_prompt_templates_reach_the_engine() -> None:
    """The printed intents and prompts reach the engine and route to their action."""
    stop = asyncio.Event()
    plugin = Declaring(intents=INTENTS.INTENT_PATTERNS, prompts=INTENTS.PROMPT_TEMPLATES)
    async with LocalEngine() as engine, asyncio.TaskGroup() as tasks:
        environ = {
            "MIRASTACK_ENGINE_ADDR": engine.address,
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
        }
        tasks.create_task(serve_async(plugin, environ=environ, stop=stop))
        agent = await engine.wait_registered("declaring")
        info, schema = await agent.info(), await agent.schema()
        stop.set()
    assert info.intent_patterns == INTENTS.INTENT_PATTERNS
    assert info.prompt_templates == INTENTS.PROMPT_TEMPLATES
    assert schema.actions[0].intents == [intent.pattern for intent in info.intent_patterns]


async def test_an_error_that_is_not_fatal_is_a_log_line() -> None:
    """The printed `except` returns a log line, and the execution succeeds."""
    plugin = ERROR_HANDLING.MyPlugin(client=ERROR_HANDLING.Backend())
    response = await plugin.execute(make_execute_request(action="query"))
    assert response.logs == ["backend query failed: too many series"]


async def test_a_fatal_error_fails_the_execution() -> None:
    """The printed `raise` fails the execution; the engine sees its text."""
    async with LocalEngine() as engine, running(program_path("error_handling"), engine):
        agent = await engine.wait_registered("my_agent")
        result = await agent.execute("query")
        assert not result.success
        assert "backend client not initialised — check MY_BACKEND_URL" in result.error


def test_every_documented_formatter_is_imported_as_printed() -> None:
    """The printed import provides seven functions."""
    program = load_program(program_path("formatters"))
    names = [name for name in vars(program) if name.startswith(("format_", "now_"))]
    assert len(names) == 7
    assert all(getattr(program, name) is getattr(datetimeutils, name) for name in names)
