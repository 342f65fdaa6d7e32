"""The table from every error of a call to the engine to `EngineError`."""

from collections.abc import Mapping
from types import MappingProxyType

from grpclib.const import Status
from grpclib.exceptions import GRPCError

from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._wire.client.call_errors import WrongServerError
from mirastack_sdk._wire.grpc.status import CallRefused
from mirastack_sdk._wire.tls.tls_errors import TRANSIENT, TlsError, TlsErrorKind
from mirastack_sdk.errors import DecodeError, EncodeError, EngineError, MessageTooLargeError


class _Meaning(NamedTuple):
    reason: str
    retryable: bool
    text: str


_UNAVAILABLE = _Meaning("unavailable", True, "{peer} cannot be reached")
_INTERNAL = _Meaning("internal", False, "the call failed inside the SDK")
_INVALID_RESPONSE = _Meaning("invalid_reply", False, "the response of {peer} cannot be read")

# The first row whose type matches decides: TimeoutError is an OSError, too.
_BY_TYPE: tuple[tuple[type[Exception], _Meaning], ...] = (
    (TimeoutError, _Meaning("deadline_exceeded", True, "{peer} did not answer in time")),
    (DecodeError, _INVALID_RESPONSE),
    (WrongServerError, _Meaning("invalid_reply", False, "{peer} is not at this address")),
    # Raised by the message reader for a compressed message.
    (CallRefused, _INVALID_RESPONSE),
    (MessageTooLargeError, _Meaning("resource_exhausted", False, "a message is too large")),
    (EncodeError, _Meaning("invalid_argument", False, "the request cannot be written")),
    (OSError, _UNAVAILABLE),
)

_BY_STATUS: dict[Status, tuple[str, bool]] = {
    Status.CANCELLED: ("unavailable", True),
    Status.UNKNOWN: ("internal", False),
    Status.INVALID_ARGUMENT: ("invalid_argument", False),
    Status.DEADLINE_EXCEEDED: ("deadline_exceeded", True),
    Status.NOT_FOUND: ("not_found", False),
    Status.ALREADY_EXISTS: ("rejected", False),
    Status.PERMISSION_DENIED: ("permission_denied", False),
    Status.RESOURCE_EXHAUSTED: ("resource_exhausted", True),
    Status.FAILED_PRECONDITION: ("rejected", False),
    Status.ABORTED: ("unavailable", True),
    Status.OUT_OF_RANGE: ("invalid_argument", False),
    Status.UNIMPLEMENTED: ("unimplemented", False),
    Status.INTERNAL: ("internal", False),
    Status.UNAVAILABLE: ("unavailable", True),
    Status.DATA_LOSS: ("internal", False),
    Status.UNAUTHENTICATED: ("permission_denied", False),
}


type Advice = Mapping[TlsErrorKind, str]

_NO_ADVICE: Advice = MappingProxyType({})


def status_of(error: Exception) -> str | None:
    """Return the name of the gRPC status of `error`, or `None` if it has none."""
    return error.status.name if isinstance(error, GRPCError) else None


def engine_error(
    error: Exception, *, method: str, peer: str = "the engine", advice: Advice = _NO_ADVICE
) -> EngineError:
    """Return the `EngineError` for an `error` that a call of `peer`'s `method` raised.

    `advice` says what to change for each kind of TLS error.
    """
    if isinstance(error, EngineError):
        return error
    if isinstance(error, GRPCError):
        reason, retryable = _BY_STATUS.get(error.status, ("internal", False))
        status = error.status.name
        text = f"{method}: {peer} answered {status}: {error.message or 'no message'}"
        return EngineError(text, reason=reason, retryable=retryable, status=status)
    if isinstance(error, TlsError):
        return _tls_failure(error, f"{method}: {error.describe(peer)}", advice)
    meaning = next((m for kind, m in _BY_TYPE if isinstance(error, kind)), _INTERNAL)
    detail = str(error) or type(error).__name__
    return EngineError(
        f"{method}: {meaning.text.format(peer=peer)}: {detail}",
        reason=meaning.reason,
        retryable=meaning.retryable,
    )


def _tls_failure(error: TlsError, text: str, advice: Advice) -> EngineError:
    what_to_do = advice.get(error.kind)
    text = text if what_to_do is None else f"{text}: {what_to_do}"
    passing = error.kind in TRANSIENT
    reason = "unavailable" if passing else "tls_failed"
    return EngineError(text, reason=reason, retryable=passing)
