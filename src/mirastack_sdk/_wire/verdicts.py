"""Decisions on requests by their headers, remembered while they hold."""

from collections.abc import Container

from mirastack_sdk._log import Log, SparingLog
from mirastack_sdk._wire.admission import Admission, Rejection, admit
from mirastack_sdk._wire.bearer import BearerToken
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.http2.header_blocks import worth_keeping
from mirastack_sdk._wire.status import Status

_LOG = Log("security")

_REMEMBERED = 128


class Verdicts:
    """Which requests are calls of ours, and brought by somebody who may call.

    With `bearer` every call must carry its token. What was decided by a token is forgotten when the
    token changes, and no token that is wrong is kept.
    """

    def __init__(self, methods: Container[str], bearer: BearerToken | None) -> None:
        self._methods = methods
        self._bearer = bearer
        self._token: str | None = None
        self._kept: dict[Headers, Admission | Rejection] = {}
        self._log = SparingLog(_LOG)

    @property
    def remembered(self) -> int:
        """How many decisions are remembered."""
        return len(self._kept)

    def on(self, headers: Headers) -> Admission | Rejection:
        """Decide on a request, or remember what was decided on the same headers."""
        if self._bearer is not None:
            token = self._bearer.current()
            if token is not self._token:
                self._kept.clear()
                self._token = token
        verdict = self._kept.get(headers)
        if verdict is not None:
            return verdict
        verdict = admit(headers, self._methods)
        refusal = self._refusal(headers)
        if refusal is not None:
            self._log.write("token", "refused a call: %s", refusal)
            return refused(verdict, Status.UNAUTHENTICATED, refusal)
        if worth_keeping(headers):
            if len(self._kept) >= _REMEMBERED:
                self._kept.clear()
            self._kept[headers] = verdict
        return verdict

    def _refusal(self, headers: Headers) -> str | None:
        if self._bearer is None:
            return None
        brought = [value for name, value in headers if name == "authorization"]
        if len(brought) > 1:
            return "the header authorization came more than once"
        return self._bearer.refusal(brought[0] if brought else None)


def refused(verdict: Admission | Rejection, status: Status, message: str) -> Rejection:
    """Return the answer to who may not call; a request that is no call at all is told so first."""
    if isinstance(verdict, Rejection) and verdict.http_status != 200:
        return verdict
    return Rejection(http_status=200, status=status, message=message, encoding=verdict.encoding)
