"""The start of the command `mirastack-agent`, which works without the extra `dev`.

The base package installs the command, so that people find it; what it needs comes with the extra.
"""

import sys

from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.extras import missing_extra


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
        return ExitStatus.USAGE
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED
