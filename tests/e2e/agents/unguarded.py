"""An agent that serves when it is imported."""

from mirastack_sdk import Agent, Permission, serve

agent = Agent(
    name="unguarded",
    version="1.0.0",
    description="Computes.",
    permission=Permission.READ,
    devops_stages=["observe"],
)


@agent.action(run_in="process")
def compute() -> int:
    """Compute something. Use it in tests."""
    return 1


serve(agent)
