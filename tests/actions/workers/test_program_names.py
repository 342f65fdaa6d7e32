"""The program has another name in a worker process, which nobody sees in the log."""

import logging
import sys

import pytest

from mirastack_sdk._actions.workers.forwarded_logs import ForwardingHandler, LogLevels
from mirastack_sdk._actions.workers.sent_errors import received_error, sent_error
from mirastack_sdk._actions.workers.worker_messages import ForwardedRecord


class UnpickledError(Exception):
    """An exception of a program as a worker process has it, which cannot be pickled."""

    __module__ = "__mp_main__"


def test_records_of_the_program_have_its_logger() -> None:
    """So they reach the handlers that the agent's process has for it."""
    sent: list[ForwardedRecord] = []
    handler = ForwardingHandler(sent.append)
    for name in ("__mp_main__", "other"):
        handler.emit(logging.makeLogRecord({"name": name}))
    assert [record.attributes["name"] for record in sent] == ["__main__", "other"]


def test_the_level_of_the_programs_logger_holds() -> None:
    """Records below it are not even sent."""
    logger = logging.getLogger("__mp_main__")
    try:
        LogLevels(levels={"__main__": logging.ERROR}).apply()
        assert logger.level == logging.ERROR
    finally:
        logger.setLevel(logging.NOTSET)


def test_exceptions_of_the_program_have_no_module_in_tracebacks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Python writes those of the program so."""
    sys.excepthook(*_raised(received_error(sent_error(UnpickledError("no")))))
    written = capsys.readouterr().err
    assert "__mp_main__" not in written
    assert "\nUnpickledError: no\n" in written


def test_exceptions_of_records_have_no_module_either() -> None:
    """A record has the text of its exception."""
    sent: list[ForwardedRecord] = []
    record = logging.makeLogRecord({"exc_info": _raised(UnpickledError("no"))})
    ForwardingHandler(sent.append).emit(record)
    assert sent[0].attributes["exc_text"] == "UnpickledError: no"


def _raised(error: BaseException) -> tuple[type[BaseException], BaseException, None]:
    return type(error), error, None
