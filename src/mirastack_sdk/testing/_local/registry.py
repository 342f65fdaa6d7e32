"""The registry of a local engine: it dials agents back and keeps their connections."""

import asyncio

from mirastack_sdk._core.model.declarations import PluginInfo, PluginSchema
from mirastack_sdk._core.settings.address import Address, AddressError
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceStub
from mirastack_sdk._runtime.connection_security.protection import NO_PROTECTION, Protection
from mirastack_sdk._wire.client.engine_errors import engine_error
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk.testing._agent_client import AgentClient, AgentConnections, StoreConfig
from mirastack_sdk.testing._local.introduction_checks import introduction_violations
from mirastack_sdk.testing._wire_messages import (
    AgentHealth,
    agent_health,
    plugin_info,
    plugin_schema,
)


class RegistrationRefusedError(Exception):
    """A registration that is refused.

    `violations` are the rules of the contract that the agent breaks; there are none if it could not
    be reached.
    """

    def __init__(self, message: str, violations: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.violations = violations


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """The responses of an agent that was dialled back."""

    info: PluginInfo
    schema: PluginSchema
    health: AgentHealth


async def dial_back(
    request: wire.RegisterPluginRequest, stub: PluginServiceStub, timeout: float
) -> Introduction:
    """Call Info, GetSchema and HealthCheck of an agent, all within `timeout` seconds.

    Raises `RegistrationRefusedError` if it cannot be reached or violates the contract.
    """
    try:
        async with asyncio.timeout(timeout):
            info = await stub.info(wire.InfoRequest(), timeout=timeout)
            schema = await stub.get_schema(wire.GetSchemaRequest(), timeout=timeout)
            health = await stub.health_check(wire.HealthCheckRequest(), timeout=timeout)
    except Exception as error:  # the one edge between foreign errors and ours
        failure = engine_error(error, method="dial back")
        raise RegistrationRefusedError(
            f"the agent does not answer at {request.grpc_addr}: {failure}"
        ) from error
    violations = tuple(dict.fromkeys(introduction_violations(request, info, schema)))
    if violations:
        raise RegistrationRefusedError("; ".join(violations), violations)
    return Introduction(
        info=plugin_info(info), schema=plugin_schema(schema), health=agent_health(health)
    )


class RegisteredAgent(AgentClient):
    """A registered agent, and a client to call it.

    `LocalEngine.agent` and `wait_registered` return it. `introduction` holds its responses when it
    was dialled back.
    """

    def __init__(
        self,
        request: wire.RegisterPluginRequest,
        introduction: Introduction,
        connections: AgentConnections,
        *,
        encoding: Encoding,
        store_config: StoreConfig,
    ) -> None:
        super().__init__(
            request.name,
            connections,
            encoding=encoding,
            tenant_id=request.tenant_id,
            store_config=store_config,
        )
        self.version: str = request.version
        self.instance_id: str = request.instance_id
        self.introduction = introduction


@dataclass(slots=True, kw_only=True)
class _Registration:
    agent: RegisteredAgent
    confirmed: bool = False


class AgentRegistry:
    """Every registered instance of every agent; the latest registration of a name counts.

    Connections outlive a registration, since an agent that deregisters still completes its running
    calls. `close()` closes all of them.
    """

    def __init__(
        self,
        store_config: StoreConfig,
        dial_timeout: float,
        protection: Protection = NO_PROTECTION,
    ) -> None:
        self._protection = protection
        self._store_config = store_config
        self._dial_timeout = dial_timeout
        self._registrations: dict[tuple[str, str], _Registration] = {}
        self._shared: dict[Address, AgentConnections] = {}
        self._separate: list[AgentConnections] = []

    async def register(
        self, request: wire.RegisterPluginRequest, encoding: Encoding
    ) -> RegisteredAgent:
        """Dial an agent back in `encoding` and register it.

        Raises `RegistrationRefusedError` if it cannot be reached or violates the contract.
        """
        address = _dialled_address(request)
        connections = self._shared.setdefault(address, AgentConnections(address, self._protection))
        introduction = await dial_back(request, connections.stub(encoding), self._dial_timeout)
        agent = RegisteredAgent(
            request,
            introduction,
            connections,
            encoding=encoding,
            store_config=self._store_config,
        )
        key = (request.name, request.instance_id)
        self._registrations.pop(key, None)
        self._registrations[key] = _Registration(agent=agent)
        return agent

    def confirm(self, agent: RegisteredAgent) -> None:
        """Note that the agent has been sent the response to its registration."""
        for registration in self._registrations.values():
            if registration.agent is agent:
                registration.confirmed = True

    def find(self, name: str) -> RegisteredAgent | None:
        """Return the instance of that name that registered last, if any."""
        registration = self._latest(name)
        return None if registration is None else registration.agent

    def find_confirmed(self, name: str) -> RegisteredAgent | None:
        """As `find`, once the response to its registration has been sent."""
        registration = self._latest(name)
        return registration.agent if registration is not None and registration.confirmed else None

    def names(self) -> list[str]:
        """Return the names of the registered agents, sorted."""
        return sorted({name for name, _ in self._registrations})

    def knows(self, name: str, instance_id: str) -> bool:
        """Whether that very instance is registered."""
        return (name, instance_id) in self._registrations

    def remove(self, name: str, instance_id: str) -> bool:
        """Forget that very instance; returns whether it was registered."""
        return self._registrations.pop((name, instance_id), None) is not None

    def forget(self, name: str | None = None) -> None:
        """Forget every instance of that name, or all agents."""
        for key in list(self._registrations):
            if name in {None, key[0]}:
                del self._registrations[key]

    def connect(self, agent: RegisteredAgent, encoding: Encoding | None) -> AgentClient:
        """Return a client of `agent` with its own connections."""
        connections = AgentConnections(Address.parse(agent.address), self._protection)
        self._separate.append(connections)
        return AgentClient(
            agent.name,
            connections,
            encoding=encoding or agent.encoding,
            tenant_id=agent.tenant_id,
            store_config=self._store_config,
        )

    def close(self) -> None:
        """Close every connection to every agent."""
        for connections in (*self._shared.values(), *self._separate):
            connections.close()
        self._shared.clear()
        self._separate.clear()

    def _latest(self, name: str) -> _Registration | None:
        found = [entry for entry in self._registrations.values() if entry.agent.name == name]
        return found[-1] if found else None


def _dialled_address(request: wire.RegisterPluginRequest) -> Address:
    violations: list[str] = []
    for field, value in (
        ("name", request.name),
        ("version", request.version),
        ("instance_id", request.instance_id),
    ):
        if not value.strip():
            violations.append(f"RegisterPlugin has no {field}")
    if request.plugin_type is not wire.PluginType.AGENT:
        violations.append(f"RegisterPlugin says plugin_type {request.plugin_type.name}, not AGENT")
    address: Address | None = None
    try:
        address = Address.parse(request.grpc_addr)
    except AddressError as error:
        violations.append(f"grpc_addr {request.grpc_addr!r} cannot be dialled: {error}")
    if violations or address is None:
        raise RegistrationRefusedError("; ".join(violations), tuple(violations))
    return address
