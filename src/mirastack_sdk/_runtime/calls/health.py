"""The author's health check: one at a time, shared by its callers, within a time limit."""

import asyncio
from collections.abc import Awaitable, Callable

from mirastack_sdk._core.redaction.clean import text_of
from mirastack_sdk._deferred.patterns import deferred_pattern
from mirastack_sdk._log import NO_CALL, Log, LoggedCall, logged_call
from mirastack_sdk._runtime.calls.author_call import (
    AuthorCall,
    OverdueError,
    log_end,
    start_author_call,
)
from mirastack_sdk.errors import MirastackError

_LOG = Log("agent")

CHECK_SECONDS = 10.0
"""How long the author's `health_check` may take."""

_METHOD = "health_check"
_MOST_LOGGED = 20
"""How many different errors are logged before the agent is healthy again."""

_VARIES = deferred_pattern(
    r"0x[0-9a-f]+"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d[T ][\d:.,]+"
    r"|\d{4,}"
)
"""What of an error's text differs each time: addresses, UUIDs, times, ports and other numbers."""


class HealthChecks:
    """Runs the health check that `find` returns.

    Callers that come while a check runs share its outcome, so that checks never pile up behind one
    that hangs. A check that takes longer than `seconds` is cancelled; while it ignores that, every
    caller gets the error at once. Log records of a check name the call `logged_as`.
    """

    def __init__(
        self,
        find: Callable[[], Callable[[], Awaitable[None] | None]],
        *,
        seconds: float = CHECK_SECONDS,
        logged_as: LoggedCall = NO_CALL,
    ) -> None:
        self._find = find
        self._logged_as = logged_as
        self._seconds = seconds
        self._call: AuthorCall[None] | None = None
        # What has been logged since the agent was healthy, in order.
        self._logged: dict[str, str] = {}

    async def check(self, time_left: float) -> None:
        """Return if the agent is healthy, in at most `time_left` seconds.

        Raises `AuthorError` for what the check raises, `OverdueError` when it does not end in time.
        """
        call = self._call
        if call is None or call.has_ended:
            call = self._call = self._start()
        seconds = min(time_left, self._seconds)
        if not call.is_cancelled and not await call.ends_within(seconds):
            raise OverdueError(_METHOD, seconds)
        if call.is_cancelled:
            raise OverdueError(_METHOD, self._seconds)
        call.result()

    def _start(self) -> AuthorCall[None]:
        with logged_call(self._logged_as):
            call = start_author_call(self._find, name=_METHOD)
        timer = asyncio.get_running_loop().call_later(self._seconds, call.cancel)
        call.on_end(timer.cancel)
        call.on_end(lambda: self._log_end(call))
        return call

    def _log_end(self, call: AuthorCall[None]) -> None:
        """Log each failure once, the first of its type with its traceback, and the end of them.

        Checks come every few seconds, and a backend may be away for hours. An exception of the
        SDK's, such as one about a missing setting, says all in its text.
        """
        error = call.error
        if error is None:
            if self._logged:
                _LOG.info("%s succeeds again", _METHOD)
            self._logged = {}
            return
        if call.is_cancelled and isinstance(error, asyncio.CancelledError):
            error = OverdueError(_METHOD, self._seconds)
        kind = type(error).__name__
        text = f"{kind}: {text_of(error)}"
        is_known_kind = kind in self._logged.values()
        if (what := _VARIES.sub("#", text)) in self._logged or len(self._logged) >= _MOST_LOGGED:
            error.__traceback__ = None
            return
        self._logged[what] = kind
        if isinstance(error, MirastackError | OverdueError) or is_known_kind:
            _LOG.warning("%s failed: %s", _METHOD, text)
            error.__traceback__ = None
        else:
            log_end(call)
