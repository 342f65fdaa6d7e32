"""The messages of a stream: whole, in order, and no more of them than there is room for."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk._wire.grpc.status import CallRefused
from mirastack_sdk._wire.streaming.message_queue import MessageQueue
from mirastack_sdk.errors import DecodeError, MessageTooLargeError, WireError
from tests.wire.interop.peers import turns

WINDOW = 1_000
LIMIT = 10_000


class Peer:
    """A peer that sends as much as it may, as HTTP/2 counts it."""

    def __init__(self, data: bytes, window: int = WINDOW) -> None:
        self.queue = MessageQueue(LIMIT, window, self.make_room)
        self.updates = 0
        self._data = data
        self._window = window
        self.send()

    def make_room(self, size: int) -> None:
        """Widen the window, as `Connection.make_room` does."""
        if self._window < size:
            self._window = size
            self.updates += 1
            asyncio.get_running_loop().call_soon(self.send)

    def send(self) -> None:
        """Send what the window allows."""
        sent, self._data = self._data[: self._window], self._data[self._window :]
        self._window -= len(sent)
        self.queue.feed(sent)
        if not self._data:
            self.queue.end()


def framed(*messages: bytes) -> bytes:
    return b"".join(b"\0" + len(message).to_bytes(4) + message for message in messages)


async def rest(queue: MessageQueue) -> list[bytes]:
    found = []
    while (message := await queue.next()) is not None:
        found.append(message)
    return found


@given(st.lists(st.binary(max_size=40), max_size=8), st.lists(st.integers(1, 30), max_size=30))
def test_messages_arrive_whole_however_they_are_cut(messages: list[bytes], cuts: list[int]) -> None:
    """Frames may end anywhere, and may hold many messages."""
    queue = MessageQueue(LIMIT, WINDOW, lambda _: None)
    data = framed(*messages)
    found = []
    for cut in [*cuts, len(data)]:
        queue.feed(data[:cut])
        data = data[cut:]
        while (message := queue.take()) is not None:
            found.append(message)
    assert found == messages
    assert queue.received == 0


@pytest.mark.parametrize("size", [0, 1, 333, 990, 995, 996, 1_001, 2_500, 9_999])
async def test_a_window_of_any_size_lets_every_message_through(size: int) -> None:
    """Room is made before it is needed, whether messages fit into the window or not."""
    peer = Peer(framed(*[b"x" * size] * 50))
    async with asyncio.timeout(10):
        assert await rest(peer.queue) == [b"x" * size] * 50


async def test_small_messages_need_few_window_updates() -> None:
    """The window is widened when half of it has been taken, not for each message."""
    peer = Peer(framed(*[b"x" * 5] * 1_000))
    assert len(await rest(peer.queue)) == 1_000
    assert peer.updates <= 10_000 / (WINDOW / 2) + 1


async def test_nothing_more_is_asked_for_than_is_taken() -> None:
    """While nobody takes messages, at most a window of them waits."""
    peer = Peer(framed(*[b"x" * 95] * 100))
    assert peer.queue.received == WINDOW
    assert [await peer.queue.next() for _ in range(4)] == [b"x" * 95] * 4
    assert (peer.queue.received, peer.updates) == (WINDOW - 400, 0)
    await peer.queue.next()
    await asyncio.sleep(0)
    assert (peer.queue.received, peer.updates) == (WINDOW, 1)


async def test_a_message_that_is_too_large_is_refused_in_its_turn() -> None:
    """The messages before it arrive, and none of it is waited for."""
    queue = MessageQueue(LIMIT, WINDOW, lambda _: None)
    queue.feed(framed(b"first") + b"\0" + (LIMIT + 1).to_bytes(4))
    assert await queue.next() == b"first"
    with pytest.raises(MessageTooLargeError):
        await queue.next()


async def test_a_compressed_message_is_refused() -> None:
    """As for unary calls, only identity is spoken."""
    queue = MessageQueue(LIMIT, WINDOW, lambda _: None)
    queue.feed(b"\1\0\0\0\0")
    with pytest.raises(CallRefused, match="identity"):
        await queue.next()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\0\0\0", "the message ends early: part of its length is missing"),
        (b"\0\0\0\0\7abc", "the message ends early: 4 bytes are missing"),
        (b"\0\0\0\0\7", "the message ends early: 7 bytes are missing"),
    ],
)
async def test_a_partial_message_at_the_end_is_an_error(data: bytes, text: str) -> None:
    """Nothing that was cut off looks complete."""
    queue = MessageQueue(LIMIT, WINDOW, lambda _: None)
    queue.feed(framed(b"first") + data)
    queue.end()
    assert await queue.next() == b"first"
    with pytest.raises(DecodeError, match=text):
        await queue.next()


async def test_what_has_arrived_comes_before_the_error_that_ended_it() -> None:
    """`end` keeps the messages, `fail` drops them; both stay as they are."""
    queue = MessageQueue(LIMIT, WINDOW, lambda _: None)
    queue.feed(framed(b"a", b"b"))
    queue.end(WireError("reset", reason="x"))
    queue.end()
    assert await queue.next() == b"a"
    queue.fail(TimeoutError("late"))
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await queue.next()


@pytest.mark.parametrize("end", [MessageQueue.end, lambda queue: queue.feed(framed(b"x"))])
async def test_who_waits_is_woken(end: Callable[[MessageQueue], None]) -> None:
    """A message and the end wake the task that waits; a second one may not wait with it."""
    queue = MessageQueue(LIMIT, WINDOW, lambda _: None)
    waiting = asyncio.create_task(queue.next())
    await asyncio.sleep(0)
    assert not queue.is_starved
    with pytest.raises(RuntimeError, match="another task waits"):
        await queue.next()
    end(queue)
    assert await waiting in (None, b"x")


async def test_a_wait_that_is_cancelled_loses_nothing() -> None:
    """The next one who asks gets the message."""
    queue = MessageQueue(LIMIT, WINDOW, lambda _: None)
    waiting = asyncio.create_task(queue.next())
    await asyncio.sleep(0)
    waiting.cancel()
    queue.feed(framed(b"x"))
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await queue.next() == b"x"


async def test_only_a_partial_message_that_is_waited_for_is_starved() -> None:
    """A stream may rest between its messages for as long as it likes."""
    queue = MessageQueue(LIMIT, WINDOW, lambda _: None)
    starved: list[bool] = []
    queue.feed(framed(b"x") + b"\0\0")
    starved.append(queue.is_starved)
    assert await queue.next() == b"x"
    waiting = asyncio.create_task(queue.next())
    for part in (b"", b"\0\0\1", b"y"):
        queue.feed(part)
        await turns(2)
        starved.append(queue.is_starved)
    assert await waiting == b"y"
    assert starved == [False, True, True, False]
