"""Calls of tools: real executions of an agent over sockets, for the official SDK's client."""

import asyncio

import pytest
from mcp import MCPError, types

from mirastack_sdk._cli.mcp_server.agent_server import AgentServer
from tests.cli.mcp_server.clients import (
    Heard,
    Mode,
    Person,
    client_of,
    shop_server,
    text_of,
    until,
)


async def test_a_result_is_structured_and_text(server: AgentServer, mode: Mode) -> None:
    """The JSON that the engine gets as a text is a value here, and the text is its JSON."""
    async with client_of(server, mode) as client:
        await client.list_tools()
        result = await client.call_tool("list_items", {"most": 1})
    assert result.structured_content == {"result": [{"name": "Käse 🧀", "price": 2.5}]}
    assert text_of(result) == '{"result":[{"name":"Käse 🧀","price":2.5}]}'
    assert not result.is_error


async def test_wrong_parameters_are_reported_to_the_model(server: AgentServer, mode: Mode) -> None:
    """The sentences are those that the model behind an engine reads."""
    async with client_of(server, mode) as client:
        result = await client.call_tool("list_items", {"most": "many"})
    assert result.is_error
    assert text_of(result).endswith('most: expected integer, got "many"')


async def test_a_failure_is_reported_without_what_is_secret(
    server: AgentServer, mode: Mode
) -> None:
    """The text is the one that leaves the agent."""
    async with client_of(server, mode) as client:
        result = await client.call_tool("fail")
    assert (result.is_error, text_of(result)) == (True, "the till at [address] is broken")


async def test_an_unknown_tool_is_an_error_of_the_protocol(server: AgentServer, mode: Mode) -> None:
    """The error names the tools that exist."""
    async with client_of(server, mode) as client:
        with pytest.raises(MCPError, match="unknown tool: steal; the tools are list_items, greet"):
            await client.call_tool("steal")


async def test_config_and_the_engine_work(server: AgentServer, mode: Mode) -> None:
    """An action has its config and the engine's cache; another agent does not exist."""
    async with client_of(server, mode) as client:
        assert text_of(await client.call_tool("greet", {"name": "you"})) == '{"result":"hi you"}'
        fetched = text_of(await client.call_tool("fetch"))
    assert "cached; " in fetched
    assert "there is no agent 'nobody' here" in fetched


async def test_a_time_range_is_made_of_two_arguments(server: AgentServer, mode: Mode) -> None:
    """Without them, the action uses its own default; an invalid one is reported."""
    async with client_of(server, mode) as client:
        given = await client.call_tool(
            "sales", {"start": "2026-04-08T12:00:00Z", "end": 1775649601}
        )
        default = await client.call_tool("sales")
        wrong = await client.call_tool("sales", {"start": "soon"})
    assert given.structured_content == {"result": [1775649600000, 1775649601000]}
    assert default.structured_content is not None
    first, last = default.structured_content["result"]
    assert last - first == 30 * 60_000
    assert text_of(wrong) == (
        "sales was not run: start: expected a time such as 2026-04-08T12:00:00Z, -30m or now, "
        'or Unix seconds or milliseconds, got "soon"'
    )


async def test_partial_results_are_progress(server: AgentServer, mode: Mode) -> None:
    """Each arrives before the result, in order."""
    heard = Heard()
    async with client_of(server, mode) as client:
        result = await client.call_tool("count", {"to": 3}, progress_callback=heard.on_progress)
    assert heard.progress == [(1.0, None, "0"), (2.0, None, "1"), (3.0, None, "2")]
    assert result.structured_content == {"result": [0, 1, 2]}


async def test_progress_begins_where_the_action_says(server: AgentServer, mode: Mode) -> None:
    """A first report of nothing done is zero."""
    heard = Heard()
    async with client_of(server, mode) as client:
        await client.call_tool("stocktake", {"done": 0}, progress_callback=heard.on_progress)
    assert heard.progress == [(0.0, 1.0, "counting")]


async def test_progress_is_progress(server: AgentServer, mode: Mode) -> None:
    """Fractions are parts of one, each larger than the last, and partial results come between."""
    heard = Heard()
    async with client_of(server, mode) as client:
        result = await client.call_tool("tidy", progress_callback=heard.on_progress)
    assert result.structured_content == {"result": "tidy"}
    assert [(round(value, 9), total, text) for value, total, text in heard.progress] == [
        (0.25, 1.0, "a quarter"),
        (0.25, 1.0, '{"shelf":1}'),
        (0.25, 1.0, "still a quarter"),
        (1.0, 1.0, "all"),
    ]
    values = [value for value, _, _ in heard.progress]
    assert values == sorted(set(values))


