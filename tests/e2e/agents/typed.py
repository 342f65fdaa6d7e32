"""An agent of typed functions."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from mirastack_sdk import Agent, Permission, RoutingSemantics, serve


@dataclass(frozen=True)
class Config:
    """What operators can set."""

    timeout: Annotated[timedelta, "How long a lookup may take."] = timedelta(minutes=90)
    rows: Annotated[int, "How many rows to return."] = 100
    exact: Annotated[bool, "Whether names must match exactly."] = True
    ratio: Annotated[float, "The share of rows to look at."] = 0.5
    regions: Annotated[tuple[str, ...], "Where to look."] = ("eu",)


agent = Agent(
    name="typed_agent",
    version="1.0.0",
    description="Looks things up.",
    permission=Permission.READ,
    devops_stages=["observe"],
    config=Config,
)


@agent.action(intents=["look up *"])
async def look_up(service: str, config: Config) -> list[str]:
    """Look a service up. Use it for names."""
    return [service, str(config.timeout)]


@agent.action(
    routing=RoutingSemantics(
        accepted_intent_domains=["core.observe.services"],
        capability_domain="core.observe.services.count",
        positive_use_cases=["Count services"],
    )
)
async def count() -> int:
    """Count services."""
    return 3


if __name__ == "__main__":
    serve(agent)
