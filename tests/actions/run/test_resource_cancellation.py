"""Resources of every kind and lifetime are closed once, wherever something is cancelled."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Self

import pytest

from mirastack_sdk.agent import Agent, Depends
from mirastack_sdk.plugin import Permission
from tests.cancellation import MOMENTS, Moment, cancel_everywhere, until


@dataclass
class Config:
    """What the engine pushes."""

    url: Annotated[str, "Where the logs are."] = "first"


@dataclass
class Events:
    """What is open, and how often each has been opened."""

    open: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)

    def begin(self, name: str) -> None:
        """Note that `name` is open."""
        self.open.append(name)
        self.opened.append(name)

    def end(self, name: str) -> None:
        """Note that `name` is closed."""
        assert name in self.open, f"{name} is closed twice"
        self.open.remove(name)


class Open:
    """What a resource yields."""


type Kind = Callable[[Events, str, Depends], Callable[..., object]]


def _async_generator(events: Events, name: str, needed: Depends) -> Callable[..., object]:
    async def opened(_needed: Annotated[object, needed]) -> AsyncIterator[Open]:
        await asyncio.sleep(0)
        events.begin(name)
        try:
            yield Open()
        finally:
            try:
                await asyncio.sleep(0)
            finally:
                events.end(name)

    return opened


def _generator(events: Events, name: str, needed: Depends) -> Callable[..., object]:
    def opened(_needed: Annotated[object, needed]) -> Iterator[Open]:
        events.begin(name)
        try:
            yield Open()
        finally:
            events.end(name)

    return opened


def _async_manager(events: Events, name: str, needed: Depends) -> Callable[..., object]:
    return asynccontextmanager(_async_generator(events, name, needed))  # type: ignore[arg-type] # it is a generator function


def _manager(events: Events, name: str, needed: Depends) -> Callable[..., object]:
    return contextlib.contextmanager(_generator(events, name, needed))  # type: ignore[arg-type] # it is a generator function


def _class(events: Events, name: str, needed: Depends) -> Callable[..., object]:
    class Opened:
        def __init__(self, _needed: Annotated[object, needed]) -> None:
            pass

        async def __aenter__(self) -> Self:
            await asyncio.sleep(0)
            events.begin(name)
            return self

        async def __aexit__(self, *_: object) -> None:
            try:
                await asyncio.sleep(0)
            finally:
                events.end(name)

    return Opened


KINDS = [_async_generator, _generator, _async_manager, _manager, _class]
KINDS_FIRST = range(len(KINDS))


@dataclass
class World:
    """An agent, and what happens to its resources."""

    agent: Agent
    events: Events
    others: "list[asyncio.Task[None]]" = field(default_factory=list)

    def reset(self) -> None:
        """Forget what has happened: each run begins with this."""
        self.events.open.clear()
        self.events.opened.clear()
        self.others.clear()

    async def use(self, action: str = "use") -> None:
        """Call an action, which must succeed."""
        assert (await self.agent.call(action)).value in ("used", ["used"])


type MakeWorld = Callable[[], AbstractAsyncContextManager[World]]


async def _root() -> object:
    await asyncio.sleep(0)
    return object()


async def _address(config: Config) -> str:
    return config.url


def _add_actions(agent: Agent, pool: Depends, own: Depends) -> None:
    """Actions of every kind, which use the resource of their call."""

    @agent.action
    async def use(
        _pool: Annotated[object, pool], _own: Annotated[object, own], _same: Annotated[object, own]
    ) -> str:
        """Use them."""
        await asyncio.sleep(0)
        return "used"

    @agent.action(timeout=60)
    async def use_in_time(_own: Annotated[object, own], _pool: Annotated[object, pool]) -> str:
        """Use them in time."""
        await asyncio.sleep(0)
        return "used"

    @agent.action
    def use_in_a_thread(_own: Annotated[object, own]) -> str:
        """Use one in a thread."""
        return "used"

    @agent.action
    async def stream(_own: Annotated[object, own]) -> AsyncIterator[str]:
        """Yield."""
        yield "used"

    @agent.action
    def stream_from_a_thread(_own: Annotated[object, own]) -> Iterator[str]:
        """Yield from a thread."""
        yield "used"


def _world(first: int) -> World:
    """An agent with a pool, a session, and a resource of each call, all of different kinds.

    The session depends on the config, so a push replaces it.
    """
    pool_kind, session_kind, own_kind = (KINDS[(first + i) % len(KINDS)] for i in range(3))
    events = Events()
    agent = Agent(
        name="logs",
        version="1.0.0",
        description="Searches logs.",
        permission=Permission.READ,
        devops_stages=["observe"],
        config=Config,
    )
    pool = Depends(pool_kind(events, "pool", Depends(_root, lifetime="agent")), lifetime="agent")
    session = Depends(
        session_kind(events, "session", Depends(_address, lifetime="agent")), lifetime="agent"
    )
    own = Depends(own_kind(events, "own", session))
    agent.lifespan(_async_generator(events, "lifespan", pool))  # type: ignore[type-var] # it is a generator function

    _add_actions(agent, pool, own)

    @agent.health
    async def healthy(_own: Annotated[object, own]) -> None:
        await asyncio.sleep(0)

    return World(agent, events)


def _stopped(first: int) -> MakeWorld:
    world = _world(first)

    @asynccontextmanager
    async def made() -> AsyncIterator[World]:
        world.reset()
        yield world

    return made


def _running(first: int) -> MakeWorld:
    world = _world(first)

    @asynccontextmanager
    async def made() -> AsyncIterator[World]:
        world.reset()
        async with world.agent.running():
            yield world
        assert world.events.open == []

    return made


async def _start_use_and_stop(world: World) -> None:
    async with world.agent.running():
        await world.use()


async def _everything_is_closed(world: World) -> None:
    """Nothing is open soon, and the agent starts and stops again."""
    await until(lambda: not world.events.open)
    await _start_use_and_stop(world)
    assert world.events.open == []


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("first", KINDS_FIRST)
async def test_a_cancelled_agent_closes_its_resources(first: int, moment: Moment) -> None:
    """Wherever it is cancelled while it starts, runs or stops; it can start again."""
    number = await cancel_everywhere(
        _stopped(first), _start_use_and_stop, _everything_is_closed, moment
    )
    assert number > 5


ACTIONS = ["use", "use_in_time", "use_in_a_thread", "stream", "stream_from_a_thread"]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("action", "first"), list(zip(ACTIONS, KINDS_FIRST, strict=True)))
async def test_a_cancelled_call_closes_its_own_resources(
    action: str, first: int, moment: Moment
) -> None:
    """Those of the agent stay open, opened once, and the next call uses them."""

    async def check(world: World) -> None:
        await until(lambda: "own" not in world.events.open)
        await world.use(action)
        assert "own" not in world.events.open
        assert all(world.events.opened.count(name) <= 1 for name in ("pool", "session"))

    await cancel_everywhere(_running(first), lambda world: world.use(action), check, moment)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("first", KINDS_FIRST)
async def test_a_cancelled_call_of_a_stopped_agent_closes_everything(
    first: int, moment: Moment
) -> None:
    """Such a call opens what it needs for itself."""
    await cancel_everywhere(_stopped(first), World.use, _everything_is_closed, moment)


async def _use_beside_another(world: World) -> None:
    world.others.append(asyncio.create_task(world.use()))
    await world.use()


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("first", KINDS_FIRST)
async def test_calls_that_share_a_resource_are_cancelled_alone(first: int, moment: Moment) -> None:
    """The other call gets the resource for which both wait."""

    async def check(world: World) -> None:
        if world.others:
            await world.others[0]
        await world.use()
        # The cancelled call does not wait for the thread in which its own one is opened.
        await until(lambda: "own" not in world.events.open)
        assert all(world.events.opened.count(name) == 1 for name in ("pool", "session"))

    await cancel_everywhere(_running(first), _use_beside_another, check, moment)


async def _push(world: World) -> None:
    await world.use()
    await world.agent.config_updated({"url": "second"})


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("first", KINDS_FIRST)
async def test_a_cancelled_push_leaves_one_set_of_resources(first: int, moment: Moment) -> None:
    """Either the old or the new config is in use; a second push brings the new one."""

    async def check(world: World) -> None:
        await world.agent.config_updated({"url": "second"})
        await world.use()
        await until(
            lambda: world.events.open.count("session") <= 1 and "own" not in world.events.open
        )
        assert world.events.open.count("pool") == 1

    await cancel_everywhere(_running(first), _push, check, moment)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("first", KINDS_FIRST)
async def test_a_cancelled_health_check_closes_its_own_resources(
    first: int, moment: Moment
) -> None:
    """The next check succeeds."""

    async def check_health(world: World) -> None:
        checking = world.agent.health_check()
        assert isinstance(checking, Awaitable)
        await checking

    async def check(world: World) -> None:
        await check_health(world)
        await until(lambda: "own" not in world.events.open)

    await cancel_everywhere(_running(first), check_health, check, moment)
