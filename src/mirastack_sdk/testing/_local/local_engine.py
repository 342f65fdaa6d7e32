"""A real engine on loopback, for tests of whole agents and for trying one out."""

from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Self

from mirastack_sdk._core.settings.security_options import Security
from mirastack_sdk._core.settings.security_variables import ARGUMENT_NAMES
from mirastack_sdk._runtime.clock import Clock, SystemClock
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._runtime.protection import protection
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk.testing._agent_client import AgentClient
from mirastack_sdk.testing._local.call_checks import CallChecks
from mirastack_sdk.testing._local.engine_faults import EngineFaults, fault_plan
from mirastack_sdk.testing._local.journal import EngineJournal, JournalView
from mirastack_sdk.testing._local.local_script import LocalScript
from mirastack_sdk.testing._local.local_service import LocalEngineService
from mirastack_sdk.testing._local.registry import AgentRegistry, RegisteredAgent
from mirastack_sdk.testing._script import ScriptedAnswers
from mirastack_sdk.testing._stores import AgentConfigs

__all__ = ["LocalEngine"]

_HOST = "127.0.0.1"


class LocalEngine(LocalScript, JournalView, EngineFaults):
    """An engine that registers agents, dials them back, calls them and answers them.

    `async with LocalEngine() as engine:` serves on `engine.address`, in both encodings unless
    `encodings` names one; leaving the block ends every call and connection. It refuses what a real
    engine refuses, and lists each breach of the contract in `violations`. What agents ask is
    scripted as for a `MockEngineClient`; faults are ordered with `fail`, `hang`, `delay` and
    `refuse_registration`.

    `security` is as for `serve()`, seen from the engine: `server` is what agents call, `client` how
    they are dialled back, and a token is demanded of them and sent to them. Raises
    `ConfigurationError` where its files cannot be used.
    """

    def __init__(
        self,
        *,
        encodings: Collection[Encoding] = tuple(Encoding),
        tenants: Collection[str] | None = None,
        port: int = 0,
        heartbeat_interval: int = 0,
        dial_timeout: float = 5.0,
        clock: Clock | None = None,
        security: Security | None = None,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        answers, configs = ScriptedAnswers(), AgentConfigs()
        journal, faults = EngineJournal(), fault_plan()
        LocalScript.__init__(
            self,
            answers,
            configs,
            clock=self.clock,
            tenants=tenants,
            heartbeat_interval=heartbeat_interval,
        )
        JournalView.__init__(self, journal)
        EngineFaults.__init__(self, faults)
        protected = protection(security or Security(), ARGUMENT_NAMES)
        self._registry = AgentRegistry(configs.store, dial_timeout, protected)
        gate = CallChecks(journal, faults, self, self._registry, encodings, self.clock)
        service = LocalEngineService(gate, self, answers, configs, journal, self._registry)
        self._server = Server([service], CODECS, tls=protected.server, bearer=protected.bearer)
        self._port = port

    @property
    def address(self) -> str:
        """Where agents reach the engine, `host:port`; known once it has started."""
        return f"{_HOST}:{self._port}"

    @property
    def agents(self) -> Sequence[str]:
        """The names of the registered agents."""
        return self._registry.names()

    async def start(self) -> None:
        """Serve, on the same port as before if there was one."""
        await self._server.start(_HOST, self._port)
        self._port = self._server.port

    async def stop(self) -> None:
        """Stop serving: calls and connections end, agents are not forgotten."""
        await self._server.close()
        self._registry.close()

    async def restart(self) -> None:
        """Stop, forget all agents, and serve again on the same port."""
        await self.stop()
        self._registry.forget()
        await self.start()
        self._journal.announce()

    def forget(self, name: str) -> None:
        """Know an agent no more: its next heartbeat is asked to register again."""
        self._registry.forget(name)
        self._journal.announce()

    def agent(self, name: str) -> RegisteredAgent:
        """The agent of that name; raises `LookupError` when none is registered."""
        agent = self._registry.find(name)
        if agent is None:
            known = ", ".join(self.agents) or "none"
            raise LookupError(f"no agent {name!r} is registered; registered: {known}")
        return agent

    async def wait_registered(self, name: str, timeout: float = 10.0) -> RegisteredAgent:
        """Return the agent as soon as it is registered, and its registration answered.

        Raises `TimeoutError`, with why it was refused if it was, after `timeout` seconds.
        """
        await self.wait_for(lambda: self._registry.find_confirmed(name), timeout)
        return self.agent(name)

    async def wait_deregistered(self, name: str, timeout: float = 10.0) -> None:
        """Return as soon as the agent is not registered; raises `TimeoutError` if it still is."""
        await self.wait_for(lambda: self._registry.find(name) is None, timeout)

    def connect(self, name: str, encoding: Encoding | None = None) -> AgentClient:
        """A client of a registered agent with connections of its own."""
        return self._registry.connect(self.agent(name), encoding)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()
