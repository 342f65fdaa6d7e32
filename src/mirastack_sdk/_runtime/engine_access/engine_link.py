"""Calls of the engine: their deadline, their retries, and the one kind of error they raise."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace

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
from mirastack_sdk._runtime.calls.executions import ExecutionScope, execution_ended
from mirastack_sdk._runtime.clock import Clock, SystemClock, sleep_until
from mirastack_sdk._runtime.connection_security.protection import NO_PROTECTION, Protection
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._runtime.telemetry.recorder_protocol import Telemetry
from mirastack_sdk._wire.client.call_errors import CallLostError, Loss
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.client.engine_errors import Advice, engine_error, status_of
from mirastack_sdk._wire.client.pool import ConnectionOptions, ReconnectBackoff
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.methods import Method
from mirastack_sdk._wire.grpc.metadata import encode_metadata
from mirastack_sdk._wire.socket.jitter import uniform
from mirastack_sdk.errors import EngineError

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


class _Retries:
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
        self._budget = RetryBudget()
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

    def call[Request, Response](
        self,
        method: Method[Request, Response],
        request: Request,
        timeout: float,
        scope: ExecutionScope | None = None,
    ) -> Coroutine[None, None, Response]:
        """Return the response to one call, within `timeout` seconds and the execution of `scope`.

        A call that fails temporarily is repeated if its method allows it. Raises `EngineError`,
        whatever goes wrong; cancelling this cancels the call.
        """
        if self._telemetry is None:
            return self._call(method, request, timeout, scope)
        return self._recorded(self._telemetry, method, request, timeout, scope)

    async def _recorded[Request, Response](
        self,
        telemetry: Telemetry,
        method: Method[Request, Response],
        request: Request,
        timeout: float,
        scope: ExecutionScope | None,
    ) -> Response:
        trace: dict[str, str] = {}
        with telemetry.calling(method.name, trace):
            return await self._call(method, request, timeout, scope, trace)

    async def _call[Request, Response](
        self,
        method: Method[Request, Response],
        request: Request,
        timeout: float,
        scope: ExecutionScope | None,
        trace: Mapping[str, str] | None = None,
    ) -> Response:
        channel, rule = self._channel, CALL_RULES.get(method.name, DEFAULT_RULE)
        task = None if scope is None else scope.begin(method.name)
        retries, deadline = None, self._clock.monotonic() + timeout
        try:
            if channel is None:
                raise _not_connected(method.name)
            if rule.ignores_backoff:
                channel.pool.allow_attempt()
            while True:
                try:
                    response = await channel.call(method, request, trace, timeout)
                except Exception as error:  # noqa: BLE001 - the one edge between foreign errors and ours
                    retries = retries or self._retries(rule, deadline, channel)
                    timeout = await retries.after(error, method.name)
                else:
                    break
        except asyncio.CancelledError as error:
            if scope is not None and task is not None and scope.has_cancelled(task):
                raise execution_ended(method.name) from error
            raise
        finally:
            if scope is not None and task is not None:
                scope.finish(task)
        if self._budget.tokens < RetryBudget.MAX_TOKENS:
            self._budget.earn()
        return response

    def _retries(self, rule: CallRule, deadline: float, channel: Channel) -> _Retries:
        return _Retries(
            rule,
            deadline,
            clock=self._clock,
            budget=self._budget,
            connected=channel.pool.connected,
            advice=self._remedies,
        )

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


def _not_connected(method: str) -> EngineError:
    return EngineError(
        f"{method}: there is no engine to call, MIRASTACK_ENGINE_ADDR is not set",
        reason="not_connected",
    )


def _connection_options() -> ConnectionOptions:
    return ConnectionOptions(
        backoff=ReconnectBackoff(uniform), address_source="MIRASTACK_ENGINE_ADDR"
    )
