"""The session with the engine: registration, heartbeats, deregistration."""

import logging
from collections.abc import Callable

from mirastack_sdk._core.contract.engine_messages import license_snapshot
from mirastack_sdk._core.model.plugin_base import ignore
from mirastack_sdk._core.policy.license_diff import license_changes
from mirastack_sdk._core.policy.registration import (
    Backoff,
    FailureReason,
    advice,
    classify,
    heartbeat_interval,
)
from mirastack_sdk._core.settings.process_settings import DEFAULT_HEARTBEAT_SECONDS
from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import DEREGISTER_PLUGIN, HEARTBEAT, REGISTER_PLUGIN
from mirastack_sdk._log import Log
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.engine_access.registration_state import RegistrationState
from mirastack_sdk._text import one_line
from mirastack_sdk.errors import EngineError

_LOG = Log("session")

_CALL_SECONDS = 10.0
# An engine that does not understand an encoding ends the call in one of these ways.
_OTHER_ENCODING = frozenset({"internal", "invalid_argument", "invalid_reply", "unimplemented"})


class Registration(NamedTuple):
    """What the agent registers with: `grpc_addr` is where the engine dials back, host:port."""

    name: str
    version: str
    grpc_addr: str
    instance_id: str
    tenant_id: str


class Session:
    """Keeps one agent registered with one engine.

    `on_registered` is called after each registration, `on_heartbeat` after each heartbeat that the
    engine has acknowledged. `state` says whether the agent is registered.

    `run()` never gives up: the engine may be down, starting, or not know the tenant yet.
    """

    def __init__(
        self,
        link: EngineLink,
        registration: Registration,
        *,
        fixed_interval: float | None,
        deregisters: bool = True,
        clock: Clock,
        uniform: Callable[[float, float], float],
        on_registered: Callable[[], None] = ignore,
        on_heartbeat: Callable[[], None] = ignore,
    ) -> None:
        self._on_registered = on_registered
        self._on_heartbeat = on_heartbeat
        self._link = link
        self._registration = registration
        self._clock = clock
        self._uniform = uniform
        self._fixed_interval = fixed_interval
        self._deregisters = deregisters
        self._interval = fixed_interval or DEFAULT_HEARTBEAT_SECONDS
        self.state = RegistrationState(heartbeat_interval=self._interval)
        # An engine that has restarted does not know the agent: heartbeats come sooner than usual.
        self._sooner = Backoff(uniform, first=1.0, growth=1.6)
        self._may_be_known = False

    async def run(self) -> None:
        """Register, and stay registered until cancelled."""
        while True:
            await self._register()
            await self._stay()

    async def leave(self, timeout: float) -> None:
        """Deregister within `timeout` seconds, if it should and the engine may know the agent."""
        self.state.end()
        if not self._may_be_known:
            return
        if not self._deregisters:
            _LOG.info("not deregistered: MIRASTACK_PLUGIN_DEREGISTER is false")
            return
        request = wire.DeregisterPluginRequest(
            name=self._registration.name, instance_id=self._registration.instance_id
        )
        try:
            await self._link.call(DEREGISTER_PLUGIN, request, timeout)
        except EngineError as error:
            text = one_line(str(error))
            _LOG.warning("could not deregister: %s", text, extra={"reason": error.reason})
        else:
            _LOG.info("deregistered")
        self._may_be_known = False

    async def _register(self) -> None:
        backoff = Backoff(self._uniform)
        while True:
            delay = backoff.next_delay()
            try:
                response = await self._register_once()
            except EngineError as error:
                reason = classify(error.status, str(error), error.reason)
                self._log_failure(reason, one_line(str(error)), delay)
            else:
                if response.success:
                    self.state.register()
                    self._log_success(response)
                    self._take_license(response.license)
                    self._on_registered()
                    return
                error_text = one_line(response.error) or "the engine gave no reason"
                self._log_failure(classify("OK", error_text), error_text, delay)
            await self._clock.sleep(delay)

    async def _register_once(self) -> wire.RegisterPluginResponse:
        """Call RegisterPlugin in the encoding the engine speaks, finding out which."""
        first_failure: EngineError | None = None
        for encoding in self._link.encodings:
            self._link.speak(encoding)
            try:
                response = await self._call_register()
            except EngineError as error:
                first_failure = first_failure or error
                if error.reason not in _OTHER_ENCODING:
                    break
            else:
                self._link.prefer(encoding)
                return response
        assert first_failure is not None  # noqa: S101 - there is at least one encoding
        raise first_failure

    async def _call_register(self) -> wire.RegisterPluginResponse:
        registration = self._registration
        request = wire.RegisterPluginRequest(
            name=registration.name,
            version=registration.version,
            grpc_addr=registration.grpc_addr,
            plugin_type=wire.PluginType.AGENT,
            instance_id=registration.instance_id,
            tenant_id=registration.tenant_id,
        )
        known_before, self._may_be_known = self._may_be_known, True
        try:
            return await self._link.call(REGISTER_PLUGIN, request, _CALL_SECONDS)
        except EngineError as error:
            # After a timeout the engine may have registered the agent all the same.
            self._may_be_known = known_before or error.reason == "deadline_exceeded"
            raise

    async def _stay(self) -> None:
        """Send heartbeats until the engine no longer knows the agent."""
        request = wire.HeartbeatRequest(
            name=self._registration.name, instance_id=self._registration.instance_id
        )
        delay, has_failed = self._interval, False
        while True:
            await self._await_heartbeat(delay, has_failed=has_failed)
            try:
                response = await self._link.call(HEARTBEAT, request, _CALL_SECONDS)
            except EngineError as error:
                if error.reason == "not_found":
                    break
                delay, has_failed = min(self._sooner.next_delay(), self._interval), True
                self._log_silence(error, delay)
                continue
            self._take_license(response.license)
            if response.re_register_required or not response.acknowledged:
                break
            if has_failed:
                _LOG.info("heartbeats succeed again")
            self.state.confirm()
            self._on_heartbeat()
            self._interval = self.state.heartbeat_interval = heartbeat_interval(
                self._fixed_interval, response.heartbeat_interval_seconds, self._interval
            )
            delay, has_failed = self._interval, False
        self.state.end()
        _LOG.info("the engine no longer knows this agent (it has restarted), registering again")

    async def _await_heartbeat(self, delay: float, *, has_failed: bool) -> None:
        """Wait for the next heartbeat, which comes sooner if the engine closes the connection.

        It may have restarted, and no longer know the agent. The delays grow for an engine that
        keeps closing connections, and while heartbeats fail.
        """
        if not await self._link.pause(delay):
            if not has_failed:
                self._sooner.reset()
            return
        sooner = min(self._sooner.next_delay(), delay)
        _LOG.info("the engine has closed the connection, next heartbeat in %.1f s", sooner)
        await self._clock.sleep(sooner)

    def _log_silence(self, error: EngineError, delay: float) -> None:
        _LOG.warning(
            "heartbeat failed, next in %.1f s: %s",
            delay,
            one_line(str(error)),
            extra={"reason": classify(error.status, str(error), error.reason).value},
        )

    def _take_license(self, message: wire.LicenseContext | None) -> None:
        if message is None:
            return
        before, after = self._link.license, license_snapshot(message)
        self._link.license = after
        changes = license_changes(before, after)
        if changes is not None:
            level = logging.WARNING if changes.is_warning else logging.INFO
            _LOG.log(level, "the engine's license: %s", changes)

    def _log_success(self, response: wire.RegisterPluginResponse) -> None:
        _LOG.info(
            "registered with the engine",
            extra={
                "engine": str(self._link.address),
                "plugin_id": response.plugin_id,
                "encoding": self._link.encodings[0].value,
            },
        )

    def _log_failure(self, reason: FailureReason, text: str, delay: float) -> None:
        self.state.fail(reason)
        level = logging.ERROR if reason.needs_operator else logging.WARNING
        registration = self._registration
        help_text = advice(reason, tenant_id=registration.tenant_id, address=registration.grpc_addr)
        if reason.needs_operator:
            help_text = f"this needs an operator: {help_text}".removesuffix(": ")
        _LOG.log(
            level,
            "registration failed, next try in %.1f s: %s%s",
            delay,
            text,
            help_text and f"; {help_text}",
            extra={"reason": reason.value, "engine": str(self._link.address)},
        )
