"""Stopping an agent whose lifespan has not started yet."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Annotated

import pytest

from mirastack_sdk import StartError, serve_async
from mirastack_sdk._core.model.plugin_base import HasLifespan, ServeContext
from mirastack_sdk.agent import Agent, Depends
from tests.actions.agents import TIMEOUT, new_agent
from tests.reliability.author.bench import Agent as Untyped

ENVIRON = {"MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0", "MIRASTACK_ENGINE_ADDR": ""}


class Scene:
    """A lifespan that waits, and what happens to it."""

    def __init__(self) -> None:
        self.starting, self.go_on = asyncio.Event(), asyncio.Event()
        self.events: list[str] = []
        self.stop = asyncio.Event()

    async def wait(self) -> None:
        self.starting.set()
        try:
            await self.go_on.wait()
        finally:
            self.events.append("cleaned up")

    async def first(self) -> AsyncIterator[None]:
        self.events.append("first is open")
        yield
        self.events.append("first is closed")

    async def second(self) -> AsyncIterator[None]:
        await self.wait()
        yield

    def agent(self, *lifespans: Callable[[], AsyncIterator[None]]) -> Agent:
        agent = new_agent()
        for lifespan in lifespans:
            agent.lifespan(lifespan)

        @agent.action
        async def answer() -> str:
            """Answer."""
            return "answer"

        return agent

    def serving(self, agent: Agent) -> "asyncio.Task[None]":
        serving = serve_async(
            agent,
            environ=ENVIRON,
            stop=self.stop,
            on_listening=lambda _: self.events.append("listening"),
        )
        return asyncio.create_task(serving)


async def test_stop_ends_a_start_that_waits(caplog: pytest.LogCaptureFixture) -> None:
    """The lifespan is cancelled and cleans up, earlier ones are closed, and nobody is served."""
    caplog.set_level(logging.INFO)
    scene = Scene()
    before = asyncio.all_tasks()
    serving = scene.serving(scene.agent(scene.first, scene.second))
    async with asyncio.timeout(TIMEOUT):
        await scene.starting.wait()
        scene.stop.set()
        await serving
    assert scene.events == ["first is open", "cleaned up", "first is closed"]
    assert "stopped before the agent's lifespan had started" in caplog.text
    assert asyncio.all_tasks() == before


async def test_a_stop_that_was_there_before_ends_the_start() -> None:
    """As when a signal comes while the process starts."""
    scene = Scene()
    scene.stop.set()
    async with asyncio.timeout(TIMEOUT):
        await scene.serving(scene.agent(scene.second))
    assert "listening" not in scene.events


async def test_a_cancelled_task_ends_the_start_as_well() -> None:
    """It ends as cancelled."""
    scene = Scene()
    serving = scene.serving(scene.agent(scene.second))
    async with asyncio.timeout(TIMEOUT):
        await scene.starting.wait()
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
    assert scene.events == ["cleaned up"]


async def test_a_lifespan_that_times_out_is_an_error_and_no_stop() -> None:
    """A TimeoutError of the author's says why the agent does not start."""

    async def late() -> AsyncIterator[None]:
        async with asyncio.timeout(0):
            await asyncio.Event().wait()
        yield

    scene = Scene()
    async with asyncio.timeout(TIMEOUT):
        with pytest.raises(StartError, match="late has not started"):
            await scene.serving(scene.agent(late))


async def test_a_start_that_ends_in_spite_of_the_stop_is_closed() -> None:
    """What has been opened is closed in order."""

    async def stubborn() -> AsyncIterator[None]:
        try:
            await scene.wait()
        except asyncio.CancelledError:
            scene.events.append("goes on")
        yield
        scene.events.append("closed")

    scene = Scene()
    serving = scene.serving(scene.agent(scene.first, stubborn))
    async with asyncio.timeout(TIMEOUT):
        await scene.starting.wait()
        scene.stop.set()
        await serving
    assert scene.events[-1] == "first is closed"


async def test_a_lifespan_that_ignores_the_stop_has_the_grace_period() -> None:
    """Then it is left behind, and the agent ends."""

    async def deaf() -> AsyncIterator[None]:
        scene.starting.set()
        while not scene.go_on.is_set():
            try:
                await scene.go_on.wait()
            except asyncio.CancelledError:
                scene.events.append("ignored")
        yield

    scene = Scene()
    agent = scene.agent(deaf)
    environ = {**ENVIRON, "MIRASTACK_PLUGIN_SHUTDOWN_GRACE": "0.1"}
    serving = asyncio.create_task(serve_async(agent, environ=environ, stop=scene.stop))
    async with asyncio.timeout(TIMEOUT):
        await scene.starting.wait()
        scene.stop.set()
        await serving
    scene.go_on.set()
    assert scene.events


