"""Counts the Python calls that the SDK makes for one Execute, over real sockets."""

import asyncio
import sys
import threading
from dataclasses import dataclass, field
from types import CodeType, FrameType

from mirastack_sdk.agent import Agent
from mirastack_sdk.engine import EngineClient
from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
    TimeRange,
)
from mirastack_sdk.testing import LocalEngine, RegisteredAgent
from tests.documentation.traced_call import FIRST, PERIODIC, WARM_UP, ServedAgent

_NAME = "stock"
_TOOL = sys.monitoring.OPTIMIZER_ID - 1
# How often the kernel wakes the agent is not the SDK's doing, so the least of several counts.
_EXECUTES = 8
_RANGE = TimeRange(start_epoch_ms=1_700_000_000_000, end_epoch_ms=1_700_003_600_000)


@dataclass(slots=True)
class CallCounter:
    """Counts each call of a Python function of the SDK in one thread, from an Execute's arrival.

    Resumed coroutines and generators do not count again; the methods of dataclasses count.
    """

    thread: int
    is_on: bool = False
    names: list[str] = field(default_factory=list)

    def on_start(self, code: CodeType, _: int) -> object:
        """Count a call; functions outside the SDK are not reported again."""
        frame = sys._getframe(1)  # noqa: SLF001 - the function that has started
        module: str = frame.f_globals.get("__name__", "")
        if not module.startswith("mirastack_sdk"):
            return sys.monitoring.DISABLE
        if self.is_on and threading.get_ident() == self.thread:
            has_begun = self.names or code.co_qualname == FIRST
            if has_begun and not _is_periodic(frame):
                self.names.append(f"{module}:{code.co_qualname}")
        return None


def _is_periodic(frame: FrameType | None) -> bool:
    while frame is not None and frame.f_code.co_qualname != PERIODIC:
        frame = frame.f_back
    return frame is not None


def typed_agent() -> MirastackPlugin | Agent:
    """An agent with one typed action of three parameters."""
    agent = Agent(
        name=_NAME,
        version="1.0.0",
        description="Counts what is in stock.",
        permission=Permission.READ,
        devops_stages=["observe"],
    )

    @agent.action
    async def count(item: str, boxes: int, callbacks: int, engine: EngineClient) -> dict[str, int]:
        """Count an item in a number of boxes."""
        for _ in range(callbacks):
            await engine.cache_get(None, item)
        return {item: boxes}

    return agent


class DocumentedAgent(MirastackPlugin):
    """The same action, written as the documentation has it."""

    def info(self) -> PluginInfo:
        return PluginInfo(
            name=_NAME,
            version="1.0.0",
            description="Counts what is in stock.",
            permission=Permission.READ,
            devops_stages=["observe"],
        )

    def schema(self) -> PluginSchema:
        params = {name: ParamSchema(type="string") for name in ("item", "boxes", "callbacks")}
        return PluginSchema([Action("count", "Count an item in a number of boxes.", params)])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        for _ in range(int(req.params["callbacks"])):
            await req.engine_client.cache_get(req.ctx, req.params["item"])
        return ExecuteResponse(output={req.params["item"]: req.params["boxes"]})

    async def health_check(self) -> None:
        return

    async def config_updated(self, config: dict[str, str]) -> None:
        return


async def calls_of_execute(
    plugin: MirastackPlugin | Agent, encoding: str, *, callbacks: int
) -> list[str]:
    """The functions of the SDK that one Execute with so many callbacks calls, warmed up."""
    async with LocalEngine() as engine:
        engine.cache.set("apples", "3")
        agent = ServedAgent(engine, encoding, plugin)
        agent.start()
        registered = await engine.wait_registered(_NAME)
        assert agent.ident is not None
        counter = CallCounter(agent.ident)
        sys.monitoring.use_tool_id(_TOOL, "python calls")
        sys.monitoring.register_callback(_TOOL, sys.monitoring.events.PY_START, counter.on_start)
        sys.monitoring.set_events(_TOOL, sys.monitoring.events.PY_START)
        try:
            return await _fewest_calls(counter, agent, registered, callbacks)
        finally:
            sys.monitoring.set_events(_TOOL, 0)
            sys.monitoring.free_tool_id(_TOOL)
            await asyncio.to_thread(agent.stop)


async def _fewest_calls(
    counter: CallCounter, agent: ServedAgent, registered: RegisteredAgent, callbacks: int
) -> list[str]:
    params = {"item": "apples", "boxes": "2", "callbacks": str(callbacks)}
    counted: list[list[str]] = []
    for number in range(WARM_UP + _EXECUTES):
        counter.names, counter.is_on = [], True
        result = await registered.execute("count", params, time_range=_RANGE)
        agent.settle()
        counter.is_on = False
        assert result.success
        if number >= WARM_UP:
            counted.append(counter.names)
    return min(counted, key=len)
