"""The start of the command `mirastack-agent`, which works without the extra `dev`.

The base package installs the command, so that people find it; what it needs comes with the extra.
"""

import errno
import io
import os
import sys

from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.extras import missing_extra

_OUTPUT_ERRORS = frozenset({errno.ENOSPC, errno.EIO, errno.EPIPE})


def main() -> None:
    """Run the command line, and end the process with its status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # An agent's text may have characters that a terminal's encoding has not.
            stream.reconfigure(errors="backslashreplace")
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
    except OSError as error:
        if error.errno not in _OUTPUT_ERRORS:
            raise
        sys.stderr.write(f"mirastack-agent: the output cannot be written: {error.strerror}\n")
        # Python would try it again at its end, and report that, too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return ExitStatus.FAILURE
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED
