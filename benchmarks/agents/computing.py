"""An agent that computes: in a thread of its process, and in worker processes."""

from mirastack_sdk import Agent, Permission, serve

agent = Agent(
    name="computing",
    version="1.0.0",
    description="Computes.",
    permission=Permission.READ,
    devops_stages=["observe"],
)


def _computed(steps: int) -> int:
    total = 0
    for number in range(steps):
        total = (total * 31 + number) % 1_000_003
    return total


@agent.action(run_in="thread")
def in_thread(steps: int) -> int:
    """Compute in the agent's process. Use it in benchmarks."""
    return _computed(steps)


@agent.action(run_in="process")
def in_process(steps: int) -> int:
    """Compute in a worker process. Use it in benchmarks."""
    return _computed(steps)


if __name__ == "__main__":
    serve(agent)
