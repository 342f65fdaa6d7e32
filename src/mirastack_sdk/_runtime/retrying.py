"""Makes a call of the engine again where that may help and does no harm."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from mirastack_sdk._core.policy.retries import (
    CallRule,
    Failure,
    Retry,
    RetryBudget,
    Situation,
    failure_of_status,
    has_reached,
    next_try,
)
from mirastack_sdk._runtime.clock import Clock, sleep_until
from mirastack_sdk._wire.client.answer import CallLostError, Fate
from mirastack_sdk._wire.client.engine_errors import status_of

_BY_FATE: Mapping[Fate, Failure] = {
    Fate.NEVER_SENT: Failure.UNCONNECTED,
    Fate.REFUSED: Failure.REFUSED,
    Fate.LOST: Failure.LOST,
    Fate.HOPELESS: Failure.FINAL,
    Fate.ABANDONED: Failure.FINAL,
}


class Retrying:
    """The tries of every call of one engine, which share a budget."""

    def __init__(self, clock: Clock, uniform: Callable[[float, float], float]) -> None:
        self._clock = clock
        self._uniform = uniform
        self._budget = RetryBudget()

    async def reply[Reply](
        self,
        attempt: Callable[[float], Awaitable[Reply]],
        rule: CallRule,
        timeout: float,
        arrived: asyncio.Event,
    ) -> Reply:
        """Return what `attempt` returns, called with the seconds that are left of `timeout`.

        Raises what the last attempt has raised. `arrived` is set when a connection has come about:
        nobody waits longer for one.
        """
        deadline = self._clock.monotonic() + timeout
        tries, left = 0, timeout
        while True:
            try:
                reply = await attempt(left)
            except Exception as error:
                failure = _failure_of(error)
                tries += has_reached(failure)
                left = deadline - self._clock.monotonic()
                again = self._judge(error, failure, rule, tries, left)
                if again is None:
                    raise
            else:
                self._budget.earn()
                return reply
            self._budget.spend(again.cost)
            if again.after:
                events = (arrived,) if failure is Failure.UNCONNECTED else ()
                await sleep_until(self._clock, again.after, *events)
            left = deadline - self._clock.monotonic()

    def _judge(
        self, error: Exception, failure: Failure, rule: CallRule, tries: int, left: float
    ) -> Retry | None:
        situation = Situation(
            failure=failure,
            rule=rule,
            tries=tries,
            wait=error.wait if isinstance(error, CallLostError) else 0.0,
            left=left,
            tokens=self._budget.tokens,
        )
        return next_try(situation, self._uniform)


def _failure_of(error: Exception) -> Failure:
    if isinstance(error, CallLostError):
        return _BY_FATE[error.fate]
    return failure_of_status(status_of(error))
