"""The helper that cancels a scenario everywhere finds what it is there to find."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Coroutine

import pytest

from tests.cancellation import MOMENTS, Moment, cancel_everywhere

type Scenario = Callable[[list[str]], Coroutine[object, object, object]]


@contextlib.asynccontextmanager
async def _events() -> AsyncIterator[list[str]]:
    yield []


async def _three_steps(events: list[str]) -> None:
    for name in "abc":
        await asyncio.sleep(0)
        events.append(name)


async def _nothing(_: object) -> None:
    pass


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_scenario_is_cancelled_at_each_suspension(moment: Moment) -> None:
    """Each run is new, and the last one is not cancelled."""
    runs: list[str] = []

    async def note(events: list[str]) -> None:
        runs.append("".join(events))

    assert await cancel_everywhere(_events, _three_steps, note, moment) == 3
    assert runs == ["", "a", "ab", "abc"]


@pytest.mark.parametrize(("moment", "result"), [("waiting", False), ("woken", True)])
async def test_a_woken_scenario_has_its_result_already(moment: Moment, *, result: bool) -> None:
    """What the scenario waits for has happened when the cancellation comes."""
    futures: list[asyncio.Future[None]] = []

    def resolve(future: asyncio.Future[None]) -> None:
        if not future.cancelled():
            future.set_result(None)

    async def wait(_: object) -> None:
        loop = asyncio.get_running_loop()
        futures.append(loop.create_future())
        loop.call_later(0, resolve, futures[-1])
        await futures[-1]

    assert await cancel_everywhere(_events, wait, _nothing, moment) == 1
    assert futures[0].cancelled() is not result
    assert futures[1].done()


async def _that_swallows(_: object) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(0)


async def _that_fails(_: object) -> None:
    try:
        await asyncio.sleep(0)
    finally:
        raise ConnectionError("down")


@pytest.mark.parametrize(
    ("scenario", "error", "text"),
    [
        (_that_swallows, AssertionError, "the cancellation was swallowed"),
        (_that_fails, ConnectionError, "down"),
    ],
)
async def test_a_cancelled_scenario_ends_as_cancelled(
    scenario: Scenario, error: type[Exception], text: str
) -> None:
    """Anything else is an error, which says where the scenario was."""
    with pytest.raises(error, match=text) as caught:
        await cancel_everywhere(_events, scenario, _nothing, "waiting")
    assert "suspension 1, waiting: test_cancellation.py:" in caught.value.__notes__[0]


async def test_a_failing_check_is_an_error() -> None:
    """The check sees the world as the cancellation has left it."""

    async def check(events: list[str]) -> None:
        assert events != ["a"]

    with pytest.raises(AssertionError) as caught:
        await cancel_everywhere(_events, _three_steps, check, "waiting")
    assert "suspension 2" in caught.value.__notes__[0]


async def _leave[Left](kept: list[Left], make: Callable[[], Left]) -> None:
    kept.append(make())
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: asyncio.create_task(asyncio.Event().wait()), "tasks"),
        (socket.socket, "sockets"),
    ],
)
async def test_what_is_left_is_an_error(
    make: Callable[[], asyncio.Task[object] | socket.socket],
    what: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A task that nobody ends, or a socket that nobody closes."""
    monkeypatch.setattr("tests.cancellation.TIMEOUT", 0.1)
    kept: list[asyncio.Task[object] | socket.socket] = []
    with pytest.raises(AssertionError, match=f"{what} are left"):
        await cancel_everywhere(_events, lambda _: _leave(kept, make), _nothing, "waiting")
    for one in kept:
        if isinstance(one, asyncio.Task):
            one.cancel()
        else:
            one.close()


async def test_an_error_that_nobody_retrieves_is_an_error() -> None:
    """As asyncio reports it when the task is deleted."""

    async def fail() -> None:
        raise ConnectionError("down")

    with pytest.raises(AssertionError, match="never retrieved"):
        await cancel_everywhere(
            _events, lambda _: asyncio.wait([asyncio.create_task(fail())]), _nothing, "waiting"
        )