class _Blocking:
    """A plain lifespan, which waits in a thread."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._loop = asyncio.get_running_loop()
        self.go_on = threading.Event()

    def __call__(self) -> Iterator[None]:
        self._loop.call_soon_threadsafe(self._scene.starting.set)
        assert self.go_on.wait(TIMEOUT)
        try:
            yield
        finally:
            self._scene.events.append("closed")


async def test_a_plain_lifespan_that_waits_is_closed_when_it_is_open() -> None:
    """Its thread cannot be cancelled, and nobody is served meanwhile."""
    scene = Scene()
    blocking = _Blocking(scene)
    agent = scene.agent(scene.first)
    agent.lifespan(blocking)  # type: ignore[type-var] # plain ones work as well
    serving = scene.serving(agent)
    async with asyncio.timeout(TIMEOUT):
        await scene.starting.wait()
        scene.stop.set()
        # The stop is noticed before the thread goes on.
        await asyncio.sleep(0)
        blocking.go_on.set()
        await serving
        while "closed" not in scene.events:
            await asyncio.to_thread(lambda: None)
    assert "listening" not in scene.events


def _as_manager(scene: Scene) -> Callable[..., object]:
    return asynccontextmanager(scene.second)


def _through_a_dependency(scene: Scene) -> Callable[..., object]:
    async def waiting() -> int:
        await scene.wait()
        return 1

    async def lifespan(
        _it: Annotated[int, Depends(waiting, lifetime="agent")],
    ) -> AsyncIterator[None]:
        yield

    return lifespan


def _through_a_task(scene: Scene) -> Callable[..., object]:
    async def lifespan() -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(scene.wait())
            await asyncio.Event().wait()
            yield

    return lifespan


def _with_a_timeout(scene: Scene) -> Callable[..., object]:
    async def lifespan() -> AsyncIterator[None]:
        async with asyncio.timeout(TIMEOUT):
            await scene.wait()
        yield

    return lifespan


def _with_another_error(scene: Scene) -> Callable[..., object]:
    async def lifespan() -> AsyncIterator[None]:
        try:
            await scene.wait()
        except asyncio.CancelledError:
            raise ConnectionError("interrupted") from None
        yield

    return lifespan


KINDS = [_as_manager, _through_a_dependency, _through_a_task, _with_a_timeout, _with_another_error]


@pytest.mark.parametrize("kind", KINDS)
async def test_stop_ends_a_start_wherever_it_waits(
    kind: Callable[[Scene], Callable[..., AsyncIterator[None]]],
) -> None:
    """Nobody is served, and the lifespan before is closed."""
    scene = Scene()
    serving = scene.serving(scene.agent(scene.first, kind(scene)))
    async with asyncio.timeout(TIMEOUT):
        await scene.starting.wait()
        scene.stop.set()
        await asyncio.wait((serving,))
    assert isinstance(serving.exception(), StartError | None)
    assert scene.events == ["first is open", "cleaned up", "first is closed"]


class _Untyped(Untyped, HasLifespan):
    """An agent without typed actions, which waits before it serves."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene

    @property
    def reads_config(self) -> bool:
        """It has no config."""
        return False

    @asynccontextmanager
    async def serving(self, context: ServeContext) -> AsyncIterator[None]:
        await self._scene.wait()
        yield


async def test_stop_ends_the_start_of_any_agent() -> None:
    """Also of one that is no `Agent`, such as a published one."""
    scene = Scene()
    serving = asyncio.create_task(serve_async(_Untyped(scene), environ=ENVIRON, stop=scene.stop))
    async with asyncio.timeout(TIMEOUT):
        await scene.starting.wait()
        scene.stop.set()
        await serving
    assert scene.events == ["cleaned up"]


async def test_after_the_start_stop_drains_as_ever() -> None:
    """The lifespan is closed in order."""
    scene = Scene()
    scene.go_on.set()

    serving = scene.serving(scene.agent(scene.first, scene.second))
    async with asyncio.timeout(TIMEOUT):
        while "listening" not in scene.events:
            await asyncio.to_thread(lambda: None)
        scene.stop.set()
        await serving
    assert scene.events[-1] == "first is closed"
