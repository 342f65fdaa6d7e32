"""When to ask a silent server whether it is still there, and when to give it up."""

import enum
from dataclasses import dataclass
from typing import NamedTuple

# A server that is asked less than once an hour might as well not be asked.
_LONGEST_INTERVAL = 3_600.0


@dataclass(slots=True, kw_only=True)
class Keepalive:
    """How long a server may be silent while calls wait, and how long its answer may take; seconds.

    All connections of a channel share one: a server that complains is asked less often from then
    on.
    """

    interval: float = 30.0
    timeout: float = 10.0

    def calm(self) -> None:
        """Ask half as often: the server has called it too much."""
        self.interval = min(self.interval * 2, _LONGEST_INTERVAL)


class Action(enum.Enum):
    """What a look at a connection leads to."""

    REST = "rest"
    """Nothing, until a call waits again."""
    WAIT = "wait"
    ASK = "ask"
    GIVE_UP = "give up"


class Look(NamedTuple):
    """What to do now, and in how many seconds to look again."""

    action: Action
    again_in: float = 0.0


class KeepaliveTimer:
    """Judges the silence on one connection; times are instants of any steady clock.

    Questions are at least an interval apart, and none is asked unless nothing was heard for as
    long: grpc-go counts pings that come without other traffic, and leaves after three of them.
    """

    def __init__(self, keepalive: Keepalive) -> None:
        self._keepalive = keepalive
        self._asked_at: float | None = None
        self._next_question = float("-inf")

    def look(
        self, now: float, *, heard_at: float, waiting_since: float | None, in_doubt: bool = False
    ) -> Look:
        """Judge the silence since `heard_at`.

        `waiting_since` is when the first of the calls that wait was made, `None` while none does.
        `in_doubt` says that a call has expired without a word: there is no need to wait longer.
        """
        if self._asked_at is not None:
            if heard_at <= self._asked_at:
                left = self._asked_at + self._keepalive.timeout - now
                return Look(Action.WAIT, left) if left > 0 else Look(Action.GIVE_UP)
            self._asked_at = None
        due = self._next_question
        if not in_doubt:
            if waiting_since is None:
                return Look(Action.REST)
            due = max(due, max(heard_at, waiting_since) + self._keepalive.interval)
        if now < due:
            return Look(Action.WAIT, due - now) if waiting_since is not None else Look(Action.REST)
        self._asked_at = now
        self._next_question = now + self._keepalive.interval
        return Look(Action.ASK, self._keepalive.timeout)
