"""The connections of one client that replicas share: whose turn it is, and for how long.

The servers are real; the time is not, and passes at once whenever nothing is left to do.
"""

import asyncio
import itertools
import selectors
from collections.abc import Callable, Iterator, Sequence

import pytest

from mirastack_sdk._wire.server import timed_connection
from mirastack_sdk._wire.server.connection_age import ConnectionAge
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk._wire.server.server_state import Capacity
from mirastack_sdk._wire.socket.memory_transport import MemoryTransport, connect_in_memory
from tests.wire.notes import Notes, note_codecs, same
from tests.wire.server.test_connection_age import EMPTY_SETTINGS, FIRST_GOAWAY, PREFACE

AGE = 10.0
# The longest turn that docs/replicas.md promises.
LONGEST = 1.1 * AGE + 1
ROUNDS = 8

type Turn = tuple[float, int]
"""When a replica was connected, and its number."""


class PassingTime(selectors.DefaultSelector):
    """Waits for nothing: the time until the next timer passes at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready."""
        assert timeout is not None, "nothing is due any more"
        self.now += timeout
        return super().select(0)


class PassingTimeLoop(asyncio.SelectorEventLoop):
    """A loop whose clock is that of its selector."""

    def __init__(self) -> None:
        self._passing = PassingTime()
        super().__init__(self._passing)

    def time(self) -> float:
        """Return the seconds that have passed."""
        return self._passing.now


class Balancer:
    """Gives each new connection to the next replica, as HAProxy does in TCP mode."""

    def __init__(self, replicas: Sequence[Server]) -> None:
        self.turns: list[Turn] = []
        self.has_ended = asyncio.Event()
        self._last_turn = ROUNDS * len(replicas)
        self._next: Iterator[tuple[int, Server]] = itertools.cycle(enumerate(replicas))
        self._connections: list[MemoryTransport] = []

    def connect(self) -> None:
        """Open a connection, and another one when it becomes old, as grpc-go does."""
        number, server = next(self._next)
        accepted = server.accept()
        assert accepted is not None
        transport = connect_in_memory(Client(self.connect), accepted)
        transport.write(PREFACE + EMPTY_SETTINGS)
        self._connections.append(transport)
        self.turns.append((asyncio.get_running_loop().time(), number))
        if len(self.turns) > self._last_turn:
            self.has_ended.set()

    def close(self) -> None:
        """Close all connections."""
        for transport in self._connections:
            transport.close()


class Client(asyncio.Protocol):
    """One connection of a client that is busy with calls, and so leaves it open."""

    def __init__(self, on_goaway: Callable[[], None]) -> None:
        self._on_goaway = on_goaway

    def data_received(self, data: bytes) -> None:
        if FIRST_GOAWAY in data:
            self._on_goaway()


async def turns_of(number: int) -> Sequence[Turn]:
    """Let so many replicas take turns, for as many rounds as the test is long."""
    capacity = Capacity(age=ConnectionAge(AGE))
    replicas = [Server([Notes(same)], note_codecs(), capacity=capacity) for _ in range(number)]
    for replica in replicas:
        replica.start_without_port()
    balancer = Balancer(replicas)
    balancer.connect()
    async with asyncio.timeout(ROUNDS * number * LONGEST):
        await balancer.has_ended.wait()
    balancer.close()
    for replica in replicas:
        await replica.close()
    return balancer.turns


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("factor", [0.9, 1.0, 1.1, None])
def test_each_replica_has_its_turn_in_time(
    monkeypatch: pytest.MonkeyPatch, number: int, factor: float | None
) -> None:
    """Each of n has one within n x 1.1 x the age, and one second more for each; see replicas.md."""
    if factor is not None:
        monkeypatch.setattr(timed_connection, "uniform", lambda low, high: factor)
    with asyncio.Runner(loop_factory=PassingTimeLoop) as runner:
        turns = runner.run(turns_of(number))
    for first, following in itertools.pairwise(turns[::number]):
        assert following[0] - first[0] <= number * LONGEST
    for begun in range(len(turns) - number):
        assert {replica for _, replica in turns[begun : begun + number]} == set(range(number))
    # No turn is much shorter than the age either: a handshake is made no more often than that.
    lengths = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(turns)]
    assert min(lengths) >= 0.9 * AGE
