"""What the tests of actions have in common: an agent without any, and a time range."""

from mirastack_sdk.agent import Agent
from mirastack_sdk.plugin import Permission, TimeRange

RANGE = TimeRange(1_775_649_600_000, 1_775_653_200_000, "UTC", "an hour")
PATIENCE = 10.0


def new_agent(permission: Permission = Permission.READ) -> Agent:
    """An agent that has no action yet."""
    return Agent(
        name="logs",
        version="1.0.0",
        description="Searches logs.",
        permission=permission,
        devops_stages=["observe"],
    )
