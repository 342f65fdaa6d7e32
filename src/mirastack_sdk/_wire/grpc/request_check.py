"""The check of a request's headers: is it a call of this agent, and may its caller make it?"""

import hmac
import re
import time
from collections.abc import Callable, Container, Iterable
from typing import NamedTuple

from mirastack_sdk._log import Log, RateLimitedLog
from mirastack_sdk._wire.codec.encoding import Encoding, encoding_of
from mirastack_sdk._wire.grpc.status import Status
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.http2.header_blocks import worth_keeping

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


# gRPC's TimeoutValue has at most 8 digits.
_TIMEOUT = re.compile(r"([0-9]{1,8})([HMSmun])")
_SECONDS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
# Not for handlers: what HTTP/2 and gRPC keep to themselves, and what callers prove themselves with.
_RESERVED = frozenset({"te", "content-type", "user-agent", "authorization"})


class Rejection(NamedTuple):
    """Why a request is no call of ours, as HTTP and as gRPC say it."""

    http_status: int
    status: Status
    message: str
    encoding: Encoding = Encoding.PROTOBUF


class Admission(NamedTuple):
    """A request that is a call of ours; `timeout` is what its caller allows, in seconds."""

    method: str
    encoding: Encoding
    metadata: dict[str, str]
    timeout: float | None


def admit(headers: Iterable[tuple[str, str]], methods: Container[str]) -> Admission | Rejection:
    """Decide on one request."""
    fields = dict(headers)
    encoding = encoding_of(fields.get("content-type", ""))
    rejection = _http_rejection(fields, encoding)
    if rejection is not None or encoding is None:
        return rejection or _unsupported(fields)
    method = fields.get(":path", "")
    if method not in methods:
        message = f"unknown method {method}"
        return _refuse(Status.UNIMPLEMENTED, message, encoding)
    if fields.get("grpc-encoding", "identity") != "identity":
        message = f"compression {fields['grpc-encoding']} is not supported, use identity"
        return _refuse(Status.UNIMPLEMENTED, message, encoding)
    timeout_field = fields.get("grpc-timeout")
    timeout = None if timeout_field is None else parse_timeout(timeout_field)
    if timeout_field is not None and timeout is None:
        message = f"grpc-timeout {timeout_field!r} is not a number of at most 8 digits and a unit"
        return _refuse(Status.INTERNAL, message, encoding)
    return Admission(method=method, encoding=encoding, metadata=_metadata(fields), timeout=timeout)


def parse_timeout(text: str) -> float | None:
    """Return the seconds that a `grpc-timeout` header names, or `None` if it is malformed."""
    match = _TIMEOUT.fullmatch(text)
    return None if match is None else int(match[1]) * _SECONDS[match[2]]


def _http_rejection(fields: dict[str, str], encoding: Encoding | None) -> Rejection | None:
    if fields.get(":method") != "POST":
        message = f"method {fields.get(':method')} is not allowed, gRPC uses POST"
        return Rejection(http_status=405, status=Status.INTERNAL, message=message)
    if encoding is None:
        return _unsupported(fields)
    if fields.get("te") != "trailers":
        message = 'the header "te: trailers" is missing'
        return Rejection(
            http_status=400, status=Status.INTERNAL, message=message, encoding=encoding
        )
    return None


def _unsupported(fields: dict[str, str]) -> Rejection:
    message = (
        f"content-type {fields.get('content-type', '')!r} is not supported, "
        "use application/grpc, application/grpc+proto or application/grpc+json"
    )
    return Rejection(http_status=415, status=Status.UNKNOWN, message=message)


def _refuse(status: Status, message: str, encoding: Encoding) -> Rejection:
    return Rejection(http_status=200, status=status, message=message, encoding=encoding)


def _metadata(fields: dict[str, str]) -> dict[str, str]:
    return {
        name: value if value.isascii() else _utf8(value)
        for name, value in fields.items()
        if name not in _RESERVED and not name.startswith((":", "grpc-"))
    }


def _utf8(value: str) -> str:
    """Read a value as UTF-8 where it is: gRPC allows ASCII alone, peers send it all the same."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeDecodeError:
        return value


_LOG = Log("security")

_REMEMBERED = 128


class RequestCheck:
    """Which requests are calls of ours, and brought by somebody who may call.

    With `bearer` every call must carry its token. Decisions made with a token are forgotten
    when the token changes, and no wrong token is kept.
    """

    def __init__(self, methods: Container[str], bearer: BearerToken | None) -> None:
        self._methods = methods
        self._bearer = bearer
        self._token: str | None = None
        self._kept: dict[Headers, Admission | Rejection] = {}
        self._log = RateLimitedLog(_LOG)

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
