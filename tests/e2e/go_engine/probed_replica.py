"""A replica in a process of its own, whose health is probed all the time."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import grpc
import grpc.aio

from tests.e2e.agent_process import AgentProcess, agent_process
from tests.e2e.go_engine.driver import Json
from tests.e2e.grpcio_engine import call
from tests.runtime.standard_services.agents import channel_to
from tests.runtime.standard_services.test_health_service import SERVING, status_of

SERVICES = ("", "readiness")
# Between two probes; a kubelet waits for ten seconds.
_PERIOD = 0.05
# What probes may find in the life of one process, in order: nobody (U), NOT_SERVING (N), SERVING.
_LIFE = re.compile(r"U*N*S+N*U*")


class ProbedReplica:
    """An agent on one port, which can be started again, and what probes have found there.

    Probes that a change of the state has overtaken say nothing about either state.
    """

    def __init__(self, port: int, engine: str, **environ: str) -> None:
        self.port = port
        self._engine = engine
        self._environ = {"MIRASTACK_PLUGIN_ADDR": f"127.0.0.1:{port}", **environ}
        self._process = AsyncExitStack()
        self._agent: AgentProcess | None = None
        self._state = "down"
        self._changed = asyncio.Event()
        # For each life, what a service was found to be.
        self._lives: list[dict[str, str]] = []
        # In a state, what it was found to be.
        self.found: dict[str, set[str]] = {}

    async def start(self) -> None:
        """Start it, and return when it is registered."""
        self._enter("starting")
        self._lives.append(dict.fromkeys(SERVICES, ""))
        running = agent_process("replica.py", engine=self._engine, **self._environ)
        self._agent = await self._process.enter_async_context(running)
        await self._agent.logged("registered with the engine", timeout=60)
        self._enter("serving")

    async def stop(self) -> None:
        """Stop it in order."""
        agent = self._agent
        assert agent is not None
        self._enter("stopping")
        agent.signal()
        assert await agent.ended() == 0
        self._enter("down")
        assert not [line for line in agent.log if "ERROR" in line or "Traceback" in line]
        await self._process.aclose()

    async def has(self, config: Json) -> None:
        """Return when the author's code has the config."""
        params = json.dumps({"config": config}).encode()
        response = await call(self.port, "Execute", action_id="wait_for", params_json=params)
        assert response.success  # type: ignore[attr-defined] # google's classes are made at run time

    @asynccontextmanager
    async def probed(self) -> AsyncIterator[None]:
        """Probe it as long as the block runs; in the end, kill what still runs."""
        probing = asyncio.create_task(self._probe())
        try:
            yield
        finally:
            probing.cancel()
            await asyncio.wait([probing])
            await self._process.aclose()
        assert probing.cancelled(), probing.exception()

    def check(self) -> None:
        """Check that probes were right at every moment."""
        assert self.found["serving"] == {"S"}
        assert self.found.get("down", set()) <= {"U"}
        for life in self._lives:
            for service, found in life.items():
                assert _LIFE.fullmatch(found), (service, found)

    def _enter(self, state: str) -> None:
        self._state = state
        self._changed.set()

    async def _probe(self) -> None:
        while True:
            for service in SERVICES:
                state, life = self._state, len(self._lives)
                found = await self._status(service)
                if life and life == len(self._lives):
                    self._lives[-1][service] += found
                if state == self._state:
                    self.found.setdefault(state, set()).add(found)
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_PERIOD):
                    await self._changed.wait()

    async def _status(self, service: str) -> str:
        async with channel_to(self.port) as channel:
            try:
                return "S" if await status_of(channel, service) == SERVING else "N"
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise
                return "U"