async def test_events_are_logs(server: AgentServer, mode: Mode) -> None:
    """An event arrives with its level and data, unless it is below the client's level."""
    heard = Heard()
    async with client_of(server, mode, heard=heard) as client:
        if mode == "legacy":
            await client.session.send_request(
                types.SetLevelRequest(params=types.SetLevelRequestParams(level="info")),
                types.EmptyResult,
            )
        await client.call_tool("report")
    assert [(found.level, found.data) for found in heard.logs] == [
        ("warning", {"event": "shop.reported", "data": {"rows": "3"}})
    ]


async def test_a_cancelled_request_cancels_the_execution(server: AgentServer, mode: Mode) -> None:
    """The author's code is cancelled, and the server goes on."""
    async with client_of(server, mode) as client:
        started = asyncio.Event()

        async def on_progress(progress: float, total: float | None, message: str | None) -> None:
            started.set()

        call = asyncio.create_task(client.call_tool("wait", progress_callback=on_progress))
        await started.wait()
        (running,) = server.running
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await asyncio.wait({running.task})
        assert running.task.cancelled()
        assert not (await client.call_tool("list_items")).is_error


async def test_an_execution_has_a_time_limit(mode: Mode) -> None:
    """The model reads that the action took too long."""
    async with shop_server(timeout=0.2) as server, client_of(server, mode) as client:
        result = await client.call_tool("wait")
    assert (result.is_error, text_of(result)) == (True, "wait did not finish within 0.2 s")


async def test_a_stopping_server_answers_what_still_runs(server: AgentServer, mode: Mode) -> None:
    """After a grace period, calls are stopped and reported."""
    async with client_of(server, mode) as client:
        heard = asyncio.Event()

        async def on_progress(progress: float, total: float | None, message: str | None) -> None:
            heard.set()

        call = asyncio.create_task(client.call_tool("wait", progress_callback=on_progress))
        await heard.wait()
        await server.drain(0)
        assert text_of(await call) == "wait was stopped with the server"


async def test_big_results_arrive_whole(server: AgentServer, mode: Mode) -> None:
    """A megabyte is no problem."""
    async with client_of(server, mode) as client:
        result = await client.call_tool("bulk", {"size": 2**19})
    assert result.structured_content == {"result": "ß" * 2**19}


async def test_several_clients_are_kept_apart(mode: Mode) -> None:
    """Their calls run at the same time, and each gets its own questions and progress."""
    async with shop_server(is_shared=True) as server:

        async def call(number: int) -> tuple[object, list[str], int]:
            person, heard = Person(), Heard()
            async with client_of(server, mode, person=person) as client:
                await client.call_tool("restock", {"item": str(number)})
                result = await client.call_tool(
                    "count", {"to": number}, progress_callback=heard.on_progress
                )
            return result.structured_content, person.asked, len(heard.progress)

        found = await asyncio.gather(*(call(number) for number in range(1, 5)))
    assert found == [
        (
            {"result": list(range(number))},
            [f'Run restock (MODIFY)? Arguments: {{"item":"{number}"}}'],
            number,
        )
        for number in range(1, 5)
    ]


async def test_an_event_that_may_belong_to_another_client_is_not_sent(mode: Mode) -> None:
    """It does not name its execution, and clients must not see each other's data."""
    async with shop_server(is_shared=True) as server:
        other, heard = Heard(), Heard()
        async with (
            client_of(server, mode, heard=other) as waiting,
            client_of(server, mode, heard=heard) as client,
        ):
            call = asyncio.create_task(
                waiting.call_tool("wait", progress_callback=other.on_progress)
            )
            await until(lambda: other.progress)
            await client.call_tool("report")
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            await until(lambda: not server.running)
            assert (other.logs, heard.logs) == ([], [])
            await client.call_tool("report")
            assert [found.level for found in heard.logs][:1] == ["warning"]


async def test_prompts_are_filled_in(server: AgentServer, mode: Mode) -> None:
    """A template with fields is a prompt; one with conditions is not offered."""
    async with client_of(server, mode) as client:
        (prompt,) = (await client.list_prompts()).prompts
        assert (prompt.name, prompt.description) == ("explain", "Explains an item.")
        assert [found.name for found in prompt.arguments or []] == ["item", "person"]
        filled = await client.get_prompt("explain", {"item": "wine", "person": "me"})
        with pytest.raises(MCPError, match="the prompt explain needs the argument person"):
            await client.get_prompt("explain", {"item": "wine"})
        with pytest.raises(MCPError, match="unknown prompt: conditional; the prompts are explain"):
            await client.get_prompt("conditional", {})
    (message,) = filled.messages
    assert isinstance(message.content, types.TextContent)
    assert message.content.text == "Explain wine tome."


async def test_the_server_introduces_the_agent(server: AgentServer, mode: Mode) -> None:
    """The name, version and description are the agent's; only what exists is announced."""
    async with client_of(server, mode) as client:
        info = client.server_info
        assert info is not None
        assert (info.name, info.version) == ("shop", "1.2.3")
        assert client.instructions == "Sells things."
        assert client.server_capabilities.tools is not None
        assert client.server_capabilities.resources is None
