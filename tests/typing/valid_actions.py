"""Typed actions without a mistake: what is decorated keeps its exact type. Checked, never run."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Literal, TypedDict, assert_type

from mirastack_sdk import (
    ActionError,
    ActionResult,
    Agent,
    Context,
    Depends,
    EngineClient,
    Env,
    ExecuteRequest,
    ExecuteResponse,
    IntentPattern,
    MirastackPlugin,
    OrLast,
    Permission,
    PluginInfo,
    PluginSchema,
    RoutingSemantics,
    Secret,
    TimeRange,
    TypedActions,
    action,
    last_range,
    serve,
)
from mirastack_sdk.results import respond_error, respond_json, respond_raw
from mirastack_sdk.testing import MockEngineClient, make_execute_request

agent = Agent(
    name="logs",
    version="1.0.0",
    description="Searches logs.",
    permission=Permission.READ,
    devops_stages=["observe"],
    metadata={"team": "observability"},
)


@dataclass
class Line:
    """One line of a log."""

    message: str


class Client:
    """What is opened once."""


async def client() -> AsyncIterator[Client]:
    """Open and close a client."""
    yield Client()


@agent.action
async def search(
    query: str,
    limit: int = 100,
    *,
    time_range: Annotated[TimeRange, OrLast(minutes=30)],
    client: Annotated[Client, Depends(client, lifetime="agent")],
    ctx: Context,
    engine: EngineClient,
) -> list[Line]:
    """Search."""
    if not query:
        raise ActionError("an empty query finds everything")
    await engine.cache_set(ctx, "logs:last", f"{query} {time_range} {client}")
    return [Line(query)] * limit


@agent.action(name="count_lines", timeout=30, max_concurrency=2, result_limit=None)
def count(query: str) -> int:
    """Count."""
    return len(query)


@agent.action(
    intents=["follow *", IntentPattern("tail *", priority=8)],
    routing=RoutingSemantics(["core.operate.logs"], "core.operate.logs.follow", ["Follow a log"]),
    stages=["operate"],
    permission=Permission.MODIFY,
)
async def follow(query: str) -> AsyncIterator[Line]:
    """Follow."""
    yield Line(query)


@agent.action
def page(query: str) -> Iterator[list[Line]]:
    """Read page by page, in a thread."""
    yield [Line(query)]


@agent.health
async def check(client: Annotated[Client, Depends(client, lifetime="agent")]) -> None:
    """Use the client."""
    assert isinstance(client, Client)


@dataclass(frozen=True)
class LogsConfig:
    """Where logs are."""

    url: Annotated[str, "Where VictoriaLogs listens.", Env("VLOGS_URL")]
    token: Annotated[Secret[str], "Who the agent is there.", Env("VLOGS_TOKEN")] = Secret("")


class Session:
    """What spans an agent's life."""


async def opened(config: LogsConfig) -> AsyncIterator[Session]:
    """Open a session."""
    assert_type(config.token.reveal(), str)
    yield Session()


configured = Agent(
    name="logs",
    version="1.0.0",
    description="Searches logs.",
    permission=Permission.READ,
    devops_stages=["observe"],
    config=LogsConfig,
    lifespan=opened,
)


@configured.lifespan
@asynccontextmanager
async def managed(config: LogsConfig) -> AsyncIterator[None]:
    """Do something meanwhile."""
    yield


@configured.on_config
async def reachable(config: LogsConfig, session: Session) -> None:
    """Refuse what cannot be reached."""
    if not config.url:
        raise ValueError("there is no URL")


@configured.action
async def address(session: Session, config: LogsConfig) -> str:
    """Say where."""
    return config.url


class Classy(TypedActions, config=LogsConfig):
    """A class with a config class."""

    def info(self) -> PluginInfo:
        return Documented().info()

    @action
    async def address(self, config: LogsConfig) -> str:
        """Say where."""
        return config.url


