"""The check of a request's headers: is it a gRPC call of a known method, and is it authorized?"""

import time
from collections.abc import Callable, Container, Iterable

from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._deferred.patterns import deferred_pattern
from mirastack_sdk._log import Log, RateLimitedLog
from mirastack_sdk._wire.codec.encoding import Encoding, encoding_of
from mirastack_sdk._wire.grpc.status import Status
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.http2.frames import header_list_size
from mirastack_sdk._wire.http2.header_cache import HeaderCache
from mirastack_sdk._wire.http2.limits import Limits

_LOG = Log("security")

_SCHEME = "bearer"
# How often the token is read again while calls carry the one that is known.
_RELOAD_SECONDS = 1.0
# "TimeoutValue" (gRPC over HTTP/2, "Requests") has at most 8 digits.
_TIMEOUT = deferred_pattern(r"([0-9]{1,8})([HMSmun])")
_SECONDS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
# Headers of HTTP/2 and gRPC, and the credentials: handlers do not get them.
_RESERVED = frozenset({"te", "content-type", "user-agent", "authorization"})


class BearerToken:
    """The tokens that `read` returns, separated by blanks; they may change.

    All of them are accepted, and the first is sent. After a change, tokens that are no longer there
    are refused within a second, and new ones accepted at once.
    """

    def __init__(
        self, read: Callable[[], str], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._monotonic = monotonic
        self._take(read())
        self._read_at = monotonic()
        # hmac loads OpenSSL's hashes: a hundredth of the start of an agent without a token.
        from hmac import compare_digest  # noqa: PLC0415 - see above

        self._are_equal = compare_digest

    def current(self) -> str:
        """Return what `read` has returned; the same object as long as it has not changed."""
        now = self._monotonic()
        if now - self._read_at >= _RELOAD_SECONDS:
            self._reload(now)
        return self._text

    def header(self) -> tuple[str, str]:
        """Return the header that carries the first token."""
        self.current()
        return self._header

    def refusal(self, authorization: str | None) -> str | None:
        """Why a call with this header is refused, or `None`; never shows the token.

        The comparison takes constant time, so that it does not reveal how much of a guess is right.
        """
        if authorization is None:
            return "the header authorization is missing, this server requires a bearer token"
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != _SCHEME:
            return "the header authorization has no bearer token, this server requires one"
        given = token.strip().encode("latin-1", "replace")
        self.current()
        if self._is_known(given):
            return None
        self._reload(self._monotonic())
        return None if self._is_known(given) else "the bearer token is wrong"

    def _is_known(self, given: bytes) -> bool:
        # All are compared, so that the time does not tell which one is right.
        return sum(self._are_equal(given, token) for token in self._tokens) > 0

    def _reload(self, now: float) -> None:
        self._read_at = now
        text = self._read()
        # `RequestCheck` compares texts by identity: an equal one must stay the same object.
        if text != self._text:
            self._take(text)

    def _take(self, text: str) -> None:
        tokens = text.split()
        self._text = text
        self._header = ("authorization", f"Bearer {tokens[0]}")
        self._tokens = tuple(token.encode() for token in tokens)


class Rejection(NamedTuple):
    """The response to a request that is not served: its HTTP status and its gRPC status."""

    http_status: int
    status: Status
    message: str
    encoding: Encoding = Encoding.PROTOBUF


class Admission(NamedTuple):
    """A request that is a call; `timeout` is what its client allows, in seconds."""

    method: str
    encoding: Encoding
    metadata: dict[str, str]
    timeout: float | None


def admit(headers: Iterable[tuple[str, str]], methods: Container[str]) -> Admission | Rejection:
    """Check one request against gRPC over HTTP/2, "Requests"."""
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
    """Return the seconds in a `grpc-timeout` header, or `None` if it is malformed."""
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
    """Decode a value as UTF-8 if possible: gRPC allows only ASCII, but peers send UTF-8, too."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeDecodeError:
        return value


class RequestCheck:
    """The check of requests, which remembers its results.

    Headers of more than `max_headers` bytes are refused. With `bearer` every call must carry one of
    its tokens, unless its path is one of `open_paths`. Results are forgotten when the tokens
    change, and requests with a wrong token are not remembered.
    """

    def __init__(
        self,
        methods: Container[str],
        bearer: BearerToken | None,
        max_headers: int = Limits().max_header_list_size,
        open_paths: Container[str] = (),
    ) -> None:
        self._open_paths = open_paths
        self._max_headers = max_headers
        self._methods = methods
        self._bearer = bearer
        self._tokens: str | None = None
        self._kept: HeaderCache[Headers, Admission | Rejection] = HeaderCache()
        self._log = RateLimitedLog(_LOG)

    @property
    def remembered(self) -> int:
        """How many results are remembered."""
        return len(self._kept.entries)

    def check(self, headers: Headers) -> Admission | Rejection:
        """Return the result for a request; equal headers are checked once."""
        if self._bearer is not None:
            tokens = self._bearer.current()
            if tokens is not self._tokens:
                self._kept.clear()
                self._tokens = tokens
        result = self._kept.entries.get(headers)
        if result is not None:
            return result
        result = admit(headers, self._methods)
        size = header_list_size(headers)
        if size > self._max_headers:
            message = f"the headers have {size} bytes, at most {self._max_headers} are allowed"
            result = refuse(result, Status.RESOURCE_EXHAUSTED, message)
        is_open = isinstance(result, Admission) and result.method in self._open_paths
        refusal = None if is_open else self._refusal(headers)
        if refusal is not None:
            self._log.write("token", "refused a call: %s", refusal)
            return refuse(result, Status.UNAUTHENTICATED, refusal)
        self._kept.keep(headers, result, headers)
        return result

    def _refusal(self, headers: Headers) -> str | None:
        if self._bearer is None:
            return None
        given = [value for name, value in headers if name == "authorization"]
        if len(given) > 1:
            return "the header authorization is there more than once"
        return self._bearer.refusal(given[0] if given else None)


def refuse(checked: Admission | Rejection, status: Status, message: str) -> Rejection:
    """Return the rejection of an unauthorized request; one that is not gRPC keeps its own."""
    if isinstance(checked, Rejection) and checked.http_status != 200:
        return checked
    return Rejection(http_status=200, status=status, message=message, encoding=checked.encoding)
