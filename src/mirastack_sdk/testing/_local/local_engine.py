"""The local engine, for tests of whole agents and for trying an agent out."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from mirastack_sdk._core.settings.security_options import Security
from mirastack_sdk._core.settings.security_variables import ARGUMENT_NAMES
from mirastack_sdk._runtime.clock import Clock, SystemClock
from mirastack_sdk._runtime.connection_security.protection import protection
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk.testing._agent_client import AgentClient
from mirastack_sdk.testing._allowances import Allowance
from mirastack_sdk.testing._local.call_checks import CallChecks
from mirastack_sdk.testing._local.engine_faults import EngineFaults, fault_plan
from mirastack_sdk.testing._local.journal import EngineJournal, JournalView
from mirastack_sdk.testing._local.local_script import LocalScript
from mirastack_sdk.testing._local.local_service import LocalEngineService
from mirastack_sdk.testing._local.observed_calls import CallObserver, ObservedService, Observers
from mirastack_sdk.testing._local.registry import AgentRegistry, RegisteredAgent
from mirastack_sdk.testing._script import ScriptedAnswers
from mirastack_sdk.testing._stores import AgentConfigs

_HOST = "127.0.0.1"


class LocalEngine(LocalScript, JournalView, EngineFaults):
    """An engine on 127.0.0.1 that registers agents, dials them back, calls them and serves them.

    `async with LocalEngine() as engine:` serves on `engine.address`, in both encodings unless
    `encodings` restricts them. Leaving the block ends every call and connection. The engine refuses
    what a real engine refuses, and lists each violation of the contract in `violations`, also that
    of cache keys without the agent's name, which engines accept. `allow` switches rules off, as in
    `allow={"read_approvals"}`.

    Responses are scripted as for a `MockEngineClient`. Faults are ordered with `fail`, `hang`,
    `delay` and `refuse_registration`. `tenants` are the active tenants, by default all.
    `heartbeat_interval` is the interval in seconds that the engine asks for, 0 for none, and
    `dial_timeout` the limit in seconds for dialling an agent back.

    `security` is that of `serve()`, seen from the engine: `server` is for calls from agents,
    `client` for dialling them back, and the token is both required and sent. Raises
    `ConfigurationError` if its files are not valid.
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
        allow: Collection[Allowance] = (),
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
            allow=allow,
        )
        JournalView.__init__(self, journal)
        EngineFaults.__init__(self, faults)
        protected = protection(security or Security(), ARGUMENT_NAMES)
        self._registry = AgentRegistry(configs.store, dial_timeout, protected)
        checks = CallChecks(journal, faults, self, self._registry, encodings, self.clock)
        service = LocalEngineService(checks, self, answers, configs, journal, self._registry)
        self._observers = Observers()
        observed = ObservedService(service, self._observers, self.clock)
        self._server = Server([observed], CODECS, tls=protected.server, bearer=protected.bearer)
        self._port = port
        self._is_serving = False

    @property
    def address(self) -> str:
        """The address of the engine, `host:port`; known once it has started."""
        return f"{_HOST}:{self._port}"

    @property
    def is_serving(self) -> bool:
        """Whether it has been started, and not stopped."""
        return self._is_serving

    @property
    def agents(self) -> Sequence[str]:
        """The names of the registered agents."""
        return self._registry.names()

    async def start(self) -> None:
        """Start to serve, on the same port as before if there was one."""
        await self._server.start(_HOST, self._port)
        self._port = self._server.port
        self._is_serving = True

    async def stop(self) -> None:
        """Stop serving. Calls and connections end; agents stay registered."""
        self._is_serving = False
        await self._server.close()
        self._registry.close()

    async def restart(self) -> None:
        """Stop, forget all agents, and serve on the same port again."""
        await self.stop()
        self._registry.forget()
        await self.start()
        self._journal.notify()

    def forget(self, name: str) -> None:
        """Forget an agent; the response to its next heartbeat asks it to register again."""
        self._registry.forget(name)
        self._journal.notify()

    def agent(self, name: str) -> RegisteredAgent:
        """Return the agent of that name; raises `LookupError` if it is not registered."""
        agent = self._registry.find(name)
        if agent is None:
            known = ", ".join(self.agents) or "none"
            raise LookupError(f"no agent {name!r} is registered; registered: {known}")
        return agent

    async def wait_registered(self, name: str, timeout: float = 10.0) -> RegisteredAgent:
        """Wait until the agent is registered and has received the response, and return it.

        Raises `TimeoutError` after `timeout` seconds, with the reason if it was refused.
        """
        await self.wait_for(lambda: self._registry.find_confirmed(name), timeout)
        return self.agent(name)

    async def wait_deregistered(self, name: str, timeout: float = 10.0) -> None:
        """Wait until the agent is not registered; raises `TimeoutError` after `timeout` seconds."""
        await self.wait_for(lambda: self._registry.find(name) is None, timeout)

    def observe(self, function: CallObserver) -> AbstractContextManager[None]:
        """Show each call that agents make to `function` during the block.

        It gets an `ObservedCall` when the call starts, and another one, with the response or the
        error, when it has ended. It must not raise.
        """
        return self._observers.adding(function)

    def connect(self, name: str, encoding: Encoding | None = None) -> AgentClient:
        """Return a client of a registered agent, with its own connections."""
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
