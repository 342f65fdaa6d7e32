"""A local engine, an agent and the inspector over both, for tests that call its HTTP API."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx

from mirastack_sdk._cli.inspector.inspector_desk import InspectorDesk
from mirastack_sdk._cli.inspector.web.inspector_server import inspector_server
from mirastack_sdk._cli.shared_options import ApprovalPolicy
from mirastack_sdk.engine import EngineClient
from mirastack_sdk.plugin import (
    Action,
    ConfigParam,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
)
from mirastack_sdk.testing import LocalEngine
from tests.testing.agents import serving

type Json = dict[str, object]

_PATIENCE = 60.0


class BusyAgent(MirastackPlugin):
    """An agent whose actions do one thing each: what the inspector has to show."""

    def __init__(self) -> None:
        self.config: dict[str, str] = {}
        self.started = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.ill: str | None = None

    def info(self) -> PluginInfo:
        """Who it is."""
        return PluginInfo(
            name="busy",
            version="1.0.0",
            description="Does what the inspector shows",
            permission=Permission.MODIFY,
            devops_stages=["operate"],
            config_params=[
                ConfigParam("url", "The backend"),
                ConfigParam("password", "Its password", secret=True),
            ],
        )

    def schema(self) -> PluginSchema:
        """What it can do."""
        count = ParamSchema("integer", required=False, description="How many", default="3")
        names = ("echo", "fail", "wait", "cache", "publish", "approve", "configure", "complain")
        return PluginSchema([Action(name, f"{name} something", {"n": count}) for name in names])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        """Do what the action says."""
        result = await getattr(self, f"_{req.params['action']}")(req, req.engine_client)
        return ExecuteResponse(output={"result": json.dumps(result)}, logs=["done"])

    async def health_check(self) -> None:
        """Be as ill as the test wants."""
        if self.ill is not None:
            raise RuntimeError(self.ill)

    async def config_updated(self, config: dict[str, str]) -> None:
        """Take a config without errors."""
        if "wrong" in config:
            raise ValueError("there is no such key")
        self.config = config

    async def _echo(self, req: ExecuteRequest, _: EngineClient) -> object:
        return dict(req.params)

    async def _fail(self, _: ExecuteRequest, __: EngineClient) -> object:
        raise RuntimeError("the backend is down")

    async def _wait(self, _: ExecuteRequest, __: EngineClient) -> object:
        self.started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return None

    async def _cache(self, req: ExecuteRequest, engine: EngineClient) -> object:
        await engine.cache_set(req.ctx, "busy:answer", "42", ttl=60)
        return await engine.cache_get(req.ctx, "busy:answer")

    async def _publish(self, req: ExecuteRequest, engine: EngineClient) -> object:
        await engine.publish_result(req.ctx, '{"rows":1}')
        await engine.log_event(req.ctx, {"event": "seen", "severity": "warning", "where": "here"})
        await req.ctx.progress(0.5, "half")
        return "published"

    async def _approve(self, req: ExecuteRequest, engine: EngineClient) -> object:
        approval = await engine.request_approval(req.ctx, "Restart it", timeout=600)
        return {"approved": approval.approved, "comment": approval.comment}

    async def _configure(self, req: ExecuteRequest, engine: EngineClient) -> object:
        return sorted(await engine.get_config(req.ctx))

    async def _complain(self, req: ExecuteRequest, engine: EngineClient) -> object:
        await engine.cache_set(req.ctx, "not-mine", "1")
        return "done"


@dataclass(slots=True, kw_only=True)
class Stage:
    """The inspector, and what is behind it."""

    engine: LocalEngine
    desk: InspectorDesk
    plugin: BusyAgent
    page: httpx.AsyncClient
    url: str

    async def get(self, path: str) -> Json:
        """Read something that is there."""
        response = await self.page.get(path)
        assert response.status_code == 200, response.text
        found: Json = response.json()
        return found

    async def send(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Json:
        """Send a change that succeeds."""
        response = await self.page.request(method, path, json=body or {})
        assert response.status_code in {200, 202}, response.text
        found: Json = response.json()
        return found

    async def run(self, action: str, **body: object) -> Json:
        """Run an action to its end, and return the execution with its messages."""
        started = await self.send("POST", "/api/executions", {"action": action, **body})
        return await self.ended(started)

    async def ended(self, started: Mapping[str, object]) -> Json:
        """Wait until an execution has ended, and return it."""
        record = self.desk.history.find(str(started["id"]))
        assert record is not None
        assert record.task is not None
        await asyncio.wait({record.task}, timeout=_PATIENCE)
        return await self.get(f"/api/executions/{started['id']}")

    async def refused(self, method: str, path: str, body: object, status: int) -> str:
        """Send what is refused with `status`, and return the sentence."""
        response = await self.page.request(method, path, json=body)
        assert response.status_code == status, response.text
        sentence: str = response.json()["error"]
        return sentence


class OpenPage:
    """An open page, which reads the stream of events."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._events = _events(lines)

    async def next(self, kind: str, wanted: Callable[[Json], bool] = lambda _: True) -> Json:
        """Wait for the next event of a kind that is wanted."""
        async with asyncio.timeout(_PATIENCE):
            async for name, data in self._events:
                if name == kind and wanted(data):
                    return data
        raise AssertionError(f"the stream ended before {kind}")


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, Json]]:
    async for line in lines:
        if line.startswith("event: "):
            data = (await anext(lines)).removeprefix("data: ")
            yield line.removeprefix("event: "), json.loads(data)


@asynccontextmanager
async def inspected(
    *,
    policy: ApprovalPolicy = "ask",
    config: Mapping[str, str] | None = None,
    with_agent: bool = True,
) -> AsyncIterator[Stage]:
    """The inspector over an engine, with or without a registered agent."""
    plugin = BusyAgent()
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(LocalEngine())
        desk = InspectorDesk(engine, "busy.py", policy=policy, config=config)
        stack.enter_context(desk.attached())
        url = await stack.enter_async_context(inspector_server(desk, 0))
        page = await stack.enter_async_context(_client(url))
        if with_agent:
            await stack.enter_async_context(serving(plugin, engine))
            await engine.wait_registered("busy")
        stack.push_async_callback(desk.history.close)
        yield Stage(engine=engine, desk=desk, plugin=plugin, page=page, url=url)


def _client(url: str) -> httpx.AsyncClient:
    # Neither a proxy of the environment nor certificates, which take long to load.
    return httpx.AsyncClient(base_url=url, trust_env=False, verify=False, timeout=_PATIENCE)  # noqa: S501 - no TLS


@asynccontextmanager
async def open_page(stage: Stage) -> AsyncIterator[OpenPage]:
    """Read the stream of events during the block."""
    async with stage.page.stream("GET", "/api/stream", timeout=None) as response:
        yield OpenPage(response.aiter_lines())


def only(value: object) -> Json:
    """The one object in a list."""
    match value:
        case [dict() as found]:
            return found
        case _:
            raise AssertionError(f"not one object: {value!r}")


def names(value: object, key: str) -> list[object]:
    """One member of each object in a list."""
    assert isinstance(value, list)
    return [item[key] for item in value]
