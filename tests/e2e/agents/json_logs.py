"""An agent that logs in its own way, in JSON if the environment says so."""

import logging
import threading
from dataclasses import dataclass
from typing import Annotated

from mirastack_sdk import Agent, Permission, Secret, serve

LOG = logging.getLogger("my_agent")


@dataclass(frozen=True)
class Config:
    """What operators set."""

    token: Annotated[Secret[str], "The backend's token."] = Secret("")


agent = Agent(
    name="json_logs",
    version="1.0.0",
    description="Logs in many ways.",
    permission=Permission.READ,
    devops_stages=["observe"],
    config=Config,
)


@agent.action
async def write(token: str) -> str:
    """Write lines of many kinds."""
    LOG.info("two\nlines \ud800 and %s", "\u2028", extra={"rows": 3, "ratio": float("nan")})
    LOG.warning("the token is %s", token, extra={"login": {"token": token}})
    LOG.info("%d is no number", "this")
    logging.getLogger("library").warning("by a library")
    try:
        raise ValueError(f"cannot log in with {token}")  # noqa: TRY301 - logged below
    except ValueError:
        LOG.exception("login failed")
    return "done"


@agent.action
async def leave_behind() -> str:
    """Leave a thread that keeps the process alive."""
    threading.Thread(target=threading.Event().wait).start()
    return "done"


if __name__ == "__main__":
    serve(agent)
