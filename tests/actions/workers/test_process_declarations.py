"""Functions that cannot run in a worker process are refused when they are declared."""

import functools
from collections.abc import AsyncIterator, Callable

import pytest

from mirastack_sdk.agent import TypedActions, action
from mirastack_sdk.errors import InvalidPluginError
from mirastack_sdk.plugin import EngineClient, ExecuteRequest, PluginInfo
from tests.actions.agents import new_agent

ASYNCHRONOUS = 'run_in="process" needs a plain function, and this one is asynchronous'
IMPORTABLE = 'run_in="process" needs a function that can be imported by its name: '


def plain() -> int:
    """Nothing special."""
    return 1


async def coroutine() -> int:
    """On the loop."""
    return 1


async def stream() -> AsyncIterator[int]:
    """On the loop, too."""
    yield 1


def nested() -> Callable[[], int]:
    """A function that has no name for others."""

    def inner() -> int:
        """It."""
        return 1

    return inner


def calls_engine(engine: EngineClient) -> int:
    """It."""
    return 1


def takes_request(request: ExecuteRequest) -> int:
    """It."""
    return 1


@functools.lru_cache
def cached() -> int:
    """It."""
    return 1


def shadowed() -> int:
    """It."""
    return 1


first = shadowed
globals()["shadowed"] = functools.wraps(shadowed)(lambda: 2)


class Called:
    """An object that can be called."""

    def __call__(self) -> int:
        """It."""
        return 1


REFUSED: dict[str, tuple[Callable[..., object], str]] = {
    "coroutine": (coroutine, ASYNCHRONOUS),
    "stream": (stream, ASYNCHRONOUS),
    "nested": (nested(), f"{IMPORTABLE}define it with def at the top of its module"),
    "lambda": (lambda: 1, f"{IMPORTABLE}define it with def at the top of its module"),
    "partial": (functools.partial(plain), f"{IMPORTABLE}define it with def at the top"),
    "object": (Called(), f"{IMPORTABLE}define it with def at the top of its module"),
    "shadowed": (first, f"{IMPORTABLE}{__name__}.shadowed is something else: put @agent.action"),
    "engine": (calls_engine, '"engine" calls the engine over the connection of the agent\'s proc'),
    "request": (takes_request, '"request" holds the engine client, which works in the agent\'s'),
}


def errors(function: Callable[..., object], run_in: str) -> str:
    """The errors of an agent with one action."""
    agent = new_agent()
    agent.action(run_in=run_in, name="tried", description="It.")(function)  # type: ignore[call-overload] # wrong ones, too
    with pytest.raises(InvalidPluginError) as caught:
        agent.schema()
    return str(caught.value)


@pytest.mark.parametrize(("function", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_function_that_cannot_run_in_a_process(
    function: Callable[..., object], sentence: str
) -> None:
    """The sentence says why, and what to do."""
    assert sentence in errors(function, "process")


def test_a_method() -> None:
    """Its object exists in the agent's process only."""

    class Mine(TypedActions):
        def info(self) -> PluginInfo:
            return new_agent().info()

        @action(run_in="process")
        def compute(self) -> int:
            """It."""
            return 1

    with pytest.raises(InvalidPluginError, match="a method belongs to an object of the agent's"):
        Mine().schema()


def test_another_place() -> None:
    """The option's values are listed."""
    assert 'run_in must be "loop", "thread" or "process", got \'proces\'' in errors(plain, "proces")


def test_a_thread_for_a_coroutine_and_a_loop_for_a_plain_function() -> None:
    """Neither place suits the function."""
    assert 'run_in="thread" needs a plain function' in errors(coroutine, "thread")
    assert 'run_in="loop" needs async def' in errors(plain, "loop")


def test_the_places_that_suit_a_function() -> None:
    """They may be named although they are the default."""
    agent = new_agent()
    agent.action(run_in="thread")(plain)
    agent.action(run_in="loop")(coroutine)
    agent.action(run_in="process", name="cached")(cached)
    assert [one.name for one in agent.schema().actions] == ["plain", "coroutine", "cached"]
