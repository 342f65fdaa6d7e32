"""Two reasons to end one call: its handler is cancelled once, and cleans up in peace."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import permutations

import pytest

from mirastack_sdk._wire.server.grpc_server import Server
from tests.wire.notes import ECHO, Note
from tests.wire.raw_peer import RawPeer, frame
from tests.wire.server.test_grpc_server import serving

TIMEOUT = 10.0


class Scene:
    """A call whose handler takes its time to clean up, and what ends it."""

    def __init__(self, server: Server, peer: RawPeer, handler: "Handler") -> None:
        self.server, self.peer, self.handler = server, peer, handler
        self.tasks: list[asyncio.Task[object]] = []
        self.stream_id = 0

    async def reset(self) -> None:
        """The client gives the call up."""
        self.peer.http2.reset_stream(self.stream_id)
        self.peer.flush()

    async def deadline(self) -> None:
        """The deadline passes: the handler has begun well before."""
        loop = asyncio.get_running_loop()
        while loop.time() < self.handler.began + 0.03:
            await asyncio.wait([loop.create_future()], timeout=0.005)

    async def drain(self) -> None:
        """The grace period of a stopping agent is over."""
        self.tasks.append(asyncio.create_task(self.server.drain(0)))

    async def lose(self) -> None:
        """The connection is lost."""
        await self.peer.__aexit__(None, None, None)

    async def close(self) -> None:
        """The server is closed."""
        self.tasks.append(asyncio.create_task(self.server.close()))


class Handler:
    """Counts the cancellations of a call, also of those that come while it cleans up."""

    def __init__(self) -> None:
        self.began = 0.0
        self.entered, self.cleaning, self.go_on, self.ended = (asyncio.Event() for _ in range(4))
        self.cancellations = 0

    async def __call__(self, note: Note) -> Note:
        self.began = asyncio.get_running_loop().time()
        self.entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await self._clean_up()
            raise
        return note

    async def _clean_up(self) -> None:
        self.cancellations += 1
        self.cleaning.set()
        while not self.go_on.is_set():
            try:
                await self.go_on.wait()
            except asyncio.CancelledError:
                self.cancellations += 1
        self.ended.set()


type End = Callable[[Scene], Awaitable[None]]

ENDS: dict[str, End] = {
    "reset": Scene.reset,
    "deadline": Scene.deadline,
    "drain": Scene.drain,
    "lose": Scene.lose,
    "close": Scene.close,
}
# A peer that is gone resets nothing.
PAIRS = [
    pytest.param(*pair, id="-".join(pair))
    for pair in permutations(ENDS, 2)
    if pair != ("lose", "reset")
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
async def test_whatever_comes_second_interrupts_nothing(first: str, second: str) -> None:
    """The handler gets one cancellation, and ends by itself."""
    handler = Handler()
    timed = "deadline" in {first, second}
    async with (
        asyncio.timeout(TIMEOUT),
        serving(handler) as server,
        await RawPeer.connect(server.port) as peer,
    ):
        scene = Scene(server, peer, handler)
        headers = {"grpc_timeout": "30m"} if timed else {}
        scene.stream_id = peer.request(ECHO, frame(b"x"), **headers)
        await handler.entered.wait()
        await ENDS[first](scene)
        await handler.cleaning.wait()
        await ENDS[second](scene)
        for _ in range(20):
            await asyncio.sleep(0)
        handler.go_on.set()
        await handler.ended.wait()
        assert handler.cancellations == 1
        await asyncio.gather(*scene.tasks)
