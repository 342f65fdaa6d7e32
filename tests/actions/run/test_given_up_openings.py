"""Plain dependencies that are given up in other ways than `cancel()` while they are opened."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Annotated

import pytest

from mirastack_sdk.agent import Agent, Depends
from mirastack_sdk.testing import AgentCallError, AgentClient
from tests.actions.agents import TIMEOUT, new_agent
from tests.actions.run.test_cancelled_opening import Scene
from tests.actions.test_served import served


def _opened(scene: Scene) -> Callable[[], Iterator[str]]:
    def opened() -> Iterator[str]:
        scene.open()
        try:
            yield "open"
        except BaseException as error:
            scene.error = error
            raise
        finally:
            scene.close()

    return opened


async def _is_opening(scene: Scene) -> None:
    assert await asyncio.to_thread(scene.opening.wait, TIMEOUT)


async def _is_closed(scene: Scene) -> None:
    scene.go_on.set()
    assert await asyncio.to_thread(scene.closed.wait, TIMEOUT)
    [thread] = set(scene.threads)
    assert thread != threading.get_ident()


async def _cancel(call: "asyncio.Task[object]", times: int = 1) -> None:
    for _ in range(times):
        call.cancel()
        await asyncio.sleep(0)
    await asyncio.wait((call,))
    assert call.cancelled()


async def use(value: object) -> str:
    """Use the value."""
    return f"used {value}"


def use_in_a_thread(value: object) -> str:
    """Use the value."""
    return f"used {value}"


async def stream(value: object) -> AsyncIterator[str]:
    """Stream the value."""
    yield f"used {value}"


def stream_from_a_thread(value: object) -> Iterator[str]:
    """Stream the value."""
    yield f"used {value}"


type Action = Callable[[object], object]


def _agent(action: Action, depends: Depends, timeout: float | None = None) -> Agent:
    agent = new_agent()

    def needing(given: Action) -> Action:
        given.__annotations__["value"] = Annotated[object, depends]
        return given

    if timeout is None:
        agent.action(name="use")(needing(action))
    else:
        agent.action(name="use", timeout=timeout)(needing(action))
    return agent


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("timeout", [None, 60.0])
@pytest.mark.parametrize("action", [use, use_in_a_thread, stream, stream_from_a_thread])
async def test_an_action_of_any_kind(action: Action, timeout: float | None, times: int) -> None:
    """However often its call is cancelled, the dependency is closed once it is open."""
    scene = Scene()
    call = asyncio.create_task(_call(_agent(action, Depends(_opened(scene)), timeout)))
    await _is_opening(scene)
    await _cancel(call, times)
    await _is_closed(scene)


async def _call(agent: Agent) -> object:
    return (await agent.call("use")).logs


async def test_the_time_of_the_action_is_over() -> None:
    """The response does not wait for the thread, which closes the dependency later."""
    scene = Scene()
    logs = await _call(_agent(use, Depends(_opened(scene)), 0.01))
    assert "was stopped after 0.01 s" in str(logs)
    await _is_closed(scene)


async def test_the_caller_of_a_served_agent_gives_up() -> None:
    """A deadline of the engine's and a reset are cancellations."""
    scene = Scene()
    async with served(_agent(use, Depends(_opened(scene)))) as (_, registered):
        call = asyncio.create_task(_execute(registered))
        await _is_opening(scene)
        await _cancel(call)
        await _is_closed(scene)


async def test_the_deadline_of_a_served_call_expires() -> None:
    """Without a word of the caller's."""
    scene = Scene()
    async with served(_agent(use, Depends(_opened(scene)))) as (_, registered):
        with pytest.raises(AgentCallError):
            await registered.execute("use", timeout=0.05)
        await _is_closed(scene)


async def _execute(registered: AgentClient) -> object:
    return await registered.execute("use")


async def test_several_that_are_opened_one_after_the_other() -> None:
    """What was open before is closed as well, after the one that was being opened."""
    scene, closed = Scene(), list[str]()

    def outer() -> Iterator[str]:
        try:
            yield "outer"
        finally:
            closed.append(f"outer, after the other: {scene.closed.is_set()}")
            outer_is_closed.set()

    outer_is_closed = threading.Event()
    opened = contextlib.contextmanager(_opened(scene))

    def inner(_outer: Annotated[str, Depends(outer)]) -> Iterator[str]:
        with opened():
            yield "inner"

    call = asyncio.create_task(_call(_agent(use, Depends(inner))))
    await _is_opening(scene)
    await _cancel(call)
    await _is_closed(scene)
    assert await asyncio.to_thread(outer_is_closed.wait, TIMEOUT)
    assert closed == ["outer, after the other: True"]


async def test_a_health_check_that_is_cancelled() -> None:
    """Its dependencies are closed like those of actions."""
    scene, agent = Scene(), _agent(use, Depends(lambda: "nothing"))

    @agent.health
    async def check(value: Annotated[object, Depends(_opened(scene))]) -> None:
        assert value

    checking = agent.health_check()
    assert isinstance(checking, Awaitable)
    call = asyncio.ensure_future(checking)
    await _is_opening(scene)
    await _cancel(call)
    await _is_closed(scene)


@pytest.mark.parametrize("is_lifespan", [False, True])
async def test_the_agent_stops_while_its_resource_is_opened(*, is_lifespan: bool) -> None:
    """What was opened for all calls is closed when it is open, and nobody uses it."""
    scene = Scene()
    agent = _agent(use, Depends(_opened(scene), lifetime="agent"))
    if is_lifespan:
        agent.lifespan(_opened(scene))  # type: ignore[type-var] # plain ones work as well

    async def run() -> None:
        async with agent.running():
            await agent.call("use")

    running = asyncio.create_task(run())
    await _is_opening(scene)
    await _cancel(running)
    await _is_closed(scene)


async def test_a_replaced_dependency() -> None:
    """A fake of a test is opened and closed like the factory that it replaces."""
    scene = Scene()

    def factory() -> str:
        return "real"

    agent = _agent(use, Depends(factory))

    async def run() -> None:
        async with agent.running(overrides={factory: _opened(scene)}):
            await agent.call("use")

    running = asyncio.create_task(run())
    await _is_opening(scene)
    await _cancel(running)
    await _is_closed(scene)


class Opened(contextlib.AbstractContextManager[str]):
    """A class that is its own factory."""

    scene = Scene()

    def __enter__(self) -> str:
        self.scene.open()
        return "open"

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        self.scene.error = error
        self.scene.close()


async def test_a_class_of_context_managers() -> None:
    """It is left with the cancellation."""
    Opened.scene = scene = Scene()
    call = asyncio.create_task(_call(_agent(use, Depends(Opened))))
    await _is_opening(scene)
    await _cancel(call)
    await _is_closed(scene)
    assert isinstance(scene.error, asyncio.CancelledError)
