"""Agents that each fail one check of the standard suite, and no other."""

import asyncio
import json
import time
import traceback
from collections.abc import AsyncIterator

from mirastack_sdk import Agent, Permission, TimeRange
from mirastack_sdk.plugin import (
    ExecuteRequest,
    ExecuteResponse,
    PluginInfo,
    PluginSchema,
)
from tests.testing.suite.agents.good_agent import TOKEN, URL, GoodAgent

BACKGROUND: set[asyncio.Task[None]] = set()


class WithoutStages(GoodAgent):
    def info(self) -> PluginInfo:
        info = super().info()
        info.devops_stages = []
        return info


class ChangesItsVersion(GoodAgent):
    versions = iter(range(1000))

    def info(self) -> PluginInfo:
        info = super().info()
        info.version = f"1.0.{next(self.versions)}"
        return info


class SharesAnIntent(GoodAgent):
    def schema(self) -> PluginSchema:
        schema = super().schema()
        schema.actions[1].intents = ["Rows of  *"]
        return schema


class SharesADescription(GoodAgent):
    def schema(self) -> PluginSchema:
        schema = super().schema()
        schema.actions[1].description = schema.actions[0].description
        return schema


class RunsAnything(GoodAgent):
    def unknown(self, action: str) -> ExecuteResponse:
        return self.found("cart", 1)


class SaysNothingOfUnknownActions(GoodAgent):
    def unknown(self, action: str) -> ExecuteResponse:
        return ExecuteResponse()


class DoesNotNameTheUnknownAction(GoodAgent):
    def unknown(self, action: str) -> ExecuteResponse:
        raise NotImplementedError("not supported")


class StumblesOverAMissingParameter(GoodAgent):
    def missing(self) -> ExecuteResponse:
        nothing: str = None  # type: ignore[assignment] # as authors who do not use a type checker
        return self.found(nothing.upper(), 1)


class StumblesOverAWrongParameter(GoodAgent):
    async def read(self, req: ExecuteRequest) -> ExecuteResponse:
        if "rows" in req.params:
            int(req.params["rows"])
        return await super().read(req)


class IsAlwaysHealthy(GoodAgent):
    async def health_check(self) -> None:
        """Check nothing."""


class IsNeverHealthy(GoodAgent):
    async def health_check(self) -> None:
        raise RuntimeError("not implemented yet")


class TakesAnyConfig(GoodAgent):
    async def config_updated(self, config: dict[str, str]) -> None:
        if config.get("limit", "").isdecimal():
            await super().config_updated(config)


class RefusesEveryChange(GoodAgent):
    async def config_updated(self, config: dict[str, str]) -> None:
        if config.get("limit") != "5":
            raise ValueError("restart the agent to change its config")


class IgnoresItsConfig(GoodAgent):
    async def config_updated(self, config: dict[str, str]) -> None:
        int(config.get("limit", "10"))


class NeedsATimeRange(GoodAgent):
    async def query(self, req: ExecuteRequest) -> None:
        await super().query(req)
        start: int = req.time_range.start_epoch_ms  # type: ignore[union-attr] # as authors who do not use a type checker
        assert start


class FailsWithATimeRange(GoodAgent):
    async def query(self, req: ExecuteRequest) -> None:
        await super().query(req)
        if req.time_range is not None:
            raise RuntimeError("the time range is not used yet")


class PassesOnAnAddress(GoodAgent):
    def failed(self) -> ExecuteResponse:
        error = {"error": f"cannot connect to {URL}/query"}
        return ExecuteResponse(output={"result": json.dumps(error)})


class PassesOnATraceback(GoodAgent):
    def failed(self) -> ExecuteResponse:
        try:
            self.connect()
        except ConnectionError:
            error = {"error": traceback.format_exc()}
        return ExecuteResponse(output={"result": json.dumps(error)})

    def connect(self) -> None:
        raise ConnectionError("no backend")


