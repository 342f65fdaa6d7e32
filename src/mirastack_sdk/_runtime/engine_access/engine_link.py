"""Calls of the engine: their deadline, their retries, and the one kind of error they raise."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING

from mirastack_sdk._core.model.engine_api import License
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._runtime.calls.executions import ExecutionScope, execution_ended
from mirastack_sdk._runtime.clock import Clock, SystemClock, sleep_until
from mirastack_sdk._runtime.connection_security.protection import NO_PROTECTION, Protection
from mirastack_sdk._runtime.telemetry.recorder_protocol import Telemetry
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.methods import Method
from mirastack_sdk.errors import EngineError

if TYPE_CHECKING:
    # Only agents with an engine load them.
    from mirastack_sdk._runtime.engine_access.engine_channel import CallAttempts
    from mirastack_sdk._wire.client.channel import Channel
    from mirastack_sdk._wire.client.pool import ConnectionOptions

# All released engines speak JSON; the newest may speak protobuf alone.
_DISCOVERY_ORDER = (Encoding.JSON, Encoding.PROTOBUF)


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
        options: "ConnectionOptions | None" = None,
    ) -> None:
        self.license: License | None = None
        self.plugin_name = plugin_name
        self.tenant_id = settings.tenant_id
        self.address = settings.engine_addr
        self._telemetry = telemetry
        self._encodings: tuple[Encoding, ...] = _DISCOVERY_ORDER
        if settings.engine_encoding != "auto":
            self._encodings = (Encoding(settings.engine_encoding),)
        self._retirements = 0
        self._clock = clock or SystemClock()
        self._channel: Channel | None = None
        self._attempts: CallAttempts | None = None
        if self.address is not None:
            from mirastack_sdk._runtime.engine_access import engine_channel  # noqa: PLC0415 - an agent without an engine needs no client

            self._channel = engine_channel.open_channel(
                self.address,
                plugin_name,
                self._encodings[0],
                settings.max_message_bytes,
                protection,
                options,
            )
            self._attempts = engine_channel.CallAttempts(self._channel, protection, self._clock)

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
        channel, attempts = self._channel, self._attempts
        task = None if scope is None else scope.begin(method.name)
        retries, deadline = None, self._clock.monotonic() + timeout
        try:
            if channel is None or attempts is None:
                raise _not_connected(method.name)
            rule = attempts.rules.get(method.name, attempts.default_rule)
            if rule.ignores_backoff:
                channel.pool.allow_attempt()
            while True:
                try:
                    response = await channel.call(method, request, trace, timeout)
                except Exception as error:  # noqa: BLE001 - the one edge between foreign errors and ours
                    retries = retries or attempts.retries(rule, deadline)
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
        if attempts.budget.tokens < attempts.budget.MAX_TOKENS:
            attempts.budget.earn()
        return response

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
