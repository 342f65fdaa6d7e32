"""The context of a running call, its progress, and the time range that it covers."""

import math
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import SupportsFloat

from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._text import one_line

_LONGEST_MESSAGE = 500
# Fractions that are added up miss 0 and 1 by a little.
_TOLERANCE = 1e-9


@dataclass
class TimeRange:
    """The time range of a query.

    `start_epoch_ms` and `end_epoch_ms` are UTC epoch milliseconds: the engine has already parsed
    what the user typed, which is kept in `original_expression`. `timezone` is an IANA name, for
    display only.
    """

    start_epoch_ms: int
    end_epoch_ms: int
    timezone: str = "UTC"
    original_expression: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an execution is, as `ctx.progress` was told.

    `fraction` is from 0 to 1, or `None` if nobody knows how much is left.
    """

    fraction: float | None = None
    message: str = ""


class _NextTurn:
    """Awaiting this lets the event loop do what else there is to do."""

    def __await__(self) -> Generator[None, None, None]:
        yield


_EMPTY: Mapping[str, str] = MappingProxyType({})
_NEXT_TURN = _NextTurn()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The running execution, available as `req.ctx` and accepted by every engine call.

    `deadline` is an instant of `time.monotonic()` in seconds, or `None` if the caller set none. An
    engine call made with this context ends at that instant at the latest.

    `values` is the key-value context that the engine passed with the execution. `metadata` is the
    gRPC metadata of the call: names are lower-case, and binary values (`-bin`) stay base64 text. It
    may contain credentials, so `repr()` leaves it out.
    """

    execution_id: str = ""
    step_id: str = ""
    workflow_id: str = ""
    tenant_id: str = ""
    deadline: float | None = None
    values: Mapping[str, str] = field(default=_EMPTY)
    metadata: Mapping[str, str] = field(default=_EMPTY, repr=False)
    _note: "Callable[[Context, Progress], None] | None" = field(
        default=None, repr=False, compare=False
    )

    def progress(self, fraction: float | None, message: str = "") -> Awaitable[None]:
        """Show how far the execution is: `await ctx.progress(0.4, "window 3 of 7")`.

        `fraction` is from 0 to 1, or `None` if you do not know how much is left. `message` is one
        line of at most 500 characters. The result of the action stays as it is.

        Call it as often as you like: the engine gets the latest at most four times a second, and
        the last one before the result. It never waits for the engine, and an engine that cannot be
        reached does not fail the action. In a plain function, and in any thread, call it without
        `await`.

        Raises `ValueError` for a fraction that is not a number from 0 to 1 and for a message that
        is not a string, `EngineError` with `reason="execution_ended"` after the execution. Outside
        of an execution that is served or tested, it does nothing more.
        """
        progress = _checked_progress(fraction, message)
        if self._note is not None:
            self._note(self, progress)
        return _NEXT_TURN


def _checked_progress(fraction: object, message: object) -> Progress:
    if not isinstance(message, str):
        raise ValueError(f"message must be a string, got {type(message).__name__}")  # noqa: TRY004 - as every wrong argument of an engine call
    return Progress(
        fraction=_checked_fraction(fraction), message=one_line(message, _LONGEST_MESSAGE)
    )


def _checked_fraction(fraction: object) -> float | None:
    if fraction is None:
        return None
    number = _number(fraction)
    if not -_TOLERANCE <= number <= 1 + _TOLERANCE:
        raise ValueError(f"fraction must be a number from 0 to 1, or None, got {_shown(fraction)}")
    return min(max(number, 0.0), 1.0)


def _number(value: object) -> float:
    """A number of any type, such as numpy's; NaN for anything else."""
    if not isinstance(value, SupportsFloat) or isinstance(value, bool):
        return math.nan
    try:
        return float(value)
    except (ArithmeticError, TypeError, ValueError):
        return math.nan


def _shown(value: object) -> str:
    try:
        return one_line(repr(value), 80)
    except ValueError:
        # A whole number of thousands of digits has no text.
        return f"one of type {type(value).__name__}"
