"""What the log says of health checks that fail again and again."""

import asyncio
import logging
from collections.abc import Sequence

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
