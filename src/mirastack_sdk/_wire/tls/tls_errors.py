"""The errors of TLS in words, from one table of OpenSSL's error codes and reasons."""

import enum
import ssl
from collections.abc import Mapping

from mirastack_sdk._deferred.patterns import deferred_pattern
from mirastack_sdk._wire.client.call_errors import CallLostError, Loss


class TlsErrorKind(enum.Enum):
    """Why there is no secure connection to a peer; the value is the sentence.

    `{peer}` is replaced by the peer's name, `{detail}` by more details.
    """

    NO_SETTINGS = "{peer} closed the connection before it sent HTTP/2 settings"
    SPEAKS_TLS = "{peer} answers in TLS"
    SPEAKS_NO_TLS = "{peer} does not speak TLS"
    CLOSED = "{peer} closed the connection during the TLS handshake"
    LEFT = "{peer} closed the connection right after the TLS handshake"
    SLOW = "{peer} did not finish the TLS handshake in time"
    OLD_VERSION = "{peer} does not speak TLS 1.2 or later"
    NO_SHARED_CIPHER = "{peer} and we have no cipher in common"
    NO_HTTP2 = "{peer} does not agree on HTTP/2 (ALPN h2)"
    WRONG_NAME = "the certificate of {peer} is for another name: {detail}"
    EXPIRED = "the certificate of {peer} has expired"
    NOT_YET_VALID = "the certificate of {peer} is not valid yet, or a clock is wrong"
    UNTRUSTED = "the certificate of {peer} is not from a trusted CA: {detail}"
    NO_CERTIFICATE = "{peer} presented no certificate"
    CERTIFICATE_DEMANDED = "{peer} requires a client certificate"
    CERTIFICATE_REFUSED = "{peer} does not accept the certificate it was sent: {detail}"
    OTHER = "TLS with {peer} failed: {detail}"


# These may pass without anybody changing anything.
TRANSIENT = frozenset(
    {TlsErrorKind.NO_SETTINGS, TlsErrorKind.CLOSED, TlsErrorKind.LEFT, TlsErrorKind.SLOW}
)

# By OpenSSL's X509_V_ERR_… number.
_BY_VERIFY_CODE: Mapping[int, TlsErrorKind] = {
    9: TlsErrorKind.NOT_YET_VALID,
    10: TlsErrorKind.EXPIRED,
    62: TlsErrorKind.WRONG_NAME,
    64: TlsErrorKind.WRONG_NAME,
}
# By OpenSSL's reason.
_BY_REASON: Mapping[str, TlsErrorKind] = {
    "WRONG_VERSION_NUMBER": TlsErrorKind.SPEAKS_NO_TLS,
    "HTTP_REQUEST": TlsErrorKind.SPEAKS_NO_TLS,
    "HTTPS_PROXY_REQUEST": TlsErrorKind.SPEAKS_NO_TLS,
    "PACKET_LENGTH_TOO_LONG": TlsErrorKind.SPEAKS_NO_TLS,
    "RECORD_LAYER_FAILURE": TlsErrorKind.SPEAKS_NO_TLS,
    "UNSUPPORTED_PROTOCOL": TlsErrorKind.OLD_VERSION,
    "VERSION_TOO_LOW": TlsErrorKind.OLD_VERSION,
    "NO_PROTOCOLS_AVAILABLE": TlsErrorKind.OLD_VERSION,
    "NO_SHARED_CIPHER": TlsErrorKind.NO_SHARED_CIPHER,
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": TlsErrorKind.NO_CERTIFICATE,
    "UNEXPECTED_EOF_WHILE_READING": TlsErrorKind.CLOSED,
}
# By the alert the peer sent (RFC 8446 §6.2), whichever TLS version OpenSSL attributes it to.
_ALERT = deferred_pattern(r"\w+?_ALERT_(?P<alert>\w+)")
_BY_ALERT: Mapping[str, TlsErrorKind] = {
    "PROTOCOL_VERSION": TlsErrorKind.OLD_VERSION,
    "CERTIFICATE_REQUIRED": TlsErrorKind.CERTIFICATE_DEMANDED,
    "NO_APPLICATION_PROTOCOL": TlsErrorKind.NO_HTTP2,
    **dict.fromkeys(
        (
            "ACCESS_DENIED",
            "BAD_CERTIFICATE",
            "CERTIFICATE_EXPIRED",
            "CERTIFICATE_REVOKED",
            "CERTIFICATE_UNKNOWN",
            "UNKNOWN_CA",
            "UNSUPPORTED_CERTIFICATE",
        ),
        TlsErrorKind.CERTIFICATE_REFUSED,
    ),
}


class TlsError(CallLostError):
    """No secure connection to a peer: `kind` says why, `describe` in a sentence."""

    def __init__(self, kind: TlsErrorKind, detail: str = "") -> None:
        self.kind = kind
        self.detail = detail
        loss = Loss.NEVER_SENT if kind in TRANSIENT else Loss.HOPELESS
        super().__init__(self.describe("the peer"), loss)

    def describe(self, peer: str) -> str:
        """Return the sentence, with `peer` as the peer's name."""
        return self.kind.value.format(peer=peer, detail=self.detail)

    def __reduce__(self) -> tuple[type["TlsError"], tuple[TlsErrorKind, str]]:
        return type(self), (self.kind, self.detail)


def tls_error(error: ssl.SSLError) -> TlsError:
    """Return the `TlsError` for an error of OpenSSL."""
    if isinstance(error, ssl.SSLCertVerificationError):
        kind = _BY_VERIFY_CODE.get(error.verify_code, TlsErrorKind.UNTRUSTED)
        return TlsError(kind, error.verify_message.rstrip("."))
    reason = error.reason or type(error).__name__
    if isinstance(error, ssl.SSLEOFError):
        return TlsError(TlsErrorKind.CLOSED)
    alert = _ALERT.fullmatch(reason)
    if alert is not None:
        kind = _BY_ALERT.get(alert["alert"], TlsErrorKind.OTHER)
        return TlsError(kind, _words(alert["alert"]))
    return TlsError(_BY_REASON.get(reason, TlsErrorKind.OTHER), _words(reason))


def _words(text: str) -> str:
    return text.lower().replace("_", " ")
