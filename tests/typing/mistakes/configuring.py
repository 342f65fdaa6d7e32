"""Mistakes with a config class: each marked line is wrong, and only those."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from mirastack_sdk import Agent, Env, Permission, Secret, TypedActions


@dataclass(frozen=True)
class LogsConfig:
    """Where logs are."""

    url: Annotated[str, "Where VictoriaLogs listens.", Env("VLOGS_URL")]
    token: Annotated[Secret[str], "Who the agent is there."] = Secret("")
    pin: Annotated[Secret[int], "Its number."] = Secret("4711")  # error: arg-type
    plain: Annotated[Secret[str], "A text."] = "hunter2"  # error: assignment


CONFIG = LogsConfig("http://logs")
Agent(
    name="logs",
    version="1.0.0",
    description="Searches logs.",
    permission=Permission.READ,
    devops_stages=["observe"],
    config=CONFIG,  # error: arg-type
)
agent = Agent(
    name="logs",
    version="1.0.0",
    description="Searches logs.",
    permission=Permission.READ,
    devops_stages=["observe"],
    config=LogsConfig,
)


class Classy(TypedActions, config="LogsConfig"):  # error: arg-type
    """It names its class."""


@agent.action
async def search(query: str, config: LogsConfig) -> list[str]:
    """Search."""
    header = "Bearer " + config.token  # error: operator
    config.url = "http://elsewhere"  # error: misc
    print(config.urls)  # error: attr-defined
    print(config.token.get_secret_value())  # error: attr-defined
    pin: str = config.pin.reveal()  # error: assignment
    return [query, header, pin, config.token]  # error: list-item


@agent.lifespan  # error: type-var
def plain(config: LogsConfig) -> str:
    """Yield nothing."""
    return config.url


@agent.lifespan
async def opened(config: LogsConfig) -> AsyncIterator[str]:
    """Open something."""
    yield config.token  # error: misc


agent.on_config("check")  # error: type-var
Env(5)  # error: arg-type
Secret()  # error: call-arg


async def test_search() -> None:
    """Call it, wrongly."""
    await search("a", CONFIG)
    await search("a", config={"url": "http://logs"})  # error: arg-type
    await search("a")  # error: call-arg
    LogsConfig(token=Secret("a"))  # error: call-arg
    LogsConfig("http://logs", "hunter2")  # error: arg-type
    async with agent.running(CONFIG):  # error: call-arg
        pass
