"""Calls of the engine: their deadline, their retries, and the one kind of error they raise."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

from mirastack_sdk._core.model.engine_api import License
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
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._runtime.clock import Clock, SystemClock, sleep_until
from mirastack_sdk._runtime.connection_security.protection import NO_PROTECTION, Protection
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._runtime.telemetry.recorder_protocol import Telemetry
from mirastack_sdk._wire.client.call_response import CallLostError, Loss
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.client.engine_errors import engine_error, status_of
from mirastack_sdk._wire.client.pool import ConnectionOptions, ReconnectBackoff
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.methods import Method
from mirastack_sdk._wire.grpc.metadata import encode_metadata
from mirastack_sdk.errors import EngineError

_NOTHING = nullcontext()
# All released engines speak JSON; the newest may speak protobuf alone.
_DISCOVERY_ORDER = (Encoding.JSON, Encoding.PROTOBUF)
_BY_LOSS: Mapping[Loss, Failure] = {
    Loss.NEVER_SENT: Failure.UNCONNECTED,
    Loss.UNHEARD: Failure.UNCONNECTED,
    Loss.REFUSED: Failure.REFUSED,
    Loss.LOST: Failure.LOST,
    Loss.HOPELESS: Failure.FINAL,
    Loss.ABANDONED: Failure.FINAL,
}


class Retrying:
    """Repeats calls of one engine, all within one budget."""

    def __init__(self, clock: Clock, uniform: Callable[[float, float], float]) -> None:
        self._clock = clock
        self._uniform = uniform
        self._budget = RetryBudget()

    async def response[Response](
        self,
        attempt: Callable[[float], Awaitable[Response]],
        rule: CallRule,
        timeout: float,
        connected: asyncio.Event,
    ) -> Response:
        """Return what `attempt` returns, called with the seconds that are left of `timeout`.

        Raises what the last attempt raised. `connected` is set as soon as a connection is made:
        nobody waits longer than that.
        """
        deadline = self._clock.monotonic() + timeout
        tries, left = 0, timeout
        while True:
            try:
                response = await attempt(left)
            except Exception as error:
                failure = _failure_of(error)
                tries += reached_engine(failure)
                left = deadline - self._clock.monotonic()
                again = self._judge(error, failure, rule, tries, left)
                if again is None:
                    raise
            else:
                if self._budget.tokens < self._budget.MAX_TOKENS:
                    self._budget.earn()
                return response
            self._budget.spend(again.cost)
            if again.after:
                events = (connected,) if failure is Failure.UNCONNECTED else ()
                await sleep_until(self._clock, again.after, *events)
            left = deadline - self._clock.monotonic()

    def _judge(
        self, error: Exception, failure: Failure, rule: CallRule, tries: int, left: float
    ) -> Retry | None:
        failed = FailedAttempt(
            failure=failure,
            rule=rule,
            attempts=tries,
            wait=error.wait if isinstance(error, CallLostError) else 0.0,
            time_left=left,
            tokens=self._budget.tokens,
        )
        return next_attempt(failed, self._uniform)


def _failure_of(error: Exception) -> Failure:
    if isinstance(error, CallLostError):
        return _BY_LOSS[error.loss]
    return failure_of_status(status_of(error))


class EngineLink:
    """One agent's link to the engine.

    `license` is the last one that the engine sent. `close()` ends the connection.
    """

    def __init__(
        self,
        settings: Settings,
        plugin_name: str,
        telemetry: Telemetry | None = None,
        protection: Protection = NO_PROTECTION,
        *,
        clock: Clock | None = None,
        options: ConnectionOptions | None = None,
    ) -> None:
        self.license: License | None = None
        self.plugin_name = plugin_name
        self.tenant_id = settings.tenant_id
        self.address = settings.engine_addr
        self._telemetry = telemetry
        self._remedies = protection.remedies
        self._encodings: tuple[Encoding, ...] = _DISCOVERY_ORDER
        if settings.engine_encoding != "auto":
            self._encodings = (Encoding(settings.engine_encoding),)
        self._retirements = 0
        self._clock = clock or SystemClock()
        self._retrying = Retrying(self._clock, random.uniform)
        self._channel: Channel | None = None
        if self.address is not None:
            self._channel = Channel(
                self.address.host,
                self.address.port,
                CODECS,
                encoding=self._encodings[0],
                max_message_bytes=settings.max_message_bytes,
                tls=protection.client,
                bearer=protection.bearer,
                # Retries are decided here, for everything that may go wrong.
                options=replace(options or _connection_options(), tries=1),
            )
            self._channel.metadata = encode_metadata({"x-plugin-name": plugin_name})

    @property
    def encodings(self) -> tuple[Encoding, ...]:
        """The encodings that the engine may speak, the likeliest first."""
        return self._encodings

    def speak(self, encoding: Encoding) -> None:
        """Use `encoding` for the calls that follow."""
        if self._channel is not None:
            self._channel.encoding = encoding

    def prefer(self, encoding: Encoding) -> None:
        """Remember that the engine understood `encoding`: it is tried first from now on."""
        others = tuple(other for other in self._encodings if other is not encoding)
        self._encodings = (encoding, *others)
        self.speak(encoding)

    async def call[Request, Response](
        self, method: Method[Request, Response], request: Request, timeout: float
    ) -> Response:
        """Return the response to one call, within `timeout` seconds.

        A call that fails temporarily is repeated if its method allows it. Raises `EngineError`,
        whatever goes wrong; cancelling this cancels the call.
        """
        if self._channel is None:
            raise EngineError(
                f"{method.name}: there is no engine to call, MIRASTACK_ENGINE_ADDR is not set",
                reason="not_connected",
            )
        pool, rule = self._channel.pool, CALL_RULES.get(method.name, DEFAULT_RULE)
        if rule.ignores_backoff:
            pool.allow_attempt()
        trace: dict[str, str] = {}
        attempt = partial(self._channel.call, method, request, trace)
        with _NOTHING if self._telemetry is None else self._telemetry.calling(method.name, trace):
            try:
                return await self._retrying.response(attempt, rule, timeout, pool.connected)
            except EngineError:
                raise
            except Exception as error:  # the one edge between foreign errors and ours
                raise engine_error(error, method=method.name, advice=self._remedies) from error

    async def pause(self, seconds: float) -> bool:
        """Wait for `seconds`, or until the engine is pinged because it is silent while calls wait.

        Engines that are pinged without any other traffic close the connection: gRPC's default
        allows a ping in five minutes. Returns `True`, and early, if the engine closes the
        connection; one that it has closed since the last pause counts, too.
        """
        if self._channel is None:
            await self._clock.sleep(seconds)
            return False
        connections = self._channel.pool
        if connections.retirements == self._retirements:
            await sleep_until(self._clock, seconds, connections.retired, connections.pinged)
        has_left = connections.retirements != self._retirements
        self._retirements = connections.retirements
        return has_left

    def close(self) -> None:
        """End the connection; calls that still run fail."""
        if self._channel is not None:
            self._channel.close()


def _connection_options() -> ConnectionOptions:
    return ConnectionOptions(
        backoff=ReconnectBackoff(random.uniform), address_source="MIRASTACK_ENGINE_ADDR"
    )
