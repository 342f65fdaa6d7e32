"""A synchronous generator publishes each value, and runs in one thread."""

import asyncio
import contextvars
import functools
import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from mirastack_sdk.plugin import Context
from mirastack_sdk.results import ResultError
from mirastack_sdk.testing import MockEngineClient
from tests.actions.agents import TIMEOUT, new_agent

_SEEN = contextvars.ContextVar("seen", default=0)
_THREAD = "mirastack-search"


def threads() -> list[threading.Thread]:
    """The threads that actions called `search` have."""
    return [thread for thread in threading.enumerate() if thread.name == _THREAD]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Whatever a test does, the thread of its action ends."""
    yield
    for thread in threads():
        thread.join(TIMEOUT)
    assert threads() == []


async def test_it_waits_while_an_item_is_published() -> None:
    """It does not run ahead of a slow engine."""
    events: list[str] = []

    class SlowEngine(MockEngineClient):
        async def publish_result(self, ctx: Context | None, partial_json: str) -> None:
            await super().publish_result(ctx, partial_json)
            for _ in range(20):
                await asyncio.to_thread(threading.current_thread)
            events.append(f"published {partial_json}")

    agent = new_agent()

    @agent.action
    def search() -> Iterator[int]:
        """Search."""
        for number in (1, 2):
            events.append(f"made {number}")
            yield number

    await agent.call("search", engine_client=SlowEngine())
    assert events == ["made 1", "published 1", "made 2", "published 2"]


async def test_it_stays_in_one_thread_and_context() -> None:
    """It can use a database connection or a context variable across items."""
    agent = new_agent()
    used: set[threading.Thread] = set()

    @agent.action
    def search() -> Iterator[int]:
        """Search."""
        try:
            for _ in range(3):
                used.add(threading.current_thread())
                _SEEN.set(_SEEN.get() + 1)
                yield _SEEN.get()
        finally:
            used.add(threading.current_thread())

    assert (await agent.call("search")).value == [1, 2, 3]
    assert len(used) == 1
    assert threading.main_thread() not in used


async def test_what_it_raises_is_raised() -> None:
    """An exception after some items fails the action."""
    agent = new_agent()

    @agent.action
    def search() -> Iterator[int]:
        """Search."""
        yield 1
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        await agent.call("search")


async def test_it_is_closed_after_an_invalid_item() -> None:
    """Its `finally` runs before the call has ended."""
    agent = new_agent()
    closed = threading.Event()

    @agent.action
    def search() -> Iterator[float]:
        """Search."""
        try:
            yield float("nan")
        finally:
            closed.set()

    with pytest.raises(ResultError, match="NaN"):
        await agent.call("search")
    assert closed.is_set()


async def test_it_is_closed_when_its_call_is_cancelled() -> None:
    """The call ends at the next `yield`, after `finally`; nothing more is published."""
    agent, engine = new_agent(), MockEngineClient()
    reached, goes_on, closed = threading.Event(), threading.Event(), threading.Event()

    @agent.action
    def search() -> Iterator[int]:
        """Search."""
        try:
            yield 1
            reached.set()
            goes_on.wait(TIMEOUT)
            yield 2
            yield 3
        finally:
            closed.set()

    call = asyncio.create_task(agent.call("search", engine_client=engine))
    assert await asyncio.to_thread(reached.wait, TIMEOUT)
    call.cancel()
    goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert closed.is_set()
    assert [published.partial_json for published in engine.published] == ["1"]


async def test_it_is_closed_when_it_is_cancelled_while_it_publishes() -> None:
    """The generator is closed at the `yield` where it waits."""
    agent, publishing, closed = new_agent(), asyncio.Event(), threading.Event()

    class StuckEngine(MockEngineClient):
        async def publish_result(self, ctx: Context | None, partial_json: str) -> None:
            publishing.set()
            await asyncio.Event().wait()

    @agent.action
    def search() -> Iterator[int]:
        """Search."""
        try:
            yield 1
        finally:
            closed.set()

    call = asyncio.create_task(agent.call("search", engine_client=StuckEngine()))
    await asyncio.wait_for(publishing.wait(), TIMEOUT)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert closed.is_set()


async def test_a_timeout_keeps_its_items() -> None:
    """The response is sent while the thread is blocked; the generator is closed later."""
    agent = new_agent()
    goes_on, closed = threading.Event(), threading.Event()

    @agent.action(timeout=0.5)
    def search() -> Iterator[int]:
        """Search."""
        try:
            yield 1
            goes_on.wait(TIMEOUT)
            yield 2
        finally:
            closed.set()

    found = await asyncio.wait_for(agent.call("search"), TIMEOUT)
    assert found.value == [1]
    assert found.logs == ["search was stopped after 0.5 s, its result is incomplete"]
    assert not closed.is_set()
    goes_on.set()
    assert await asyncio.to_thread(closed.wait, TIMEOUT)


async def test_a_second_cancellation_does_not_wait_for_the_thread() -> None:
    """The call ends at once; the generator is still closed when its thread continues."""
    agent = new_agent()
    reached, goes_on, closed = threading.Event(), threading.Event(), threading.Event()

    @agent.action
    def search() -> Iterator[int]:
        """Search."""
        try:
            reached.set()
            goes_on.wait(TIMEOUT)
            yield 1
        finally:
            closed.set()

    call = asyncio.create_task(agent.call("search"))
    assert await asyncio.to_thread(reached.wait, TIMEOUT)
    call.cancel()
    await asyncio.wait((call,), timeout=0.05)
    assert not call.done()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(call, TIMEOUT)
    assert not closed.is_set()
    goes_on.set()
    assert await asyncio.to_thread(closed.wait, TIMEOUT)


async def test_what_its_closing_raises_is_raised() -> None:
    """A `finally` that fails fails the action."""
    agent = new_agent()

    @agent.action
    def search() -> Iterator[float]:
        """Search."""
        try:
            yield float("nan")
        finally:
            raise OSError("could not be closed")

    with pytest.raises(OSError, match="could not be closed"):
        await agent.call("search")


def logged(function: Callable[[], object]) -> Callable[[], object]:
    """A decorator as authors write them."""

    @functools.wraps(function)
    def wrapper() -> object:
        logging.getLogger(__name__).debug("called")
        return function()

    return wrapper


def listed(function: Callable[[], Iterator[int]]) -> Callable[[], object]:
    """A decorator that makes something else of a generator."""
    return functools.wraps(function)(lambda: {"all": list(function())})


def mapped(function: Callable[[], Iterator[int]]) -> Callable[[], object]:
    """A decorator that makes another iterator of a generator."""
    return functools.wraps(function)(lambda: map(str, function()))


def search() -> Iterator[int]:
    """Search."""
    yield from (1, 2)


class Searching:
    """A class with an action's function."""

    def search(self) -> Iterator[int]:
        """Search."""
        yield from (1, 2)

    def __call__(self) -> Iterator[int]:
        """Search."""
        yield from (1, 2)


CALLED: dict[str, tuple[Callable[[], object], object, bool]] = {
    "function": (search, [1, 2], True),
    "decorated": (logged(search), [1, 2], True),
    "method": (Searching().search, [1, 2], True),
    "instance": (Searching(), [1, 2], True),
    "partial": (functools.partial(search), [1, 2], True),
    "made-a-dictionary": (listed(search), {"all": [1, 2]}, False),
    "made-an-iterator": (mapped(search), ["1", "2"], False),
}


@pytest.mark.parametrize(("function", "value", "publishes"), CALLED.values(), ids=CALLED)
async def test_a_wrapped_generator_is_recognized(
    function: Callable[[], object], value: object, publishes: bool
) -> None:
    """It may be decorated, bound or partial; its return value counts."""
    agent = new_agent()
    agent.action(name="search", description="Search.")(function)
    found = await agent.call("search")
    assert found.value == value
    assert bool(found.partials) == publishes
