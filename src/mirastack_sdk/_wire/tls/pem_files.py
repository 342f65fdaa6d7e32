"""PEM files with certificates and keys."""

import ssl
from typing import NoReturn

from mirastack_sdk._deferred.patterns import deferred_pattern
from mirastack_sdk._files.named_file import NamedFile, read_file
from mirastack_sdk._wire.tls.certificates import Validity, validity_in
from mirastack_sdk.errors import ConfigurationError

_KEY = deferred_pattern(r"-----BEGIN (?P<kind>[A-Z ]*)PRIVATE KEY-----")
_DER = b"\x30\x82"


def read_text(file: NamedFile) -> str:
    """Return the content of a PEM file; raises `ConfigurationError`."""
    data = read_file(file)
    if data.startswith(_DER):
        raise ConfigurationError(
            f"{file.setting}: {file} is in DER, expected PEM (convert it with openssl x509 or "
            "openssl pkey, -inform der)"
        )
    return data.decode("latin-1")


def load_key_pair(context: ssl.SSLContext, certificate: NamedFile, key: NamedFile) -> Validity:
    """Load a context's own certificate, and return its validity.

    Raises `ConfigurationError` that names the file and what is wrong with it.
    """
    validity = _check_certificate(certificate)
    _check_key(key)
    try:
        # Without a password OpenSSL would prompt for one at the terminal.
        context.load_cert_chain(certificate.path, key.path, password="")
    except (ssl.SSLError, OSError) as error:
        _refuse_key_pair(certificate, key, error)
    return validity


def load_authorities(context: ssl.SSLContext, authorities: NamedFile) -> None:
    """Make a context trust the certificates in a file; raises `ConfigurationError`."""
    _check_certificate(authorities)
    try:
        context.load_verify_locations(authorities.path)
    except (ssl.SSLError, OSError) as error:
        raise ConfigurationError(
            f"{authorities.setting}: the certificates in {authorities.path} cannot be used: "
            f"{_reason(error)}"
        ) from error


def _check_certificate(file: NamedFile) -> Validity:
    text = read_text(file)
    try:
        return validity_in(text)
    except ValueError as error:
        found = "a key and no certificate" if _KEY.search(text) else "no certificate in PEM"
        what = str(error) if "BEGIN CERTIFICATE" in text else f"it holds {found}"
        raise ConfigurationError(f"{file.setting}: {file.path} cannot be used: {what}") from error


def _check_key(file: NamedFile) -> None:
    text = read_text(file)
    found = _KEY.search(text)
    if found is None:
        what = "a certificate and no key" if "BEGIN CERTIFICATE" in text else "no key in PEM"
        raise ConfigurationError(f"{file.setting}: {file.path} cannot be used: it holds {what}")
    if "ENCRYPTED" in found["kind"] or "Proc-Type: 4,ENCRYPTED" in text:
        raise ConfigurationError(
            f"{file.setting}: the key in {file.path} is encrypted, expected one without a "
            "passphrase (openssl pkey writes one)"
        )


def _refuse_key_pair(certificate: NamedFile, key: NamedFile, error: OSError) -> NoReturn:
    if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
        raise ConfigurationError(
            f"{key.setting}: the key in {key.path} does not belong to the certificate in "
            f"{certificate.path} ({certificate.setting})"
        ) from error
    raise ConfigurationError(
        f"{certificate.setting}, {key.setting}: the certificate in {certificate.path} and the key "
        f"in {key.path} cannot be used: {_reason(error)}"
    ) from error


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    return "OpenSSL cannot read it"