async def test_configurations() -> None:
    """What a test sets."""
    async with configured.running(config=LogsConfig("http://logs", Secret("a"))):
        found = await configured.call("address")
    assert_type(found, ActionResult)
    assert_type(await address(Session(), LogsConfig("http://logs")), str)
    assert_type(opened(LogsConfig("http://logs")), AsyncIterator[Session])
    narrow = Secret("a")
    assert_type(narrow.reveal(), str)
    wide: Secret[str | None] = narrow
    assert wide == narrow


class Documented(MirastackPlugin):
    """An agent as the documentation has it."""

    def info(self) -> PluginInfo:
        return PluginInfo("restarter", "1.0.0", "Restarts.", Permission.MODIFY, ["operate"])

    def schema(self) -> PluginSchema:
        return PluginSchema(actions=[])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return respond_error("unknown")


class Mixed(Documented, TypedActions):
    """Both styles."""

    @action
    async def restart(self, service: str, *, wait: bool = True) -> bool:
        """Restart."""
        return wait and bool(service)

    @action(timeout=5)
    def answer(self, service: str) -> ExecuteResponse:
        """Answer in its own hand."""
        return respond_json({"service": service}) if service else respond_raw(b"null")


class Blocking(TypedActions):
    """Actions that it runs by itself block."""

    def info(self) -> PluginInfo:
        return Documented().info()

    def execute(self, req: ExecuteRequest) -> ExecuteResponse | Awaitable[ExecuteResponse]:
        return super().execute(req)

    def health_check(self) -> None:
        """Be well."""


class Whole(Agent):
    """An agent that is a class."""

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return await super().execute(req)

    async def health_check(self) -> None:
        """Be well."""


class Page(TypedDict):
    """A part of a result."""

    lines: list[Line]


type Lines = list[Line]


async def test_types_are_kept() -> None:
    """A decorated function is what it was."""
    plain: Callable[[str], int] = count
    assert_type(plain("error"), int)
    assert_type(count("error"), int)
    assert_type(follow("error"), AsyncIterator[Line])
    assert_type(page("error"), Iterator[list[Line]])
    assert_type(await Mixed().restart("cart", wait=False), bool)
    found = await search(
        "error",
        time_range=last_range(minutes=5),
        client=Client(),
        ctx=Context(),
        engine=MockEngineClient(),
    )
    assert_type(found, list[Line])


async def test_calls_by_name() -> None:
    """What a test sees of an action."""
    async with agent.running():
        found = await agent.call("search", query="error", engine_client=MockEngineClient())
    assert_type(found, ActionResult)
    assert_type(found.read(list[Line]), list[Line])
    assert_type(found.read(int), int)
    assert_type(found.read(int | None), int | None)
    assert_type(found.read(dict[str, list[Line]]), dict[str, list[Line]])
    assert_type(found.read(Line | None), Line | None)
    assert_type(found.read(list[int | None]), list[int | None])
    assert_type(found.read(int | str | None), int | str | None)
    assert_type(found.read(Literal["a", "b"]), Literal["a", "b"])
    assert_type(found.read(Annotated[int, "How many."]), int)
    assert_type(found.read(tuple[int, ...]), tuple[int, ...])
    assert_type(found.read(None), None)
    assert_type(found.read(Page), Page)
    assert_type(found.read(Lines), Lines)
    await agent.health_check()
    await agent.config_updated({})
    assert_type(found.logs, list[str])
    response = await agent.execute(make_execute_request(action="search"))
    assert_type(response, ExecuteResponse)


async def test_methods_are_awaited() -> None:
    """What a class inherits from `TypedActions` can be awaited."""
    plugin: TypedActions = Classy()
    request = make_execute_request(action="address")
    responses: list[ExecuteResponse] = [await plugin.execute(request)]
    responses.append(await Mixed().execute(request))
    await plugin.health_check()
    await plugin.config_updated({"url": "http://logs"})
    await Mixed().config_updated({})
    Blocking().health_check()
    assert responses


if __name__ == "__main__":
    serve(agent)
