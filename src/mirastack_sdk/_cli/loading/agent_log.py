"""The log of an agent that a command runs in its own process."""

import logging
from collections.abc import Iterable

from mirastack_sdk._cli.environment import process_environment
from mirastack_sdk._core.settings.log_variables import LOG_FORMAT, LOG_LEVEL
from mirastack_sdk._runtime.log_output.sdk_handler import configure_logging


def write_agent_log(*, quiet: Iterable[str] = ("mirastack_sdk",)) -> None:
    """Write the log to standard error as `serve()` does, unless the author's code has set it up.

    Only then are secrets hidden in it. Who runs a command needs less of the lines of the `quiet`
    loggers: only warnings and errors, unless `MIRASTACK_LOG_LEVEL` says otherwise.
    """
    if logging.getLogger().handlers:
        return
    environ = process_environment()
    # The agent does not start with values that are not valid.
    ignored: list[str] = []
    level, log_format = LOG_LEVEL.read(environ, ignored), LOG_FORMAT.read(environ, ignored)
    configure_logging(level, is_set=False, log_format=log_format)
    if not LOG_LEVEL.is_set(environ):
        for logger in quiet:
            logging.getLogger(logger).setLevel(logging.WARNING)
