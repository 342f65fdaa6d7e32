"""What the log says of health checks that fail again and again."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence

import pytest

from mirastack_sdk import ConfigurationError, EngineError
from mirastack_sdk._runtime.calls.author_call import AuthorError, OverdueError
from mirastack_sdk._runtime.calls.health import HealthChecks


async def _lines(
    errors: Sequence[BaseException | None], caplog: pytest.LogCaptureFixture
) -> list[logging.LogRecord]:
    """The log records of one check for each error."""
    caplog.set_level(logging.INFO)
    left = list(errors)

    async def check() -> None:
        error = left.pop(0)
        if error is not None:
            raise error

    checks = HealthChecks(lambda: check)
    for error in errors:
        if error is None:
            await checks.check(10)
        else:
            with pytest.raises(AuthorError):
                await checks.check(10)
        await asyncio.sleep(0)
    return caplog.records


async def test_a_failure_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """With its traceback, however often the check is repeated."""
    [record] = await _lines([ConnectionError("refused") for _ in range(6)], caplog)
    assert record.exc_info is not None


async def test_changes_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Another text is one line, another type has a traceback again, and a success is said."""
    errors = [
        ConnectionError("refused"),
        ConnectionError("refused"),
        ConnectionError("reset"),
        ValueError("reset"),
        None,
        None,
        ValueError("reset"),
    ]
    records = await _lines(errors, caplog)
    assert [(record.message, record.exc_info is not None) for record in records] == [
        ("health_check raised an exception", True),
        ("health_check failed: ConnectionError: reset", False),
        ("health_check raised an exception", True),
        ("health_check succeeds again", False),
        ("health_check raised an exception", True),
    ]
    assert {record.name for record in records} == {"mirastack_sdk.agent"}


@pytest.mark.parametrize(
    "error",
    [ConfigurationError("the url is not set"), EngineError("it is down", reason="unavailable")],
)
async def test_what_says_all_in_its_text_has_no_traceback(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """As an operator's mistake does, for example a missing setting."""
    [record] = await _lines([error, error], caplog)
    assert record.exc_info is None
    assert str(error) in record.message


class UnreadableError(Exception):
    """An error without a text."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


def _chained(number: int) -> Exception:
    error = ConnectionError("unreachable")
    error.__cause__ = OSError(number)
    return error


REPEATED: Mapping[str, Callable[[int], BaseException]] = {
    "port": lambda at: ConnectionError(f"from 10.0.0.1:{40_000 + at}"),
    "address": lambda at: ConnectionError(f"<Connection at 0x7f{at:04x}>"),
    "uuid": lambda at: ConnectionError(f"request {uuid.UUID(int=at << 64)}"),
    "time": lambda at: ConnectionError(f"since 2026-04-08T12:00:{at:02}.5Z"),
    "no-text": lambda _: ConnectionError(),
    "unreadable": lambda _: UnreadableError(),
    "group": lambda at: ExceptionGroup("both", [ConnectionError(at), TimeoutError()]),
    "chain": _chained,
    "long": lambda _: ConnectionError("x" * 100_000),
    "lines": lambda _: ConnectionError("a\nb"),
    "exit": lambda _: SystemExit(3),
    "cancelled": lambda _: asyncio.CancelledError(),
}


@pytest.mark.parametrize("case", REPEATED)
async def test_an_error_that_is_only_written_in_another_way_is_logged_once(
    case: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Numbers that vary make no other error."""
    assert len(await _lines([REPEATED[case](at) for at in range(6)], caplog)) == 1


async def test_errors_that_alternate_are_logged_once_each(caplog: pytest.LogCaptureFixture) -> None:
    """As with two servers behind a name, one of which refuses and one of which is silent."""
    kinds = [ConnectionError, TimeoutError, OSError]
    records = await _lines([kinds[at % 3]("no") for at in range(9)], caplog)
    assert [record.exc_info is not None for record in records] == [True] * 3


async def test_a_status_that_changes_is_another_error(caplog: pytest.LogCaptureFixture) -> None:
    """Small numbers mean something."""
    records = await _lines([OSError(f"HTTP {status}") for status in (503, 401, 503)], caplog)
    assert [record.message for record in records[1:]] == ["health_check failed: OSError: HTTP 401"]


async def test_errors_without_end_are_twenty_lines(caplog: pytest.LogCaptureFixture) -> None:
    """Until the check succeeds."""
    errors = [OSError("x" * at) for at in range(50)]
    assert len(await _lines([*errors, None, errors[0]], caplog)) == 22


async def test_a_check_that_hangs_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """It was cancelled, and raised nothing."""
    ended = asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    checks = HealthChecks(lambda: hang, seconds=0.01)
    for _ in range(3):
        with pytest.raises(OverdueError):
            await checks.check(10)
        await ended.wait()
        ended.clear()
        await asyncio.sleep(0)
    assert [record.message for record in caplog.records] == [
        "health_check failed: OverdueError: health_check did not end within 0.01 s"
    ]


async def test_healthy_checks_log_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Not even the first one."""
    assert await _lines([None, None], caplog) == []
