"""Generated programs: what two applications do, and how the network delivers it."""

import enum
from dataclasses import dataclass
from typing import NamedTuple

from hypothesis import strategies as st

from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.http2.limits import Limits


class Action(enum.Enum):
    """What a step does."""

    OPEN = enum.auto()
    REPLY = enum.auto()
    SEND_BODY = enum.auto()
    FINISH = enum.auto()
    CANCEL = enum.auto()
    READ = enum.auto()
    PING = enum.auto()
    TUNE = enum.auto()
    DELIVER = enum.auto()
    LEAVE = enum.auto()


class Step(NamedTuple):
    """One action; each action uses the numbers in its own way."""

    action: Action
    by_client: bool
    pick: int
    size: int
    flag: bool


# Often the calls and the network, seldom the rest.
_ACTIONS = (
    *[Action.OPEN] * 5,
    *[Action.REPLY] * 4,
    *[Action.SEND_BODY] * 6,
    *[Action.FINISH] * 5,
    *[Action.CANCEL] * 2,
    *[Action.READ] * 2,
    Action.PING,
    *[Action.TUNE] * 3,
    *[Action.DELIVER] * 8,
)
_SIZES = (0, 1, 5, 100, 1_000, 16_383, 16_384, 16_385, 40_000, 65_535, 65_536, 150_000)
_WINDOWS = (0, 1, 100, 16_384, 65_535, 100_000, 2**20)

_BYTES_A_STEP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A whole exchange.

    `fragments` are the sizes in which bytes arrive, over and over. `handshake` says whether both
    sides know each other's settings before anything is done.
    """

    limits: Limits
    initial_window: int
    max_frame_size: int
    max_concurrent_streams: int
    header_table_size: int
    room: int
    eager: tuple[bool, bool]
    handshake: bool
    take: int
    fragments: tuple[int, ...]
    script: bytes
    leaving: bool

    @property
    def steps(self) -> tuple[Step, ...]:
        """Decode the bytes of the script: hypothesis draws and shrinks bytes fastest."""
        actions = (*_ACTIONS, Action.LEAVE) if self.leaving else _ACTIONS
        steps = [Step(Action.OPEN, by_client=True, pick=0, size=0, flag=False)]
        for start in range(0, len(self.script) - _BYTES_A_STEP + 1, _BYTES_A_STEP):
            what, how, kind, more = self.script[start : start + _BYTES_A_STEP]
            step = Step(
                actions[what % len(actions)],
                by_client=bool(how & 1),
                pick=how >> 2 & 7,
                size=_SIZES[kind % len(_SIZES)] if kind < 200 else (kind * more) % 3_000,
                flag=bool(how & 2),
            )
            steps.append(step)
        return tuple(steps)


_SCRIPTS = st.binary(min_size=20 * _BYTES_A_STEP, max_size=60 * _BYTES_A_STEP)
_FRAGMENTS = st.one_of(
    st.just((1,)),
    st.just((1_000_000,)),
    st.lists(
        st.sampled_from((1, 2, 8, 9, 10, 13, 100, 16_393, 30_000)), min_size=1, max_size=4
    ).map(tuple),
)
_LIMITS = st.builds(
    Limits,
    max_concurrent_streams=st.sampled_from((2, 100)),
    initial_window=st.sampled_from(_WINDOWS),
    max_frame_size=st.sampled_from((16_384, 20_000, 2**20)),
)


def programs(*, leaving: bool = False) -> st.SearchStrategy[Program]:
    """Return the programs; with `leaving`, a server may drain in the middle."""
    return st.builds(
        Program,
        limits=_LIMITS,
        initial_window=st.sampled_from(_WINDOWS),
        max_frame_size=st.sampled_from((16_384, 20_000, 2**20)),
        max_concurrent_streams=st.sampled_from((2, 100)),
        header_table_size=st.sampled_from((0, 100, 4096, 65_536)),
        room=st.sampled_from((1, 1_000, 65_535, 200_000)),
        eager=st.tuples(st.booleans(), st.booleans()),
        handshake=st.booleans(),
        take=st.sampled_from((1, 1_000, 65_536)),
        fragments=_FRAGMENTS,
        script=_SCRIPTS,
        leaving=st.just(leaving),
    )


def body(size: int) -> bytes:
    """Return bytes that do not repeat for long."""
    return bytes((index * index + index // 251) & 0xFF for index in range(size))


_LONGEST = body(max(*_SIZES, 3_000))


def chunk(size: int, start: int) -> bytes:
    """Return `size` bytes that differ with `start`."""
    start %= 97
    return (_LONGEST[start:] + _LONGEST[:start])[:size]


def request_headers(number: int, size: int) -> Headers:
    """Return a request's headers; they vary, and some fill more than a frame."""
    return (
        (":method", "POST"),
        (":scheme", "http"),
        (":path", f"/mirastack.plugin.v1.PluginService/Method{number % 3}"),
        (":authority", "localhost"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
        *_extra(number, size),
    )


def response_headers(number: int, size: int) -> Headers:
    """Return a response's headers."""
    return (
        (":status", "200"),
        ("content-type", "application/grpc"),
        *_extra(number, size),
    )


def trailers(number: int, size: int) -> Headers:
    """Return trailers."""
    return (("grpc-status", str(number % 17)), *_extra(number, size))


def _extra(number: int, size: int) -> Headers:
    match number % 8:
        case 0 | 1 | 2:
            return ()
        case 3:
            return (("x-request-id", f"{number}-{size}"),)
        case 4:
            return (("trace-bin", "AAEC" * (size % 50)), ("x-empty", ""))
        case 5:
            return tuple((f"x-{index}", f"{number * index}") for index in range(size % 30))
        case 6:
            return (("x-latin", "caf\xe9 \xff\x80"),)
        case _:
            return (("x-long", "v" * min(size, 18_000)),)
