"""The client with which a local engine calls an agent."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

from mirastack_sdk._core.contract.execute_messages import time_range_to_wire
from mirastack_sdk._core.contract.parameters import json_bytes
from mirastack_sdk._core.model.context import TimeRange
from mirastack_sdk._core.model.declarations import PluginInfo, PluginSchema
from mirastack_sdk._core.model.execution import ExecutionMode
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceStub
from mirastack_sdk._runtime.connection_security.protection import NO_PROTECTION, Protection
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.client.engine_errors import engine_error
from mirastack_sdk._wire.client.pool import ConnectionOptions
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk.errors import MirastackError
from mirastack_sdk.testing._message_views import WireMessage, wire_message
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

type StoreConfig = Callable[[str, Mapping[str, str]], int]

_MODES: Mapping[ExecutionMode, wire.ExecutionMode] = {
    ExecutionMode.UNSPECIFIED: wire.ExecutionMode.UNSPECIFIED,
    ExecutionMode.MANUAL: wire.ExecutionMode.MANUAL,
    ExecutionMode.GUIDED: wire.ExecutionMode.GUIDED,
    ExecutionMode.AUTONOMOUS: wire.ExecutionMode.AUTONOMOUS,
}


class AgentCallError(MirastackError):
    """A call to an agent that ended without a response.

    `reason` is one of those of `EngineError`. `status` is the name of the gRPC status that the
    agent ended the call with, or `None` if there was none.
    """

    def __init__(self, message: str, *, reason: str, status: str | None) -> None:
        super().__init__(message, reason=reason)
        self.status = status


class AgentConnections:
    """The connections to one address: one for each encoding, opened on first use."""

    def __init__(
        self,
        address: Address,
        protection: Protection = NO_PROTECTION,
        options: ConnectionOptions | None = None,
    ) -> None:
        self.address = address
        self._options = options
        self._protection = protection
        self._channels: dict[Encoding, Channel] = {}

    def stub(self, encoding: Encoding) -> PluginServiceStub:
        """Return the generated stub for calls in `encoding`."""
        channel = self._channels.get(encoding)
        if channel is None:
            channel = Channel(
                self.address.host,
                self.address.port,
                CODECS,
                encoding=encoding,
                tls=self._protection.client,
                bearer=self._protection.bearer,
                options=self._options,
            )
            self._channels[encoding] = channel
        return PluginServiceStub(channel)

    def close(self) -> None:
        """Close the connections. Running calls fail; later calls connect again."""
        for channel in self._channels.values():
            channel.close()


class AgentClient:
    """A client that calls one agent as the engine does.

    `LocalEngine.connect` returns one. Calls use `encoding` unless they pass another one. Timeouts
    are in seconds. Every method raises `AgentCallError` if the agent does not respond. The client
    can be used as an async context manager, which closes it.
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
        """The address of the agent, `host:port`."""
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
        """Run an action; `tenant_id` defaults to the agent's tenant.

        Cancelling this call cancels the execution.
        """
        execution = self.prepare(
            action,
            params,
            time_range=time_range,
            encoding=encoding,
            tenant_id=tenant_id,
            context=context,
            mode=mode,
        )
        return await execution.run(timeout)

    def prepare(
        self,
        action: str,
        params: Mapping[str, object] | None = None,
        *,
        time_range: TimeRange | None = None,
        encoding: Encoding | None = None,
        tenant_id: str | None = None,
        context: Mapping[str, str] | None = None,
        mode: ExecutionMode = ExecutionMode.AUTONOMOUS,
    ) -> "PreparedExecution":
        """Return an execution that has not started, for tools that show its messages."""
        request = wire.ExecuteRequest(
            execution_id=str(uuid.uuid4()),
            step_id="step-1",
            workflow_id="workflow-1",
            action_id=action,
            params_json=json_bytes(dict(params or {})),
            execution_mode=_MODES[mode],
            context=dict(context or {}),
            time_range=None if time_range is None else time_range_to_wire(time_range),
            tenant_id=self.tenant_id if tenant_id is None else tenant_id,
        )
        return PreparedExecution(self.name, request, self.stub(encoding))

    async def health(
        self, *, encoding: Encoding | None = None, timeout: float = 10.0
    ) -> AgentHealth:
        """Run the agent's health check."""
        call = self.stub(encoding).health_check(wire.HealthCheckRequest(), timeout=timeout)
        return agent_health(await _called("HealthCheck", self.name, call))

    async def push_config(
        self,
        config: Mapping[str, str],
        *,
        encoding: Encoding | None = None,
        timeout: float = 10.0,
    ) -> ConfigAnswer:
        """Replace the agent's config by `config`, and send it to the agent."""
        version = self._store_config(self.name, config)
        request = wire.ConfigUpdatedRequest(config=dict(config), version=version)
        call = self.stub(encoding).config_updated(request, timeout=timeout)
        return config_answer(await _called("ConfigUpdated", self.name, call))

    async def info(self, *, encoding: Encoding | None = None, timeout: float = 10.0) -> PluginInfo:
        """Return the agent's `PluginInfo`, as sent over the wire."""
        call = self.stub(encoding).info(wire.InfoRequest(), timeout=timeout)
        return plugin_info(await _called("Info", self.name, call))

    async def schema(
        self, *, encoding: Encoding | None = None, timeout: float = 10.0
    ) -> PluginSchema:
        """Return the agent's `PluginSchema`, as sent over the wire."""
        call = self.stub(encoding).get_schema(wire.GetSchemaRequest(), timeout=timeout)
        return plugin_schema(await _called("GetSchema", self.name, call))

    def stub(self, encoding: Encoding | None = None) -> PluginServiceStub:
        """Return the generated stub, for messages that the typed methods cannot express."""
        return self._connections.stub(encoding or self.encoding)

    def close(self) -> None:
        """Close the connections. Running calls fail."""
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


class PreparedExecution:
    """One execution, which `run` starts; `AgentClient.prepare` returns it."""

    def __init__(self, agent: str, request: wire.ExecuteRequest, stub: PluginServiceStub) -> None:
        self.execution_id: str = request.execution_id
        self._agent = agent
        self._request = request
        self._stub = stub
        self._response: wire.ExecuteResponse | None = None

    @property
    def request(self) -> WireMessage:
        """The message that `run` sends."""
        return wire_message(self._request)

    @property
    def response(self) -> WireMessage | None:
        """The message that the agent sent, or `None` if it has not responded."""
        return None if self._response is None else wire_message(self._response)

    async def run(self, timeout: float = 30.0) -> ExecutionResult:
        """Run the action, and return its result within `timeout` seconds.

        Raises `AgentCallError` if the agent does not respond. Cancelling this call cancels the
        execution.
        """
        call = self._stub.execute(self._request, timeout=timeout)
        self._response = response = await _called("Execute", self._agent, call)
        return execution_result(self.execution_id, response)


async def _called[Response](method: str, agent: str, call: Awaitable[Response]) -> Response:
    try:
        return await call
    except Exception as error:  # the one edge between foreign errors and ours
        failure = engine_error(error, method=method, peer=agent)
        raise AgentCallError(str(failure), reason=failure.reason, status=failure.status) from error
