"""Context managers are entered and left, and an error while leaving does not undo the action."""

import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from types import TracebackType
from typing import Annotated, Self

import pytest

from mirastack_sdk.agent import ActionError, Agent, Depends
from tests.actions.agents import new_agent

EVENTS: list[str] = []


@pytest.fixture(autouse=True)
def _no_events() -> None:
    EVENTS.clear()


class Blocking(AbstractContextManager["Blocking"]):
    """A client that blocks while it opens."""

    def __init__(self) -> None:
        assert threading.current_thread() is not threading.main_thread()

    def __enter__(self) -> Self:
        EVENTS.append("entered")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        EVENTS.append(f"left {kind.__name__ if kind else ''}".strip())


class Session:
    """What a pool hands out."""


class Pool(AbstractAsyncContextManager[Session]):
    """A pool that yields something else than itself."""

    async def __aenter__(self) -> Session:
        EVENTS.append("entered")
        return Session()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        EVENTS.append(f"left {kind.__name__ if kind else ''}".strip())


@pytest.mark.parametrize("fails", [False, True])
async def test_a_class_of_context_managers_is_entered_and_left(*, fails: bool) -> None:
    """The parameter is what entering returns, and the error of an action arrives."""
    agent = new_agent()

    @agent.action
    async def pooled(session: Annotated[Session, Depends(Pool)]) -> bool:
        """Use a pool."""
        if fails:
            raise ActionError("no")
        return isinstance(session, Session)

    @agent.action
    def blocking(client: Annotated[Blocking, Depends(Blocking)]) -> bool:
        """Use a client."""
        if fails:
            raise ActionError("no")
        return isinstance(client, Blocking)

    for name in ("pooled", "blocking"):
        found = await agent.call(name)
        assert found.logs == ["no"] if fails else found.value is True
        assert ["entered", "left ActionError" if fails else "left"] == EVENTS
        EVENTS.clear()


async def test_one_for_the_agent_is_left_when_it_stops() -> None:
    """All calls share what it yields."""
    agent = new_agent()

    @agent.action
    async def pooled(session: Annotated[Session, Depends(Pool, lifetime="agent")]) -> int:
        """Use a pool."""
        return id(session)

    async with agent.running():
        assert (await agent.call("pooled")).value == (await agent.call("pooled")).value
        assert EVENTS == ["entered"]
    assert EVENTS == ["entered", "left"]


async def closes_badly() -> AsyncIterator[str]:
    """Fail while closing."""
    yield "open"
    raise RuntimeError("the connection is gone")


def closes_badly_in_a_thread() -> Iterator[str]:
    """Fail while closing."""
    yield "open"
    raise RuntimeError("the connection is gone")


def agent_with(factory: object) -> Agent:
    """An agent whose action depends on a factory."""
    agent = new_agent()
    assert callable(factory)

    @agent.action
    async def use(client: Annotated[str, Depends(factory)], *, fail: bool = False) -> str:
        """Use a client."""
        if fail:
            raise ActionError("no such row")
        return client

    return agent


@pytest.mark.parametrize("factory", [closes_badly, closes_badly_in_a_thread])
async def test_an_error_while_closing_does_not_replace_the_result(
    factory: object, caplog: pytest.LogCaptureFixture
) -> None:
    """The result is sent, and the error is logged with its traceback."""
    found = await agent_with(factory).call("use")
    assert found.value == "open"
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.getMessage() == "use: a dependency could not be closed"
    assert record.exc_info is not None


async def test_a_dependency_may_still_replace_an_error() -> None:
    """It is given the action's error, and what it raises then is the outcome."""

    async def translating() -> AsyncIterator[str]:
        try:
            yield "open"
        except ActionError as error:
            raise ActionError(f"translated: {error}") from error

    found = await agent_with(translating).call("use", fail=True)
    assert found.logs == ["translated: no such row"]
