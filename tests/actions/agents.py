"""An agent without actions and a time range, for the tests of actions."""

from mirastack_sdk.agent import Agent
from mirastack_sdk.plugin import Permission, TimeRange

RANGE = TimeRange(1_775_649_600_000, 1_775_653_200_000, "UTC", "an hour")
TIMEOUT = 10.0


def new_agent(permission: Permission = Permission.READ) -> Agent:
    """An agent without actions."""
    return Agent(
        name="logs",
        version="1.0.0",
        description="Searches logs.",
        permission=permission,
        devops_stages=["observe"],
    )
