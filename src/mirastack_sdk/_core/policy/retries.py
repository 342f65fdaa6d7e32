"""What to do about a call of the engine that has failed: again, and when, or not at all."""

import enum
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

__all__ = [
    "CALL_RULES",
    "MOST_TRIES",
    "CallRule",
    "Failure",
    "Retry",
    "RetryBudget",
    "Situation",
    "failure_of_status",
    "has_reached",
    "next_try",
]

MOST_TRIES = 4
"""How often one call reaches for an engine that is there."""

# Agents that failed at one moment must not all come back at one moment.
_JITTER = 0.2


class Failure(enum.Enum):
    """How a try has ended, by what the engine may have done with it."""

    UNCONNECTED = "unconnected"
    """Nobody was there to be asked."""
    REFUSED = "refused"
    """The engine has not looked at the call."""
    LOST = "lost"
    """The call was sent, and no answer will come: the engine may have acted on it."""
    UNAVAILABLE = "unavailable"
    """The engine answered that it cannot serve the call now."""
    FINAL = "final"
    """Another try would end the same way, or is the author's to decide."""


class _Rule(NamedTuple):
    """What follows from a failure.

    `harmless` says that the engine has done nothing, so that any call may be made again. `counted`
    says that the try has reached the engine. `cost` is what another try takes from the budget:
    what the engine answered costs more than what a connection took with it, many calls at a time.
    `delays` are the seconds before the second, third and fourth try.
    """

    harmless: bool
    counted: bool
    cost: int
    delays: tuple[float, float, float]


_RULES: Mapping[Failure, _Rule] = MappingProxyType(
    {
        # How often connecting is tried, all calls together, is paced where connections are made.
        Failure.UNCONNECTED: _Rule(harmless=True, counted=False, cost=0, delays=(0.0, 0.0, 0.0)),
        Failure.REFUSED: _Rule(harmless=True, counted=True, cost=1, delays=(0.0, 0.1, 0.4)),
        Failure.LOST: _Rule(harmless=False, counted=True, cost=1, delays=(0.0, 0.1, 0.4)),
        Failure.UNAVAILABLE: _Rule(harmless=False, counted=True, cost=10, delays=(0.1, 0.4, 1.6)),
    }
)

# A status that is not here is final. RESOURCE_EXHAUSTED is: a quota or a message that is too large
# does not pass within a call's time. CANCELLED is how an engine ends the calls that outrun its end.
_BY_STATUS: Mapping[str, Failure] = MappingProxyType(
    {
        "UNAVAILABLE": Failure.UNAVAILABLE,
        "ABORTED": Failure.UNAVAILABLE,
        "CANCELLED": Failure.LOST,
    }
)


class CallRule(NamedTuple):
    """How one method of the engine is called.

    `repeatable`: making it twice has no further effect. `waits_for_connection`: it waits between
    attempts; the caller of a method that does not makes the call again later. `insistent`: it
    tries to connect even during the reconnect backoff.
    """

    repeatable: bool = False
    waits_for_connection: bool = True
    insistent: bool = False


_ACTION = CallRule()
_READING = CallRule(repeatable=True)
# The session paces these itself.
_MEMBERSHIP = CallRule(repeatable=True, waits_for_connection=False, insistent=True)

CALL_RULES: Mapping[str, CallRule] = MappingProxyType(
    {
        "RegisterPlugin": _MEMBERSHIP,
        "Heartbeat": _MEMBERSHIP,
        "DeregisterPlugin": _MEMBERSHIP,
        "GetConfig": _READING,
        "CacheGet": _READING,
        "CacheGetBatch": _READING,
        # An action: a late repetition would undo what another agent has written meanwhile.
        "CacheSet": _ACTION,
        "PublishResult": _ACTION,
        "RequestApproval": _ACTION,
        "LogEvent": _ACTION,
        "CallPlugin": _ACTION,
        "ListKPIs": _READING,
        "GetKPI": _READING,
    }
)
"""The rule of each of the engine's methods, by its name."""


def failure_of_status(status: str | None) -> Failure:
    """What a gRPC status that the engine answered means for another try."""
    return _BY_STATUS.get(status or "", Failure.FINAL)


class Situation(NamedTuple):
    """What is known when a try has failed; times are in seconds.

    `tries` counts those that have reached the engine, this one included if it has. `wait` is how
    long no connection may be tried, `left` how much of the call's time is left, `tokens` what the
    budget holds.
    """

    failure: Failure
    rule: CallRule
    tries: int
    wait: float
    left: float
    tokens: int


class Retry(NamedTuple):
    """Try again after `after` seconds, for `cost` tokens."""

    after: float
    cost: int


def next_try(situation: Situation, uniform: Callable[[float, float], float]) -> Retry | None:
    """What to do next; `None` gives up.

    `uniform(low, high)` picks a number between the two, as `random.uniform` does.
    """
    rule, call = _RULES.get(situation.failure), situation.rule
    if rule is None or not (rule.harmless or call.repeatable):
        return None
    if situation.tries >= MOST_TRIES or situation.tokens < rule.cost:
        return None
    delay = rule.delays[max(situation.tries, 1) - 1]
    after = max(uniform(delay * (1 - _JITTER), delay * (1 + _JITTER)), situation.wait)
    if after >= situation.left or (after and not call.waits_for_connection):
        return None
    return Retry(after=after, cost=rule.cost)


def has_reached(failure: Failure) -> bool:
    """Whether a try that ended so has reached the engine."""
    rule = _RULES.get(failure)
    return rule is None or rule.counted


class RetryBudget:
    """How many more tries an engine that fails is burdened with.

    `tokens` are spent on retries and earned by replies: with none left every call is tried once,
    and ten replies pay for one more try of what the engine has refused.
    """

    MOST = 1_000

    def __init__(self) -> None:
        self.tokens = self.MOST

    def spend(self, tokens: int) -> None:
        """Take tokens for a retry."""
        self.tokens = max(0, self.tokens - tokens)

    def earn(self) -> None:
        """Take note of a reply."""
        self.tokens = min(self.MOST, self.tokens + 1)
