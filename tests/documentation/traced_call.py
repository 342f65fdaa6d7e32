"""The functions of the SDK that one Execute passes through, with one callback over real sockets."""

import asyncio
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType

import mirastack_sdk
from mirastack_sdk import serve_async
from mirastack_sdk.agent import Agent
from mirastack_sdk.engine import EngineClient
from mirastack_sdk.plugin import MirastackPlugin, Permission
from mirastack_sdk.testing import LocalEngine, RegisteredAgent

SDK = Path(mirastack_sdk.__file__).parent
FIRST = "ServerConnection.data_received"
"""Where the agent reads the request."""

PERIODIC = "Server._check_connections"
"""Watches the clients, and may fall into any call."""

WARM_UP = 20
"""Calls after which nothing of a call is left that only the first ones have to do."""

_TOOL = sys.monitoring.OPTIMIZER_ID - 1
_NAME = "stock"

type Passed = tuple[str, str]
"""A module's path within the SDK, and a function's qualified name."""


@dataclass(slots=True)
class Tracer:
    """Records each function of the SDK that starts in one thread while `is_on`."""

    thread: int
    is_on: bool = False
    passed: list[Passed] = field(default_factory=list)

    def on_start(self, code: CodeType, _: int) -> object:
        """Record a start; functions outside the SDK are not traced again."""
        path = Path(code.co_filename)
        if not path.is_relative_to(SDK):
            return sys.monitoring.DISABLE
        if self.is_on and threading.get_ident() == self.thread:
            name = code.co_qualname.replace("<locals>.", "")
            if (self.passed or name == FIRST) and not _is_periodic(sys._getframe(1)):  # noqa: SLF001 - what has started the function
                self.passed.append((path.relative_to(SDK).as_posix(), name))
        return None


def _is_periodic(frame: FrameType | None) -> bool:
    while frame is not None and frame.f_code.co_qualname != PERIODIC:
        frame = frame.f_back
    return frame is not None


class ServedAgent(threading.Thread):
    """An agent in a thread and on a loop of its own, so that the engine's work is not recorded."""

    def __init__(self, engine: LocalEngine, encoding: str, plugin: MirastackPlugin | Agent) -> None:
        super().__init__()
        self._plugin = plugin
        self._environ = {
            "MIRASTACK_ENGINE_ADDR": engine.address,
            "MIRASTACK_ENGINE_ENCODING": encoding,
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
        }
        self._loop = asyncio.new_event_loop()
        self._stop_event = asyncio.Event()

    def run(self) -> None:
        """Serve until `stop` is called."""
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(
                serve_async(
                    self._plugin,
                    environ=self._environ,
                    stop=self._stop_event,
                    on_listening=lambda _: None,
                )
            )

    def settle(self) -> None:
        """Wait until the agent has done what it had to do when this is called."""
        settled = threading.Event()
        # What runs in this turn may leave something for the next one.
        self._loop.call_soon_threadsafe(self._loop.call_soon, settled.set)
        settled.wait()

    def stop(self) -> None:
        """End the agent."""
        self._loop.call_soon_threadsafe(self._stop_event.set)
        self.join()


def _agent() -> Agent:
    agent = Agent(
        name=_NAME,
        version="1.0.0",
        description="Counts what is in stock.",
        permission=Permission.READ,
        devops_stages=["observe"],
    )

    @agent.action
    async def count(item: str, boxes: int, engine: EngineClient) -> dict[str, int]:
        """Count an item in a number of boxes."""
        return {item: boxes * int(await engine.cache_get(None, item) or 0)}

    return agent


async def _count(agent: RegisteredAgent) -> None:
    result = await agent.execute("count", {"item": "apples", "boxes": 2})
    assert result.output == {"result": '{"apples":6}'}


async def traced_call(encoding: str) -> list[Passed]:
    """Every start of a function of the SDK, from the request's arrival to the written response."""
    async with LocalEngine() as engine:
        engine.cache.set("apples", "3")
        agent = ServedAgent(engine, encoding, _agent())
        agent.start()
        registered = await engine.wait_registered(_NAME)
        assert agent.ident is not None
        tracer = Tracer(agent.ident)
        sys.monitoring.use_tool_id(_TOOL, "architecture page")
        sys.monitoring.register_callback(_TOOL, sys.monitoring.events.PY_START, tracer.on_start)
        sys.monitoring.set_events(_TOOL, sys.monitoring.events.PY_START)
        try:
            for _ in range(WARM_UP):
                await _count(registered)
            tracer.is_on = True
            await _count(registered)
            tracer.is_on = False
        finally:
            sys.monitoring.set_events(_TOOL, 0)
            sys.monitoring.free_tool_id(_TOOL)
            await asyncio.to_thread(agent.stop)
    return tracer.passed
