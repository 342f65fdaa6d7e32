"""The retry policy: whether a failed call of the engine is repeated, and when."""

import enum
from collections.abc import Callable, Mapping
from types import MappingProxyType

from mirastack_sdk._deferred.named_tuples import NamedTuple

MAX_ATTEMPTS = 4
"""How many attempts of one call may reach the engine."""

# Agents that failed at the same moment must not all return at the same moment.
_JITTER = 0.2


class Failure(enum.Enum):
    """How an attempt failed, by what the engine may have done with it."""

    UNCONNECTED = "unconnected"
    """There was no connection."""
    REFUSED = "refused"
    """The engine has not processed the call."""
    LOST = "lost"
    """The call was sent but no response will come: the engine may have acted on it."""
    UNAVAILABLE = "unavailable"
    """The engine responded that it cannot serve the call now."""
    FINAL = "final"
    """Another attempt would fail the same way, or the author must decide."""


class _Rule(NamedTuple):
    """What follows from a failure.

    `harmless`: the engine has done nothing, so any call may be repeated. `counted`: the attempt has
    reached the engine. `cost`: the tokens that another attempt takes from the budget. An error from
    the engine costs more than a lost connection, which fails many calls at once. `delays`: the
    seconds before the second, third and fourth attempt.
    """

    harmless: bool
    counted: bool
    cost: int
    delays: tuple[float, float, float]


_RULES: Mapping[Failure, _Rule] = MappingProxyType(
    {
        # The connection pool paces how often all calls together try to connect.
        Failure.UNCONNECTED: _Rule(harmless=True, counted=False, cost=0, delays=(0.0, 0.0, 0.0)),
        Failure.REFUSED: _Rule(harmless=True, counted=True, cost=1, delays=(0.0, 0.1, 0.4)),
        Failure.LOST: _Rule(harmless=False, counted=True, cost=1, delays=(0.0, 0.1, 0.4)),
        Failure.UNAVAILABLE: _Rule(harmless=False, counted=True, cost=10, delays=(0.1, 0.4, 1.6)),
    }
)

# Any other status is final, such as RESOURCE_EXHAUSTED: neither a quota nor a message that is too
# large changes within a call's time. CANCELLED ends the calls that run when an engine shuts down.
_BY_STATUS: Mapping[str, Failure] = MappingProxyType(
    {
        "UNAVAILABLE": Failure.UNAVAILABLE,
        "ABORTED": Failure.UNAVAILABLE,
        "CANCELLED": Failure.LOST,
    }
)


class CallRule(NamedTuple):
    """How one method of the engine is called.

    `repeatable`: a second call has no further effect. `waits_for_connection`: the call waits
    between attempts; without it, the caller repeats the call later. `ignores_backoff`: the call
    tries to connect even during the reconnect backoff.
    """

    repeatable: bool = False
    waits_for_connection: bool = True
    ignores_backoff: bool = False


_ACTION = DEFAULT_RULE = CallRule()
_READING = CallRule(repeatable=True)
# The session itself repeats these calls.
_MEMBERSHIP = CallRule(repeatable=True, waits_for_connection=False, ignores_backoff=True)

CALL_RULES: Mapping[str, CallRule] = MappingProxyType(
    {
        "RegisterPlugin": _MEMBERSHIP,
        "Heartbeat": _MEMBERSHIP,
        "DeregisterPlugin": _MEMBERSHIP,
        "GetConfig": _READING,
        "CacheGet": _READING,
        "CacheGetBatch": _READING,
        # A late repetition would undo what another agent has written meanwhile.
        "CacheSet": _ACTION,
        "PublishResult": _ACTION,
        "RequestApproval": _ACTION,
        "LogEvent": _ACTION,
        "CallPlugin": _ACTION,
        "ListKPIs": _READING,
        "GetKPI": _READING,
    }
)
"""The rules of the engine's methods, by their names. Any other has `DEFAULT_RULE`."""


def failure_of_status(status: str | None) -> Failure:
    """The failure that a gRPC status from the engine stands for."""
    return _BY_STATUS.get(status or "", Failure.FINAL)


class FailedAttempt(NamedTuple):
    """A failed attempt, and the state in which the next one is decided; times are in seconds.

    `attempts` counts those that have reached the engine, including this one. `wait` is the rest of
    the reconnect backoff, `time_left` the rest of the call's time, `tokens` the rest of the budget.
    """

    failure: Failure
    rule: CallRule
    attempts: int
    wait: float
    time_left: float
    tokens: int


class Retry(NamedTuple):
    """Another attempt after `after` seconds, at the cost of `cost` tokens."""

    after: float
    cost: int


def next_attempt(failed: FailedAttempt, uniform: Callable[[float, float], float]) -> Retry | None:
    """The next attempt, or `None` to give up.

    `uniform(low, high)` picks a number between the two, as `random.uniform` does.
    """
    rule, call = _RULES.get(failed.failure), failed.rule
    if rule is None or not (rule.harmless or call.repeatable):
        return None
    if failed.attempts >= MAX_ATTEMPTS or failed.tokens < rule.cost:
        return None
    delay = rule.delays[max(failed.attempts, 1) - 1]
    after = max(uniform(delay * (1 - _JITTER), delay * (1 + _JITTER)), failed.wait)
    if after >= failed.time_left or (after and not call.waits_for_connection):
        return None
    return Retry(after=after, cost=rule.cost)


def reached_engine(failure: Failure) -> bool:
    """Whether an attempt that failed like this has reached the engine."""
    rule = _RULES.get(failure)
    return rule is None or rule.counted


class RetryBudget:
    """A limit on the retries of all calls, so that they do not overload a failing engine.

    Retries spend `tokens`, responses earn them: ten responses pay for one retry after an error from
    the engine. Without tokens, each call gets a single attempt.
    """

    MAX_TOKENS = 1_000

    def __init__(self) -> None:
        self.tokens = self.MAX_TOKENS

    def spend(self, tokens: int) -> None:
        """Take tokens for a retry."""
        self.tokens = max(0, self.tokens - tokens)

    def earn(self) -> None:
        """Add a token for a response."""
        self.tokens = min(self.MAX_TOKENS, self.tokens + 1)
