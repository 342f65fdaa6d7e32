"""The exit statuses of the commands; docs/cli.md documents them for scripts and CI."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """Why a command ended."""

    SUCCESS = 0
    FAILURE = 1
    """The command worked, and the answer is no: an action failed, a check found something."""
    USAGE = 2
    """The command line is wrong."""
    NO_AGENT = 3
    """The agent cannot be loaded, or does not start."""
    WRONG_PARAMETERS = 4
    """The agent refused the action's name or its parameters."""
    NO_RESPONSE = 5
    """The agent cannot be reached, or did not respond in time."""
    NOT_APPROVED = 6
    """The action asked for approval, which was denied."""
    INTERRUPTED = 130
    """Ctrl-C: 128 and the number of the signal, as shells have it."""
