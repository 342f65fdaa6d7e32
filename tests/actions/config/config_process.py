"""An agent with a config class, to run as a process."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from mirastack_sdk import Agent, Env, Permission, Secret, serve


@dataclass(frozen=True)
class BackendConfig:
    """The address of the backend."""

    url: Annotated[str, "Where it listens.", Env("BACKEND_URL")] = "http://localhost"
    token: Annotated[Secret[str], "Who the agent is there.", Env("BACKEND_TOKEN")] = Secret("")
    pin: Annotated[Secret[int], "Its number.", Env("BACKEND_PIN")] = Secret(0)
    rows: Annotated[int, "At most.", Env("BACKEND_ROWS")] = 10


class Backend:
    """A client that uses the config."""


async def backend(config: BackendConfig) -> AsyncIterator[Backend]:
    """Open it, and log its secrets."""
    logging.getLogger("author").warning("opening with %s %s", config.token.reveal(), config)
    if config.url == "bad":
        raise OSError("bad is unreachable")
    yield Backend()
    logging.getLogger("author").warning("closed")


agent = Agent(
    name="talkative",
    version="1.0.0",
    description="Talks.",
    permission=Permission.READ,
    devops_stages=["observe"],
    config=BackendConfig,
    lifespan=backend,
)


@agent.action
async def talk(config: BackendConfig, backend: Backend) -> str:
    """Log everything it knows."""
    logging.getLogger("author").warning("talking with %s", config.token.reveal())
    raise RuntimeError(f"{config.token.reveal()} was refused")


if __name__ == "__main__":
    serve(agent)
