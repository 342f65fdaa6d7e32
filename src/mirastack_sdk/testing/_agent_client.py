"""The engine's side of the calls that an agent answers."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

from mirastack_sdk._core.contract import to_wire
from mirastack_sdk._core.contract.parameters import json_bytes
from mirastack_sdk._core.model.context import TimeRange
from mirastack_sdk._core.model.declarations import PluginInfo, PluginSchema
from mirastack_sdk._core.model.execution import ExecutionMode
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceStub
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._runtime.protection import NO_PROTECTION, Protection
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.client.engine_errors import engine_error
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk.errors import MirastackError
from mirastack_sdk.testing._wire_messages import (
    AgentHealth,
    ConfigAnswer,
    ExecutionResult,
    agent_health,
    config_answer,
    execution_result,
    plugin_info,
    plugin_schema,
)

__all__ = ["AgentCallError", "AgentClient"]

type StoreConfig = Callable[[str, Mapping[str, str]], int]

_MODES: Mapping[ExecutionMode, wire.ExecutionMode] = {
    ExecutionMode.UNSPECIFIED: wire.ExecutionMode.UNSPECIFIED,
    ExecutionMode.MANUAL: wire.ExecutionMode.MANUAL,
    ExecutionMode.GUIDED: wire.ExecutionMode.GUIDED,
    ExecutionMode.AUTONOMOUS: wire.ExecutionMode.AUTONOMOUS,
}


class AgentCallError(MirastackError):
    """A call of an agent that ended without an answer.

    `reason` is one of `EngineError`'s; `status` is the name of the gRPC status that the agent ended
    it with, `None` where it did not.
    """

    def __init__(self, message: str, *, reason: str, status: str | None) -> None:
        super().__init__(message, reason=reason)
        self.status = status


class AgentConnections:
    """The connections to one address, one for each encoding used, opened when first used."""

    def __init__(self, address: Address, protection: Protection = NO_PROTECTION) -> None:
        self.address = address
        self._protection = protection
        self._channels: dict[Encoding, Channel] = {}

    def stub(self, encoding: Encoding) -> PluginServiceStub:
        """The generated stub, for calls in `encoding`."""
        channel = self._channels.get(encoding)
        if channel is None:
            channel = Channel(
                self.address.host,
                self.address.port,
                CODECS,
                encoding=encoding,
                tls=self._protection.client,
                bearer=self._protection.bearer,
            )
            self._channels[encoding] = channel
        return PluginServiceStub(channel)

    def close(self) -> None:
        """End the connections; calls that still run fail, calls after that connect anew."""
        for channel in self._channels.values():
            channel.close()


class AgentClient:
    """Calls one agent, over a connection for each encoding used.

    `LocalEngine.connect` returns one. `encoding` is that of calls which name none. Times are in
    seconds. Every method raises `AgentCallError` when the agent gives no answer. Leaving the client
    as a context closes it.
    """

    def __init__(
        self,
        name: str,
        connections: AgentConnections,
        *,
        encoding: Encoding,
        tenant_id: str,
        store_config: StoreConfig,
    ) -> None:
        self.name = name
        self.encoding = encoding
        self.tenant_id = tenant_id
        self._connections = connections
        self._store_config = store_config

    @property
    def address(self) -> str:
        """Where the agent is dialled, `host:port`."""
        return str(self._connections.address)

    async def execute(
        self,
        action: str,
        params: Mapping[str, object] | None = None,
        *,
        time_range: TimeRange | None = None,
        encoding: Encoding | None = None,
        tenant_id: str | None = None,
        context: Mapping[str, str] | None = None,
        mode: ExecutionMode = ExecutionMode.AUTONOMOUS,
        timeout: float = 30.0,
    ) -> ExecutionResult:
        """Run `action`, for the agent's own tenant unless another one is given."""
        request = wire.ExecuteRequest(
            execution_id=str(uuid.uuid4()),
            step_id="step-1",
            workflow_id="workflow-1",
            action_id=action,
            params_json=json_bytes(dict(params or {})),
            execution_mode=_MODES[mode],
            context=dict(context or {}),
            time_range=None if time_range is None else to_wire.time_range_to_wire(time_range),
            tenant_id=self.tenant_id if tenant_id is None else tenant_id,
        )
        stub = self.stub(encoding)
        reply = await self._answer("Execute", stub.execute(request, timeout=timeout))
        return execution_result(request.execution_id, reply)

    async def health(
        self, *, encoding: Encoding | None = None, timeout: float = 10.0
    ) -> AgentHealth:
        """Ask whether the agent can use its backend."""
        call = self.stub(encoding).health_check(wire.HealthCheckRequest(), timeout=timeout)
        return agent_health(await self._answer("HealthCheck", call))

    async def push_config(
        self,
        config: Mapping[str, str],
        *,
        encoding: Encoding | None = None,
        timeout: float = 10.0,
    ) -> ConfigAnswer:
        """Make `config` the agent's whole configuration, and hand it over."""
        version = self._store_config(self.name, config)
        request = wire.ConfigUpdatedRequest(config=dict(config), version=version)
        call = self.stub(encoding).config_updated(request, timeout=timeout)
        return config_answer(await self._answer("ConfigUpdated", call))

    async def info(self, *, encoding: Encoding | None = None, timeout: float = 10.0) -> PluginInfo:
        """Ask who the agent is."""
        call = self.stub(encoding).info(wire.InfoRequest(), timeout=timeout)
        return plugin_info(await self._answer("Info", call))

    async def schema(
        self, *, encoding: Encoding | None = None, timeout: float = 10.0
    ) -> PluginSchema:
        """Ask what the agent can do."""
        call = self.stub(encoding).get_schema(wire.GetSchemaRequest(), timeout=timeout)
        return plugin_schema(await self._answer("GetSchema", call))

    def stub(self, encoding: Encoding | None = None) -> PluginServiceStub:
        """The generated stub, for messages that the typed methods cannot say."""
        return self._connections.stub(encoding or self.encoding)

    def close(self) -> None:
        """End the connections; calls that still run fail."""
        self._connections.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def _answer[Reply](self, method: str, call: Awaitable[Reply]) -> Reply:
        try:
            return await call
        except Exception as error:  # the one edge between foreign errors and ours
            failure = engine_error(error, method=method, peer=self.name)
            raise AgentCallError(
                str(failure), reason=failure.reason, status=failure.status
            ) from error
