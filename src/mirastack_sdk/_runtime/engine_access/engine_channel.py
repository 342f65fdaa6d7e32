"""The channel to the engine, and the attempts of its calls."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from mirastack_sdk._core.policy.retries import (
    CALL_RULES,
    DEFAULT_RULE,
    CallRule,
    FailedAttempt,
    Failure,
    Retry,
    RetryBudget,
    failure_of_status,
    next_attempt,
    reached_engine,
)
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._runtime.clock import Clock, sleep_until
from mirastack_sdk._runtime.connection_security.protection import Protection
from mirastack_sdk._runtime.connection_security.tls_remedies import remedies
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.client.call_errors import CallLostError, Loss
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.client.engine_errors import Advice, engine_error, status_of
from mirastack_sdk._wire.client.pool import ConnectionOptions, ReconnectBackoff
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.grpc.metadata import encode_metadata
from mirastack_sdk._wire.socket.jitter import uniform
from mirastack_sdk.errors import EngineError

_BY_LOSS: Mapping[Loss, Failure] = {
    Loss.NEVER_SENT: Failure.UNCONNECTED,
    Loss.UNHEARD: Failure.UNCONNECTED,
    Loss.REFUSED: Failure.REFUSED,
    Loss.LOST: Failure.LOST,
    Loss.HOPELESS: Failure.FINAL,
    Loss.ABANDONED: Failure.FINAL,
}


class Retries:
    """The attempts that follow on a failed one, all for one call.

    `budget` is that of all calls. `connected` is set as soon as a connection is made: nobody waits
    longer than that. `advice` says what to change for each kind of TLS error.
    """

    def __init__(
        self,
        rule: CallRule,
        deadline: float,
        *,
        clock: Clock,
        budget: RetryBudget,
        connected: asyncio.Event,
        advice: Advice,
    ) -> None:
        self._rule = rule
        self._deadline = deadline
        self._clock = clock
        self._budget = budget
        self._connected = connected
        self._advice = advice
        self._attempts = 0

    async def after(self, error: Exception, method: str) -> float:
        """Wait for the next attempt, and return the seconds that it may take.

        Raises `EngineError` if `error` is the end of the call.
        """
        failure = _failure_of(error)
        self._attempts += reached_engine(failure)
        again = self._judge(error, failure)
        if again is None:
            if isinstance(error, EngineError):
                raise error
            raise engine_error(error, method=method, advice=self._advice) from error
        self._budget.spend(again.cost)
        if again.after:
            events = (self._connected,) if failure is Failure.UNCONNECTED else ()
            await sleep_until(self._clock, again.after, *events)
        return self._time_left()

    def _time_left(self) -> float:
        return self._deadline - self._clock.monotonic()

    def _judge(self, error: Exception, failure: Failure) -> Retry | None:
        failed = FailedAttempt(
            failure=failure,
            rule=self._rule,
            attempts=self._attempts,
            wait=error.wait if isinstance(error, CallLostError) else 0.0,
            time_left=self._time_left(),
            tokens=self._budget.tokens,
        )
        return next_attempt(failed, uniform)


def _failure_of(error: Exception) -> Failure:
    if isinstance(error, CallLostError):
        return _BY_LOSS[error.loss]
    return failure_of_status(status_of(error))


class CallAttempts:
    """What decides about the attempts of all calls over one channel.

    `rules` has those of the methods that differ from `default_rule`.
    """

    rules: Final = CALL_RULES
    default_rule: Final = DEFAULT_RULE

    def __init__(self, channel: Channel, protection: Protection, clock: Clock) -> None:
        self.budget = RetryBudget()
        self._connected = channel.pool.connected
        self._clock = clock
        self._advice: Advice = {} if protection.names is None else remedies(protection.names)

    def retries(self, rule: CallRule, deadline: float) -> Retries:
        """The attempts that follow on the first one of a call, if that fails."""
        return Retries(
            rule,
            deadline,
            clock=self._clock,
            budget=self.budget,
            connected=self._connected,
            advice=self._advice,
        )


def open_channel(
    address: Address,
    plugin_name: str,
    encoding: Encoding,
    max_message_bytes: int,
    protection: Protection,
    options: ConnectionOptions | None,
) -> Channel:
    """Return a channel to the engine at `address`, which connects at the first call."""
    channel = Channel(
        address.host,
        address.port,
        CODECS,
        encoding=encoding,
        max_message_bytes=max_message_bytes,
        tls=protection.client,
        bearer=protection.bearer,
        # `CallAttempts` decides about retries, for everything that may go wrong.
        options=replace(options or _connection_options(), tries=1),
    )
    channel.metadata = encode_metadata({"x-plugin-name": plugin_name})
    return channel


def _connection_options() -> ConnectionOptions:
    return ConnectionOptions(
        backoff=ReconnectBackoff(uniform), address_source="MIRASTACK_ENGINE_ADDR"
    )
