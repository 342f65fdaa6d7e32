"""What goes wrong between two ends of TLS, in words: one table of OpenSSL's into ours."""

import enum
import re
import ssl
from collections.abc import Mapping

from mirastack_sdk._wire.client.call_response import CallLostError, Loss


class TlsErrorKind(enum.Enum):
    """Why there is no TLS with a peer; the value is the sentence.

    `{peer}` stands for what the peer is called, `{detail}` for what more is known.
    """

    SPEAKS_TLS = "{peer} answers in TLS"
    SPEAKS_NO_TLS = "{peer} does not speak TLS"
    CLOSED = "{peer} closed the connection during the TLS handshake"
    LEFT = "{peer} closed the connection right behind the TLS handshake"
    SLOW = "{peer} did not finish the TLS handshake in time"
    OLD_VERSION = "{peer} speaks no TLS of version 1.2 or later"
    NO_SHARED_CIPHER = "{peer} and we have no cipher in common"
    NO_HTTP2 = "{peer} does not agree on HTTP/2 (ALPN h2)"
    WRONG_NAME = "the certificate of {peer} is for {detail}"
    EXPIRED = "the certificate of {peer} has expired"
    NOT_YET_VALID = "the certificate of {peer} is not valid yet, or a clock is wrong"
    UNTRUSTED = "the certificate of {peer} is not of a trusted CA: {detail}"
    NO_CERTIFICATE = "{peer} showed no certificate"
    CERTIFICATE_DEMANDED = "{peer} demands a certificate of its callers"
    CERTIFICATE_REFUSED = "{peer} does not accept the certificate it was shown: {detail}"
    OTHER = "TLS with {peer} failed: {detail}"


# These may pass without anybody's doing.
PASSING = frozenset({TlsErrorKind.CLOSED, TlsErrorKind.LEFT, TlsErrorKind.SLOW})


class TlsError(CallLostError):
    """No TLS with a peer: `problem` says why, `describe` in a sentence."""

    def __init__(self, problem: TlsErrorKind, detail: str = "") -> None:
        self.problem = problem
        self.detail = detail
        loss = Loss.NEVER_SENT if problem in PASSING else Loss.HOPELESS
        super().__init__(self.describe("the peer"), loss)

    def describe(self, peer: str) -> str:
        """Return the sentence about a peer of that name."""
        return self.problem.value.format(peer=peer, detail=self.detail)

    def __reduce__(self) -> tuple[type["TlsError"], tuple[TlsErrorKind, str]]:
        return type(self), (self.problem, self.detail)


# By OpenSSL's number of what is wrong with a certificate (X509_V_ERR_…).
_BY_VERIFY_CODE: Mapping[int, TlsErrorKind] = {
    9: TlsErrorKind.NOT_YET_VALID,
    10: TlsErrorKind.EXPIRED,
    62: TlsErrorKind.WRONG_NAME,
    64: TlsErrorKind.WRONG_NAME,
}
# By OpenSSL's word for it.
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
# By the alert that the peer sent, whatever version of TLS OpenSSL ascribes it to.
_ALERT = re.compile(r"\w+?_ALERT_(?P<alert>\w+)")
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


def tls_error(error: ssl.SSLError) -> TlsError:
    """Return what an error of OpenSSL's means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        problem = _BY_VERIFY_CODE.get(error.verify_code, TlsErrorKind.UNTRUSTED)
        detail = "another name" if problem is TlsErrorKind.WRONG_NAME else error.verify_message
        return TlsError(problem, detail)
    reason = error.reason or type(error).__name__
    if isinstance(error, ssl.SSLEOFError):
        return TlsError(TlsErrorKind.CLOSED)
    alert = _ALERT.fullmatch(reason)
    if alert is not None:
        problem = _BY_ALERT.get(alert["alert"], TlsErrorKind.OTHER)
        return TlsError(problem, _words(alert["alert"]))
    return TlsError(_BY_REASON.get(reason, TlsErrorKind.OTHER), _words(reason))


def speaks_tls(first: bytes) -> bool:
    """Whether a peer's first bytes are a record of TLS: an alert or a handshake."""
    return first[:2] in {b"\x15\x03", b"\x16\x03"}


def _words(text: str) -> str:
    return text.lower().replace("_", " ")
