"""One secret that every call carries."""

import hmac
import time
from collections.abc import Callable

_SCHEME = "bearer"
# How often the token is looked for anew, in seconds, while calls bring the one that is known.
_LOOK_SECONDS = 1.0


class BearerToken:
    """A token that `read` returns, and may return another one of later.

    A change counts within a second for calls that bring what was right until then, and at once for
    those that bring something else.
    """

    def __init__(
        self, read: Callable[[], str], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._monotonic = monotonic
        self._token = read()
        self._looked_at = monotonic()

    def current(self) -> str:
        """Return the token; the same object as long as it has not changed."""
        now = self._monotonic()
        if now - self._looked_at >= _LOOK_SECONDS:
            self._look(now)
        return self._token

    def header(self) -> tuple[str, str]:
        """Return the header that proves who we are."""
        return ("authorization", f"Bearer {self.current()}")

    def refusal(self, authorization: str | None) -> str | None:
        """Why a call that brings this header is not served, or `None`; says nothing of the token.

        Compared in constant time: how much of a guess is right cannot be measured.
        """
        if authorization is None:
            return "the header authorization is missing, this server demands a bearer token"
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != _SCHEME:
            return "the header authorization holds no bearer token, this server demands one"
        brought = token.strip().encode("latin-1", "replace")
        if hmac.compare_digest(brought, self.current().encode()):
            return None
        self._look(self._monotonic())
        if hmac.compare_digest(brought, self._token.encode()):
            return None
        return "the bearer token is not the one this server demands"

    def _look(self, now: float) -> None:
        self._looked_at = now
        token = self._read()
        # Who remembers what was decided by the token remembers it by the object.
        if token != self._token:
            self._token = token
