"""Config classes that several tests share."""

import enum
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, field_validator

from mirastack_sdk.agent import Agent, Env, Secret
from mirastack_sdk.plugin import Permission


class Level(enum.Enum):
    """How much is logged."""

    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True)
class LogsConfig:
    """Where logs are.

    Attributes:
        retention: How long logs are kept.
    """

    url: Annotated[str, "Where VictoriaLogs listens.", Env("VLOGS_URL")]
    token: Annotated[Secret[str], "Who the agent is there.", Env("VLOGS_TOKEN")] = Secret("")
    limit: Annotated[int, "Rows at most.", Field(ge=1), Env("VLOGS_LIMIT")] = 100
    level: Annotated[Literal["debug", "error"], "The least level."] = "error"
    retention: timedelta = timedelta(days=7)
    indexes: Annotated[list[str], "Which to search."] = field(default_factory=lambda: ["main"])


@dataclass
class AllDefaults:
    """A config class in which every field has a default."""

    name: Annotated[str, "A text.", Env("NAME")] = "main"
    rows: Annotated[int, "A number.", Env("ROWS")] = 5
    ratio: Annotated[float, "A share."] = 0.5
    deep: Annotated[bool, "Whether to go deep."] = False
    level: Annotated[Level, "How much."] = Level.LOW
    label: Annotated[str | None, "Perhaps a text."] = None
    most: Annotated[int | None, "Perhaps a number."] = 3
    pin: Annotated[Secret[int], "A secret number.", Env("PIN")] = Secret(0)
    extra: Annotated[dict[str, int], "More of it."] = field(default_factory=dict)


class ModelConfig(BaseModel):
    """A config class that is a pydantic model."""

    url: str = Field(description="Where it listens.", min_length=3)
    password: SecretStr = Field(default=SecretStr(""), description="Its password.")
    retries: Annotated[int, "How often.", Env("RETRIES")] = Field(default=2, le=9)
    from_: Annotated[str, "The sender."] = "me"
    named: str = Field(default="x", alias="other-name", description="It has another name.")

    @field_validator("url")
    @classmethod
    def _has_scheme(cls, url: str) -> str:
        if "://" not in url:
            raise ValueError("a URL begins with http:// or https://")
        return url


@dataclass
class Checked:
    """A config class with a validator."""

    user: Annotated[str, "Who."] = ""
    password: Annotated[Secret[str], "The password."] = Secret("")

    def __post_init__(self) -> None:
        if self.user == "raise":
            raise RuntimeError("no such user")
        if bool(self.user) != bool(self.password):
            raise ValueError(f"user and password go together, got {self.password.reveal()}")


class Client:
    """A client that uses a config."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.open = True


EVENTS: list[str] = []
"""What happened to clients, in order."""


async def client(config: LogsConfig) -> AsyncIterator[Client]:
    """Open and close a client."""
    opened = Client(config.url)
    EVENTS.append(f"open {config.url}")
    try:
        yield opened
    finally:
        opened.open = False
        EVENTS.append(f"close {config.url}")


def agent_with(config: type) -> Agent:
    """An agent with a config class and without actions."""
    return Agent(
        name="logs",
        version="1.0.0",
        description="Searches logs.",
        permission=Permission.READ,
        devops_stages=["observe"],
        config=config,
    )
