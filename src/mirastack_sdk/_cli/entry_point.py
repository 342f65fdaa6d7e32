"""The start of the command `mirastack-agent`, which works without the extra `dev`.

The base package installs the command, so that people find it; what it needs comes with the extra.
"""

import sys

from mirastack_sdk._cli.extras import missing_extra

# As shells and their users expect it: 128 and the number of the signal.
INTERRUPTED = 130
USAGE_ERROR = 2


def main() -> None:
    """Run the command line, and end the process with its status."""
    sys.exit(_status(sys.argv[1:]))


def _status(arguments: list[str]) -> int:
    try:
        from mirastack_sdk._cli.app import run  # noqa: PLC0415 - needs the extra

        return run(arguments)
    except ModuleNotFoundError as error:
        extra = missing_extra(error)
        if extra is None:
            raise
        sys.stderr.write(f"mirastack-agent: {extra}\n")
        return USAGE_ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
