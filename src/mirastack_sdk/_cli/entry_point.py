"""The start of the command `mirastack-agent`, which works without the extra `dev`.

The base package installs the command, so that people find it; what it needs comes with the extra.
"""

import atexit
import errno
import io
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.extras import missing_extra

# It ends as `python agent.py` does.
_WAITS_FOR_THREADS = "run"
_THREAD_SECONDS = 2.0
_OUTPUT_ERRORS = frozenset({errno.ENOSPC, errno.EIO, errno.EPIPE})


def main() -> None:
    """Run the command line, and end the process with its status."""
    _keep_descriptors()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # An agent's text may have characters that a terminal's encoding has not.
            stream.reconfigure(errors="backslashreplace")
    arguments = sys.argv[1:]
    status = _status(arguments)
    command = next((text for text in arguments if not text.startswith("-")), "")
    if _is_loop_left():
        _end_now(status)
    if command != _WAITS_FOR_THREADS and threading.active_count() > 1:
        _wait_little_for_threads(status)
    sys.exit(status)


def _keep_descriptors() -> None:
    """Open what is closed of standard input, output and error.

    Otherwise, the next socket would be one of them, and a process that the author's code starts
    would read from it or print to it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def _wait_little_for_threads(status: int) -> None:
    """Let threads that the author's code has left hold up the end of the process only briefly.

    Python waits for them before it runs what is registered for the exit. It waits for those of
    pools even if they are daemons.
    """
    has_waited = threading.Event()
    # The last that is registered is the first that runs.
    atexit.register(has_waited.set)

    def end() -> None:
        if not has_waited.wait(_THREAD_SECONDS):
            _end_now(status)

    threading.Thread(target=end, daemon=True).start()


def _end_now(status: int) -> NoReturn:
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def _is_loop_left() -> bool:
    # Only the commands with a loop import it.
    module = sys.modules.get("mirastack_sdk._cli.command_loop")
    return module is not None and bool(module.is_loop_left())


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
