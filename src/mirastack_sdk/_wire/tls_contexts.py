"""SSL contexts of both roles: what is offered, demanded and checked."""

import ssl
from typing import NamedTuple

from mirastack_sdk._wire.expiry import ExpiryWatch
from mirastack_sdk._wire.pem_files import NamedFile, load_authorities, load_identity
from mirastack_sdk._wire.tls_layer import ALPN

# What HTTP/2 allows of TLS 1.2 (RFC 9113, appendix A); TLS 1.3 has no others.
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"


class Identity(NamedTuple):
    """A certificate with its key."""

    certificate: NamedFile
    key: NamedFile


class Loaded(NamedTuple):
    """A context, and what watches over its certificate if it has one."""

    context: ssl.SSLContext
    expiry: ExpiryWatch | None


def server_context(identity: Identity, client_ca: NamedFile | None) -> Loaded:
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
    return Loaded(context, _identify(context, identity))


def client_context(
    authorities: NamedFile | None, identity: Identity | None, *, check_name: bool = True
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
    return Loaded(context, None if identity is None else _identify(context, identity))


def _context(protocol: int) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    # Any certificate of the file is an end of the chain, as Go has it, and Python from 3.13 on.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols([ALPN])
    return context


def _identify(context: ssl.SSLContext, identity: Identity) -> ExpiryWatch:
    validity = load_identity(context, identity.certificate, identity.key)
    return ExpiryWatch(identity.certificate, validity)
