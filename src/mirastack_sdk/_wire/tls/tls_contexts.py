"""SSL contexts of both roles, and warnings of certificates that expire soon."""

import logging
import ssl
import time
from typing import NamedTuple

from mirastack_sdk._log import Log
from mirastack_sdk._wire.tls.certificates import Validity
from mirastack_sdk._wire.tls.pem_files import NamedFile, load_authorities, load_key_pair
from mirastack_sdk._wire.tls.tls_layer import ALPN

_LOG = Log("security")

_DAY = 86_400.0
_SOON = 7 * _DAY


def remark(validity: Validity, now: float) -> tuple[int, str] | None:
    """Return the level and the end of a sentence about a certificate, or `None` if all is well."""
    if now < validity.begins:
        return logging.ERROR, "is not valid yet, or this machine's clock is slow"
    if now >= validity.ends:
        return logging.ERROR, f"expired {_span(now - validity.ends)} ago"
    if validity.ends - now < _SOON:
        return logging.WARNING, f"expires in {_span(validity.ends - now)}"
    return None


class CertificateExpiry:
    """Logs what is to be said of one certificate, each level once."""

    def __init__(self, file: NamedFile, validity: Validity) -> None:
        self._file = file
        self._validity = validity
        self._said = logging.NOTSET
        self.look()

    def look(self) -> None:
        """Say what has become true since."""
        said = remark(self._validity, time.time())
        if said is not None and said[0] > self._said:
            self._said, text = said
            _LOG.log(
                self._said,
                "%s: the certificate in %s %s: replace it, it is read again when it changes",
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


# What HTTP/2 allows of TLS 1.2 (RFC 9113, appendix A); TLS 1.3 has no others.
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"


class KeyPair(NamedTuple):
    """A certificate with its key."""

    certificate: NamedFile
    key: NamedFile


class Loaded(NamedTuple):
    """A context, and what watches over its certificate if it has one."""

    context: ssl.SSLContext
    certificate_expiry: CertificateExpiry | None


def server_context(key_pair: KeyPair, client_ca: NamedFile | None) -> Loaded:
    """Return the context of a server; with `client_ca` it demands certificates of its clients.

    Raises `ConfigurationError`.
    """
    context = _context(ssl.PROTOCOL_TLS_SERVER)
    # A session that is resumed is not checked against what has changed meanwhile, and connections
    # are too few and long for tickets to be worth that.
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        load_authorities(context, client_ca)
    return Loaded(context, _identify(context, key_pair))


def client_context(
    authorities: NamedFile | None, key_pair: KeyPair | None, *, check_name: bool = True
) -> Loaded:
    """Return the context of a client that trusts `authorities`, the system's if `None`.

    Raises `ConfigurationError`.
    """
    context = _context(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = check_name
    if authorities is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        load_authorities(context, authorities)
    return Loaded(context, None if key_pair is None else _identify(context, key_pair))


def _context(protocol: int) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    # Any certificate of the file is an end of the chain, as Go has it, and Python from 3.13 on.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols([ALPN])
    return context


def _identify(context: ssl.SSLContext, key_pair: KeyPair) -> CertificateExpiry:
    validity = load_key_pair(context, key_pair.certificate, key_pair.key)
    return CertificateExpiry(key_pair.certificate, validity)
