"""Mistakes with typed actions: each marked line is wrong, and only those."""

from typing import Annotated

from mirastack_sdk import (
    ActionError,
    Agent,
    Depends,
    OrLast,
    Permission,
    TimeRange,
    TypedActions,
    action,
    last_range,
)
from mirastack_sdk.plugin import PluginInfo
from mirastack_sdk.results import respond_error, respond_json, respond_raw

agent = Agent(
    name="logs",
    version="1.0.0",
    description="Searches logs.",
    permission=Permission.READ,
    devops_stages=["observe"],
)
Agent(name="logs")  # error: call-arg
Agent("logs", "1.0.0", "Searches logs.", Permission.READ, ["observe"])  # error: call-arg


def connect() -> str:
    """Open a connection."""
    return "open"


@agent.action
async def search(query: str, limit: int = 100, *, time_range: TimeRange | None) -> list[str]:
    """Search."""
    return [query] * limit


@agent.action(timeout=30, max_concurrency=2, result_limit=None, stages=["operate"])
def count(query: str, client: Annotated[str, Depends(connect, lifetime="agent")]) -> int:
    """Count."""
    return len(query) + len(client)


Agent(
    name="logs",
    version="1.0.0",
    description="Searches logs.",
    permission=Permission.READ,
    devops_stages=["observ"],  # error: list-item
)
agent.action(stages=["operat"])  # error: list-item
agent.action(timeout="30")  # error: call-overload
agent.action(description=None)  # error: call-overload
agent.action(permission="modify")  # error: call-overload
agent.action(intents="find *")  # error: call-overload
agent.action(routing="core.observe.logs")  # error: call-overload
agent.action(retries=3)  # error: call-overload
agent.action(run_in="processes")  # error: call-overload
agent.action(run_in=True)  # error: call-overload
agent.action("search")  # error: call-overload
action(limit=5)  # error: call-overload


class Restarter(TypedActions):
    """An agent of methods."""

    def info(self) -> PluginInfo:
        return PluginInfo("restarter", "1.0.0", "Restarts.", Permission.MODIFY, ["operate"])

    @action(timeout=5)
    async def restart(self, service: str, *, wait: bool = True) -> bool:
        """Restart."""
        return wait and bool(service)


async def call_them(restarter: Restarter) -> None:
    """Call the functions themselves, wrongly."""
    await search("error", 10, time_range=None)
    await search("error")  # error: call-arg
    await search(limit=5, time_range=None)  # error: call-arg
    await search("error", "10", time_range=None)  # error: arg-type
    await search("error", 10, None)  # error: call-arg
    await search("error", time_range="last hour")  # error: arg-type
    await search("error", sort="asc", time_range=None)  # error: call-arg
    first: int = (await search("error", time_range=None))[0]  # error: assignment
    search("error", time_range=None)  # error: unused-coroutine
    count("error")  # error: call-arg
    print(count("error", client="open").lines, first)  # error: attr-defined
    await restarter.restart("cart", wait="no")  # error: arg-type
    await restarter.restart()  # error: call-arg
    done: str = await restarter.restart("cart")  # error: assignment
    await restarter.resume("cart")  # error: attr-defined
    print(done)


@agent.health  # error: type-var
async def is_healthy() -> bool:
    """Return what nobody reads."""
    return False


async def check_health() -> None:
    """Check the agent's health, wrongly."""
    await agent.health_check()
    agent.health_check()  # error: unused-coroutine
    print(agent.health_check().ok)  # error: attr-defined


async def call_by_name() -> None:
    """Call actions as an engine would, wrongly."""
    found = await agent.call("search", query="error", limit=5)
    lines: list[str] = found.read(list[str])
    await agent.call(search, query="error")  # error: arg-type
    await agent.call("search", time_range="last hour")  # error: arg-type
    await agent.call("search", engine_client="mock")  # error: arg-type
    numbers: list[int] = found.read(list[str])  # error: arg-type
    first: int = found.read(int | None)  # error: assignment
    found.read(5)  # error: arg-type
    found.read()  # error: call-arg
    found.read(int, str)  # error: call-arg
    found.logs = []  # error: misc
    agent.call("search")  # error: unused-coroutine
    agent.config_updated({})  # error: unused-coroutine
    await agent.config_updated({"limit": 5})  # error: dict-item
    await agent.health_check(timeout=5)  # error: call-arg
    await agent.call()  # error: call-arg
    print(found.value["rows"], lines, numbers, first)  # error: index
    print(found.result)  # error: attr-defined


def answer(time_range: TimeRange | None) -> None:
    """Answer, wrongly."""
    print((time_range or last_range(minutes=30)).start_epoch_ms)
    print(time_range.or_last(minutes=30))  # error: union-attr
    OrLast(30)  # error: call-arg
    OrLast(minutes="30")  # error: arg-type
    last_range(minute=30)  # error: call-arg
    Depends(connect, lifetime="forever")  # error: arg-type
    Depends("connect")  # error: arg-type
    respond_json([1], logs=5)  # error: arg-type
    respond_raw({"a": 1})  # error: arg-type
    respond_error(["a"])  # error: arg-type
    raise ActionError(404)  # error: arg-type
