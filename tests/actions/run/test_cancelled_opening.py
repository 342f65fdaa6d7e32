"""Plain dependencies whose call is cancelled while they are being opened."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Annotated, Self

import pytest

from mirastack_sdk.agent import Agent, Depends
from tests.actions.agents import TIMEOUT, new_agent


class Scene:
    """What happens in the author's threads."""

    def __init__(self) -> None:
        self.opening, self.go_on, self.closed = (threading.Event() for _ in range(3))
        self.threads: list[int] = []
        self.error: BaseException | None = None
        self.fails = ""

    def open(self) -> None:
        self.threads.append(threading.get_ident())
        self.opening.set()
        assert self.go_on.wait(TIMEOUT)
        if self.fails == "open":
            raise ConnectionError("down")

    def close(self) -> None:
        self.threads.append(threading.get_ident())
        self.closed.set()
        if self.fails == "close":
            raise ConnectionError("cannot close")


def _generator(scene: Scene) -> Callable[..., object]:
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


def _decorated(scene: Scene) -> Callable[..., object]:
    return contextlib.contextmanager(_generator(scene))  # type: ignore[arg-type] # it is a generator function


def _class(scene: Scene) -> Callable[..., object]:
    class Opened:
        def __enter__(self) -> Self:
            scene.open()
            return self

        def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
            scene.error = error
            scene.close()

    @contextlib.contextmanager
    def opened() -> Iterator[Opened]:
        with Opened() as it:
            yield it

    return opened


def _agent(opened: Callable[..., object]) -> Agent:
    agent = new_agent()

    @agent.action
    async def use(value: Annotated[object, Depends(opened)]) -> str:
        """Use the value."""
        return f"used {value}"

    return agent


async def _cancelled_while_opening(scene: Scene, agent: Agent) -> None:
    call = asyncio.create_task(agent.call("use"))
    assert await asyncio.to_thread(scene.opening.wait, TIMEOUT)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not scene.closed.is_set()
    scene.go_on.set()


@pytest.mark.parametrize("kind", [_generator, _decorated, _class])
async def test_it_is_closed_as_soon_as_it_is_open(
    kind: Callable[[Scene], Callable[..., object]],
) -> None:
    """The call ends at once; the `finally` runs in the same thread, with the cancellation."""
    scene = Scene()
    await _cancelled_while_opening(scene, _agent(kind(scene)))
    assert await asyncio.to_thread(scene.closed.wait, TIMEOUT)
    assert isinstance(scene.error, asyncio.CancelledError)
    [thread] = set(scene.threads)
    assert thread != threading.get_ident()


async def test_a_failure_to_close_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for it any more."""
    scene = Scene()
    scene.fails = "close"
    await _cancelled_while_opening(scene, _agent(_generator(scene)))
    async with asyncio.timeout(TIMEOUT):
        while not caplog.records:
            await asyncio.to_thread(scene.closed.wait)
    assert "a dependency could not be closed after its cancellation" in caplog.text


@pytest.mark.parametrize("cancelled", [True, False])
async def test_what_fails_to_open_is_not_closed(
    *, cancelled: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether somebody still waits for it or not; its thread ends."""
    scene = Scene()
    scene.fails = "open"
    agent, before = _agent(_generator(scene)), set(threading.enumerate())
    if cancelled:
        await _cancelled_while_opening(scene, agent)
    else:
        scene.go_on.set()
        with pytest.raises(ConnectionError):
            await agent.call("use")
    for thread in set(threading.enumerate()) - before:
        if thread.name == "mirastack-opened":
            await asyncio.to_thread(thread.join, TIMEOUT)
            assert not thread.is_alive()
    assert not scene.closed.is_set()
    assert caplog.records == []


async def test_it_is_opened_and_closed_in_one_thread() -> None:
    """Also if nothing is cancelled; the thread ends with the call."""
    scene = Scene()
    scene.go_on.set()
    assert (await _agent(_generator(scene)).call("use")).value == "used open"
    assert scene.closed.is_set()
    assert len(set(scene.threads)) == 1
