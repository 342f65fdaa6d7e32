"""SSL contexts of both roles, and warnings of certificates that expire soon."""

import logging
import ssl
import time

from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._files.named_file import NamedFile
from mirastack_sdk._log import Log
from mirastack_sdk._wire.tls.certificates import Validity
from mirastack_sdk._wire.tls.pem_files import load_authorities, load_key_pair
from mirastack_sdk._wire.tls.tls_layer import ALPN

_LOG = Log("security")

# TLS 1.2 with forward secrecy and AEAD only: RFC 9113 appendix A prohibits the others for HTTP/2.
# TLS 1.3 has no others.
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
_DAY = 86_400.0
_SOON = 7 * _DAY


class KeyPair(NamedTuple):
    """A certificate with its key."""

    certificate: NamedFile
    key: NamedFile


def expiry_warning(validity: Validity, now: float) -> tuple[int, str] | None:
    """Return a log level and the end of a sentence about a certificate, or `None` if it is fine."""
    if now < validity.begins:
        return logging.ERROR, "is not valid yet, or this machine's clock is slow"
    if now >= validity.ends:
        return logging.ERROR, f"expired {_span(now - validity.ends)} ago"
    if validity.ends - now < _SOON:
        return logging.WARNING, f"expires in {_span(validity.ends - now)}"
    return None


class CertificateExpiry:
    """Logs warnings about one certificate's expiry, once for each level."""

    def __init__(self, file: NamedFile, validity: Validity) -> None:
        self._file = file
        self._validity = validity
        self._logged = logging.NOTSET
        self.warn()

    def warn(self) -> None:
        """Log what has become true since the last time."""
        warning = expiry_warning(self._validity, time.time())
        if warning is not None and warning[0] > self._logged:
            self._logged, text = warning
            _LOG.log(
                self._logged,
                "%s: the certificate in %s %s: replace it, changed files are read again",
                self._file.setting,
                self._file.path,
                text,
            )


def _span(seconds: float) -> str:
    days = int(seconds // _DAY)
    if days >= 2:
        return f"{days} days"
    hours = int(seconds // 3600)
    return f"{hours} hours" if hours >= 2 else f"{int(seconds // 60)} minutes"


class Loaded(NamedTuple):
    """A context, with the expiry of its own certificate if it has one."""

    context: ssl.SSLContext
    certificate_expiry: CertificateExpiry | None

    def checked_context(self) -> ssl.SSLContext:
        """Return the context for a new connection; warns of a certificate that expires soon."""
        if self.certificate_expiry is not None:
            self.certificate_expiry.warn()
        return self.context


def server_context(key_pair: KeyPair, client_ca: NamedFile | None) -> Loaded:
    """Return the context of a server; with `client_ca` it requires client certificates.

    Raises `ConfigurationError`.
    """
    context = _context(ssl.PROTOCOL_TLS_SERVER)
    # A resumed session (RFC 8446 §2.2) is not checked against a changed CA. Connections are few
    # and long, so tickets would save little.
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        load_authorities(context, client_ca)
    return Loaded(context, _load_key_pair(context, key_pair))


def client_context(authorities: NamedFile | None, key_pair: KeyPair | None) -> Loaded:
    """Return the context of a client that trusts `authorities`, the system's CAs if `None`.

    Raises `ConfigurationError`.
    """
    context = _context(ssl.PROTOCOL_TLS_CLIENT)
    if authorities is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        load_authorities(context, authorities)
    return Loaded(context, None if key_pair is None else _load_key_pair(context, key_pair))


def _context(protocol: int) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    # Any trusted certificate may end the chain, as in Go, and in Python from 3.13 on.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols([ALPN])
    return context


def _load_key_pair(context: ssl.SSLContext, key_pair: KeyPair) -> CertificateExpiry:
    validity = load_key_pair(context, key_pair.certificate, key_pair.key)
    return CertificateExpiry(key_pair.certificate, validity)
