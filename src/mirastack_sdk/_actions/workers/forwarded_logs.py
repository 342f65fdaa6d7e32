"""Log records of a worker process, which the agent's loggers and handlers write."""

import contextlib
import logging
import pickle
from collections.abc import Callable, Mapping
from dataclasses import field

from mirastack_sdk._actions.workers.sent_errors import traceback_text
from mirastack_sdk._actions.workers.worker_messages import ForwardedRecord
from mirastack_sdk._core.model.worker_marks import PROGRAM, PROGRAM_IN_WORKER
from mirastack_sdk._deferred.dataclasses import dataclass

_SENT_AS_TEXT = frozenset({"msg", "args", "exc_info", "exc_text"})
_PLAIN = frozenset({type(None), bool, int, float, str})
_LOST = "[what cannot be shown]"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLevels:
    """The levels that the agent's loggers have, by name; the root's name is empty."""

    disabled: int = 0
    levels: Mapping[str, int] = field(default_factory=dict[str, int])

    @classmethod
    def read(cls) -> "LogLevels":
        """The levels of this process."""
        loggers = dict(logging.Logger.manager.loggerDict)
        levels = {
            name: one.level
            for name, one in loggers.items()
            if isinstance(one, logging.Logger) and one.level
        }
        return cls(
            disabled=logging.Logger.manager.disable,
            levels={"": logging.getLogger().level, **levels},
        )

    def apply(self) -> None:
        """Give the loggers of this process the same levels."""
        logging.disable(self.disabled)
        for name, level in self.levels.items():
            logging.getLogger(PROGRAM_IN_WORKER if name == PROGRAM else name).setLevel(level)


class ForwardingHandler(logging.Handler):
    """Sends every record to the agent."""

    def __init__(self, send: Callable[[ForwardedRecord], None]) -> None:
        super().__init__()
        self._forward = send

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record: its text, its fields, and the texts of its exception and its stack."""
        try:
            self._forward(ForwardedRecord(_attributes(record)))
        except Exception:  # noqa: BLE001 - an argument of the author's
            self.handleError(record)


def forward_logs(send: Callable[[ForwardedRecord], None]) -> None:
    """Send the records of all loggers to the agent, and write none in this process.

    Importing the author's modules may have set handlers, as it did in the agent's process, where
    they write the record.
    """
    loggers = [logging.getLogger(name) for name in list(logging.Logger.manager.loggerDict)]
    for logger in loggers:
        logger.handlers.clear()
        logger.propagate = True
    logging.getLogger().handlers[:] = [ForwardingHandler(send)]


def write_forwarded(forwarded: ForwardedRecord) -> None:
    """Write a record of a worker process in the agent's; raises nothing."""
    record = logging.makeLogRecord(dict(forwarded.attributes))
    logger = logging.getLogger(record.name)
    if logger.isEnabledFor(record.levelno):
        # Handlers belong to the author: one may be broken.
        with contextlib.suppress(Exception):
            logger.handle(record)


def _attributes(record: logging.LogRecord) -> dict[str, object]:
    attributes = {
        name: _sendable(value) for name, value in vars(record).items() if name not in _SENT_AS_TEXT
    }
    if record.name == PROGRAM_IN_WORKER:
        attributes["name"] = PROGRAM
    exception = record.exc_text or _exception_of(record)
    return attributes | {
        "msg": record.getMessage(),
        "args": None,
        "exc_info": None,
        "exc_text": exception,
    }


def _exception_of(record: logging.LogRecord) -> str | None:
    if not isinstance(record.exc_info, tuple) or record.exc_info[1] is None:
        return None
    _, error, frames = record.exc_info
    try:
        return traceback_text(error, frames).rstrip("\n")
    except Exception:  # noqa: BLE001 - an exception of the author's
        return _LOST


def _sendable(value: object) -> object:
    """A value of a field, or its text if it cannot be sent."""
    # Not what derives from these, such as an enumeration.
    if type(value) in _PLAIN:
        return value
    try:
        pickle.loads(pickle.dumps(value))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - an object of the author's
        try:
            return str(value)
        except Exception:  # noqa: BLE001 - the same
            return _LOST
    return value
