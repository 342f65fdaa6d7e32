"""How a worker process of an agent is told from the agent's own process."""

import sys

WORKER_NAME = "mirastack-worker"
"""The name that `multiprocessing` gives each worker process."""
SERVED_IN_WORKER = 79
"""The exit status of a worker process whose program serves an agent as soon as it is imported."""
PROGRAM = "__main__"
"""The name of an agent's program, as a module."""
PROGRAM_IN_WORKER = "__mp_main__"
"""The name under which `multiprocessing` imports the program in a worker process."""


def is_worker_process() -> bool:
    """Whether this process is a worker of an agent, from the import of the program on."""
    # Loaded in every worker process, and in few agents.
    multiprocessing = sys.modules.get("multiprocessing.process")
    return multiprocessing is not None and multiprocessing.current_process().name == WORKER_NAME
