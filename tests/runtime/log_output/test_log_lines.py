"""Text of peers in log lines: it never looks like a line of the log's own."""

import logging

import pytest

from mirastack_sdk import EngineError
from mirastack_sdk._core.model.engine_api import License
from mirastack_sdk._core.policy.license_diff import license_changes
from mirastack_sdk._log import Log, RateLimitedLog
from mirastack_sdk._runtime.log_output.field_formatter import FieldFormatter

FORGED = "free\n2026-04-08 12:00:00.000 ERROR   forged"
PEERS = [
    FORGED,
    "free\r\nforged",
    "free\x1b[2J\x1b[31mforged",
    "free\u2028forged",
    "free\x85forged",
    "free\x00forged",
    "free\u202eforged",
    "free\ud800forged",
    "free\x0b\x0cforged",
    "free\tforged",
]


def _written(caplog: pytest.LogCaptureFixture) -> str:
    [record] = caplog.records
    assert record.getMessage().isprintable()
    return FieldFormatter().format(record)


@pytest.mark.parametrize("text", PEERS)
def test_an_argument_is_written_in_one_line(text: str, caplog: pytest.LogCaptureFixture) -> None:
    """Line breaks, terminal sequences and the like become blanks, for the author's handlers too."""
    Log("test").warning("the engine said %s and %r", text, "more\n")
    written = _written(caplog)
    assert written.isprintable()
    assert "free" in written
    assert "forged" in written


@pytest.mark.parametrize("text", PEERS)
def test_a_field_is_written_in_one_line(text: str, caplog: pytest.LogCaptureFixture) -> None:
    """Fields may come from peers as well."""
    Log("test").warning("sentence", extra={"tenant_id": text})
    written = _written(caplog)
    assert written.isprintable()
    assert "tenant_id=" in written


def test_errors_and_snapshots_are_written_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """Their texts contain what the engine has sent."""
    before = License(active=True, effective_tier="pro")
    changes = license_changes(before, License(active=True, effective_tier=FORGED))
    error = EngineError(FORGED, reason="internal")
    Log("test").warning("%s; %s", changes, error)
    assert _written(caplog).isprintable()


def test_numbers_and_plain_texts_stay_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    """Formats such as %d and %.1f need the numbers themselves."""
    Log("test").warning("%d of %.1f: %r", 3, 4.0, "text")
    assert _written(caplog).endswith("3 of 4.0: 'text'")


def test_limited_lines_are_single_lines(caplog: pytest.LogCaptureFixture) -> None:
    """What strangers send is logged there."""
    RateLimitedLog(Log("test")).write("kind", "a client said %s", FORGED)
    assert _written(caplog).isprintable()


def test_a_stack_keeps_its_lines(caplog: pytest.LogCaptureFixture) -> None:
    """It is shown below the line."""
    Log("test").warning("blocked", extra={"stack": "one\ntwo"})
    assert vars(caplog.records[0])["stack"] == "one\ntwo"


def test_a_value_without_a_text_raises_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The call that logs goes on."""

    class Broken:
        def __str__(self) -> str:
            raise RuntimeError("no text")

    Log("test").warning("%s", Broken())
    assert caplog.records == []


@pytest.mark.parametrize("text", PEERS)
def test_the_text_of_an_exception_is_indented(text: str) -> None:
    """Tracebacks have lines of their own, which begin as no line of the log does."""
    error = EngineError(text, reason="internal")
    error.__cause__ = ValueError(text)
    error.add_note(text)
    record = logging.makeLogRecord({"msg": "failed", "exc_info": (type(error), error, None)})
    first, *more = FieldFormatter().format(record).splitlines()
    assert first.endswith("failed")
    assert len(more) > 3
    assert all(line.startswith("    ") or not line for line in more)


@pytest.mark.parametrize("text", PEERS)
def test_the_further_lines_of_an_authors_text_are_indented(text: str) -> None:
    """An author's own logger writes what it likes, such as the response of a backend."""
    record = logging.makeLogRecord({"msg": "got %s", "args": (text,)})
    _, *more = FieldFormatter().format(record).splitlines()
    assert all(line.startswith("    ") for line in more)
