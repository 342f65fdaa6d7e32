"""Approvals: what the person at a client is asked, and what becomes of the answer."""

import asyncio

import pytest
from mcp import Client, MCPError, types

from mirastack_sdk._cli.mcp_server.agent_server import AgentServer
from mirastack_sdk._cli.mcp_server.approvals import CANNOT_ASK, REFUSES_ALL
from tests.cli.mcp_server.clients import (
    CANCEL,
    DECLINE,
    Mode,
    Person,
    client_of,
    shop_server,
    text_of,
    tool_tasks,
    until,
)


async def test_a_change_is_approved_before_it_runs(server: AgentServer, mode: Mode) -> None:
    """The client's person sees the action and its arguments, as an operator of an engine does."""
    person = Person()
    async with client_of(server, mode, person=person) as client:
        result = await client.call_tool("restock", {"item": "wine"})
    assert person.asked == ['Run restock (MODIFY)? Arguments: {"item":"wine"}']
    assert result.structured_content == {"result": "restocked wine"}


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (DECLINE, "restock was not run, its approval was refused"),
        (
            CANCEL,
            "restock was not run, its approval was refused: the question was dismissed",
        ),
    ],
    ids=["declined", "dismissed"],
)
async def test_a_change_that_is_refused_does_not_run(
    server: AgentServer, mode: Mode, answer: types.ElicitResult, text: str
) -> None:
    """The model reads that it was refused."""
    async with client_of(server, mode, person=Person(answer=lambda _: answer)) as client:
        result = await client.call_tool("restock", {"item": "wine"})
    assert (result.is_error, text_of(result)) == (True, text)


async def test_an_action_asks_while_it_runs(server: AgentServer, mode: Mode) -> None:
    """Several questions may be open at once, and each gets its own answer."""
    person = Person(answer=lambda text: DECLINE if "attic" in text else Person().answer(text))
    async with client_of(server, mode, person=person) as client:
        result = await client.call_tool("clean", {"rooms": ["hall", "attic"]})
    assert result.structured_content == {"result": {"hall": "True: go on", "attic": "False: "}}
    assert sorted(person.asked) == [
        f"clean asks for approval (MODIFY): Clean {room}\n"
        f'Context: {{"room":"{room}"}}\nAffected: everybody in {room}'
        for room in ("attic", "hall")
    ]


async def test_a_question_is_withdrawn_when_its_time_is_over(
    server: AgentServer, mode: Mode
) -> None:
    """The action goes on after the second that it has given; a late answer changes nothing."""
    person = Person(hesitates=True)
    async with client_of(server, mode, person=person) as client:
        call = asyncio.create_task(client.call_tool("clean", {"rooms": ["hall"], "seconds": 1}))
        await asyncio.wait(await until(tool_tasks))
        if mode == "auto":  # nobody can be told between two requests
            person.decides.set()
        result = await call
    assert result.structured_content == {"result": {"hall": "False:  (late)"}}
    assert person.was_interrupted is (mode == "legacy")


async def test_a_question_is_withdrawn_with_its_call(server: AgentServer) -> None:
    """A person is not left with a question whose answer nobody wants."""
    person = Person(hesitates=True)
    async with client_of(server, "legacy", person=person) as client:
        call = asyncio.create_task(client.call_tool("restock", {"item": "wine"}))
        await until(lambda: person.asked)
        call.cancel()
        await until(lambda: person.was_interrupted)
        await asyncio.gather(call, return_exceptions=True)
    await until(lambda: not tool_tasks())


async def test_a_client_that_cannot_ask_refuses(server: AgentServer, mode: Mode) -> None:
    """The refusal says why, and how to allow it."""
    async with client_of(server, mode) as client:
        before = await client.call_tool("restock", {"item": "wine"})
        meanwhile = await client.call_tool("clean", {"rooms": ["hall"]})
    assert text_of(before) == f"restock was not run, it needs approval (MODIFY), but {CANNOT_ASK}"
    assert meanwhile.structured_content == {"result": {"hall": f"False: {CANNOT_ASK}"}}


async def test_a_client_that_fails_to_ask_refuses(server: AgentServer) -> None:
    """An error of the client's is no approval."""
    failure = types.ErrorData(code=-1, message="the window is closed")
    async with client_of(server, "legacy", person=Person(answer=lambda _: failure)) as client:
        result = await client.call_tool("restock", {"item": "wine"})
    assert text_of(result).endswith("but the client could not ask: the window is closed")


@pytest.mark.parametrize(
    ("approves_all", "before", "meanwhile"),
    [
        (True, '{"result":"restocked wine"}', "True: "),
        (
            False,
            f"restock was not run, it needs approval (MODIFY), but {REFUSES_ALL}",
            f"False: {REFUSES_ALL}",
        ),
    ],
    ids=["all", "none"],
)
async def test_nobody_is_asked_if_the_answer_is_known(
    mode: Mode, approves_all: bool, before: str, meanwhile: str
) -> None:
    """`--approve all` and `--approve none` answer every question."""
    person = Person()
    async with (
        shop_server(policy="all" if approves_all else "none") as server,
        client_of(server, mode, person=person) as client,
    ):
        assert text_of(await client.call_tool("restock", {"item": "wine"})) == before
        result = await client.call_tool("clean", {"rooms": ["hall"]})
    assert result.structured_content == {"result": {"hall": meanwhile}}
    assert person.asked == []


async def _asked(client: Client) -> types.InputRequiredResult:
    result = await client.session.call_tool("restock", {"item": "wine"}, allow_input_required=True)
    assert isinstance(result, types.InputRequiredResult)
    return result


async def test_a_state_belongs_to_one_call(server: AgentServer) -> None:
    """A question that another call answers, or an answer that comes twice, is refused."""
    async with client_of(server, "auto", person=Person()) as client:
        asked = await _asked(client)
        state = asked.request_state
        answers: types.InputResponses = {"approval-1": DECLINE}
        with pytest.raises(MCPError, match="another name or other arguments"):
            await client.call_tool(
                "restock", {"item": "beer"}, request_state=state, input_responses=answers
            )
        result = await client.call_tool(
            "restock", {"item": "wine"}, request_state=state, input_responses=answers
        )
        assert "refused" in text_of(result)
        with pytest.raises(MCPError, match="requestState is unknown"):
            await client.call_tool("restock", {"item": "wine"}, request_state=state)


async def test_a_client_that_answers_nothing_is_asked_again(server: AgentServer) -> None:
    """The question stays open until it has an answer."""
    async with client_of(server, "auto", person=Person()) as client:
        asked = await _asked(client)
        again = await client.session.call_tool(
            "restock",
            {"item": "wine"},
            request_state=asked.request_state,
            allow_input_required=True,
        )
    assert isinstance(again, types.InputRequiredResult)
    assert again.input_requests == asked.input_requests


async def test_calls_of_clients_that_do_not_come_back_end_with_the_server() -> None:
    """No execution outlives the server."""
    async with shop_server() as server, client_of(server, "auto", person=Person()) as client:
        await _asked(client)
    await until(lambda: not tool_tasks())
