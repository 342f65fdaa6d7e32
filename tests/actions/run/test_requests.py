"""A request is checked before the function is called, and its parts are injected by type."""

import pytest

from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import (
    Context,
    EngineClient,
    ExecuteRequest,
    Permission,
    TimeRange,
)
from mirastack_sdk.testing import MockEngineClient, make_execute_request
from tests.actions.agents import RANGE, new_agent


async def test_invalid_parameters_are_reported() -> None:
    """All errors are reported at once, and the function is not called."""
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
        "quary is not a parameter of this action: did you mean query?",
        "a time range is required, such as: last 30 minutes",
        (
            "colour was ignored because it is not a parameter of this action: "
            "its parameters are query, limit"
        ),
    ]


@pytest.mark.parametrize("permission", [Permission.MODIFY, Permission.ADMIN])
async def test_an_action_that_changes_something_takes_no_unknown_parameter(
    permission: Permission,
) -> None:
    """The permission is the action's, or else the agent's."""

    async def restart(service: str) -> str:
        """Restart."""
        return service

    by_agent, by_action = new_agent(permission), new_agent()
    by_agent.action(restart)
    by_action.action(permission=permission)(restart)
    for agent in (by_agent, by_action):
        found = await agent.call("restart", service="cart", colour="red")
        assert found.logs[1:] == [
            "colour is not a parameter of this action: its parameters are service"
        ]


async def test_the_request_is_injected_by_type() -> None:
    """Time range, context, engine client and the whole request, in any order and by any name."""
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


async def test_a_call_without_an_engine_client_has_no_engine() -> None:
    """The error says what to pass."""
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


async def test_a_trailing_underscore_is_dropped() -> None:
    """Language models see `from`; a test may pass `from` or `from_`."""
    agent = new_agent()

    @agent.action
    async def search(from_: str) -> str:
        """Search."""
        return from_

    assert (await agent.call("search", from_="a")).value == "a"
    request = make_execute_request({"from": "b"}, action="search")
    assert (await agent.execute(request)).output == {"result": '"b"'}
