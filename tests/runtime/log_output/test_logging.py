"""The format of a log line."""

import logging

import pytest

from mirastack_sdk._runtime.log_output.field_formatter import FieldFormatter
from mirastack_sdk._runtime.log_output.sdk_handler import configure_logging


def record(**fields: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"msg": "registered", "levelname": "INFO", "levelno": 20})
    vars(made).update(fields)
    return made


def test_fields_follow_the_text() -> None:
    """Extra fields follow the text as key=value, in their order."""
    line = FieldFormatter().format(record(engine="127.0.0.1:9", plugin_id="p1"))
    assert line.endswith("INFO    registered engine=127.0.0.1:9 plugin_id=p1")


@pytest.mark.parametrize(
    ("value", "written"),
    [("two words", "'two words'"), ("", "''"), ("a=b", "'a=b'"), (3, "3"), ("x\ny", r"'x\ny'")],
)
def test_a_value_stays_one_word(value: object, written: str) -> None:
    """A value with spaces, quotes or line breaks cannot be mistaken for another field."""
    assert FieldFormatter().format(record(field=value)).endswith(f"field={written}")


def test_an_exception_follows_the_line() -> None:
    """The whole traceback is below the line."""
    made = record(exc_info=(ValueError, ValueError("whole"), None))
    lines = FieldFormatter().format(made).splitlines()
    assert lines[0].endswith("registered")
    assert lines[-1] == "    ValueError: whole"


def test_an_authors_logging_is_left_alone() -> None:
    """If the author has configured logging, nothing is added."""
    root = logging.getLogger()
    before = list(root.handlers)
    assert before, "pytest has installed its handlers"
    configure_logging("DEBUG", is_set=False)
    assert root.handlers == before