class PassesOnASecret(GoodAgent):
    async def query(self, req: ExecuteRequest) -> None:
        await super().query(req)
        # Not as it is, which the SDK would have noticed.
        event = {"event": "good.asked", "with": f"key={TOKEN[::-1]}"}
        await req.engine_client.log_event(req.ctx, event)


class IgnoresCancellation(GoodAgent):
    async def query(self, req: ExecuteRequest) -> None:
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            while not await self._is_done():
                pass

    async def _is_done(self) -> bool:
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            return False
        return False


class BlocksTheLoop(GoodAgent):
    async def health_check(self) -> None:
        # Long enough to be seen on a machine that is busy with other tests.
        time.sleep(0.4)  # noqa: ASYNC251 - that is what is broken
        await super().health_check()


class ComputesOnTheLoop(GoodAgent):
    async def health_check(self) -> None:
        began = time.thread_time()
        while time.thread_time() - began < 0.15:
            pass
        await super().health_check()


class LeavesATaskBehind(GoodAgent):
    async def query(self, req: ExecuteRequest) -> None:
        await super().query(req)
        if not any(not task.done() for task in BACKGROUND):
            task = asyncio.create_task(self._refresh(), name="refresh")
            BACKGROUND.add(task)

    async def _refresh(self) -> None:
        await asyncio.sleep(3600)


class ReturnsText(GoodAgent):
    def found(self, service: str, rows: int) -> ExecuteResponse:
        return ExecuteResponse(output={"result": f"{service} has {rows} rows"})


class ReturnsWhatIsNoNumber(GoodAgent):
    def found(self, service: str, rows: int) -> ExecuteResponse:
        return ExecuteResponse(output={"result": json.dumps({"rate": float("nan")})})


class ReturnsTooMuch(GoodAgent):
    def found(self, service: str, rows: int) -> ExecuteResponse:
        return ExecuteResponse(output={"result": json.dumps(["row"] * 1_000)})


class ReturnsAMapping(GoodAgent):
    def found(self, service: str, rows: int) -> ExecuteResponse:
        return {"result": "[]"}  # type: ignore[return-value] # as authors who do not use a type checker


class AlwaysFails(GoodAgent):
    def found(self, service: str, rows: int) -> ExecuteResponse:
        raise RuntimeError("not implemented yet")


class SharesItsCacheKeys(GoodAgent):
    async def query(self, req: ExecuteRequest) -> None:
        await req.engine_client.cache_get(req.ctx, "rows")
        await super().query(req)


class WritesAnothersKeys(GoodAgent):
    async def query(self, req: ExecuteRequest) -> None:
        await req.engine_client.cache_set(req.ctx, "other:rows", "1")
        await super().query(req)


def typed_agent() -> Agent:
    return Agent(
        name="typed",
        version="1.0.0",
        description="Reads rows",
        permission=Permission.READ,
        devops_stages=["observe"],
    )


def cannot_start() -> Agent:
    agent = typed_agent()

    @agent.lifespan
    async def lifespan() -> AsyncIterator[None]:
        await connect()
        yield

    async def connect() -> None:
        raise RuntimeError("no backend")

    @agent.action
    async def read() -> str:
        """Read."""
        return "rows"

    return agent


def cannot_stop() -> Agent:
    agent = typed_agent()

    @agent.lifespan
    async def lifespan() -> AsyncIterator[None]:
        yield
        await asyncio.sleep(60)

    @agent.action
    async def read() -> str:
        """Read."""
        return "rows"

    return agent


def requires_a_time_range() -> Agent:
    agent = typed_agent()

    @agent.action
    async def read(time_range: TimeRange) -> int:
        """Read."""
        return time_range.start_epoch_ms

    return agent


def shows_its_address() -> Agent:
    agent = typed_agent()

    @agent.action
    async def read() -> dict[str, str]:
        """Read."""
        return {"source": f"{URL}/query"}

    return agent
