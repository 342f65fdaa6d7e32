"""Certificates and keys read from PEM files, again when the files change."""

import os
import re
import ssl
from collections.abc import Callable, Sequence
from typing import NamedTuple, NoReturn

from mirastack_sdk._log import Log
from mirastack_sdk._wire.tls.certificates import Validity, validity_in
from mirastack_sdk.errors import ConfigurationError

_LOG = Log("security")

type _Stamp = tuple[int, int, int] | None


class ReloadedFiles[T]:
    """What `make` makes of the files at `paths`.

    `current()` looks whether they have changed since; nothing else does. Files that cannot be used
    leave the value as it was, and are complained of once. The constructor raises what `make` does:
    `ConfigurationError`.
    """

    def __init__(self, paths: Sequence[str], make: Callable[[], T]) -> None:
        self._paths = tuple(paths)
        self._make = make
        # Taken before the files are read: what is written meanwhile is a change.
        self._stamps = self._look()
        self._value = make()

    def current(self) -> T:
        """Return the value that the files stand for now."""
        stamps = self._look()
        if stamps != self._stamps:
            self._stamps = stamps
            try:
                self._value = self._make()
            except ConfigurationError as error:
                _LOG.warning("%s; what was read before stays in use", error)
            else:
                _LOG.info("read again: %s", ", ".join(self._paths))
        return self._value

    def _look(self) -> tuple[_Stamp, ...]:
        return tuple(_stamp(path) for path in self._paths)


def _stamp(path: str) -> _Stamp:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


_KEY = re.compile(r"-----BEGIN (?P<kind>[A-Z ]*)PRIVATE KEY-----")
_DER = b"\x30\x82"
# More is no certificate, key or token, and would be held in memory.
_LARGEST = 4 * 1024 * 1024


class NamedFile(NamedTuple):
    """A file, and what whoever chose it calls that choice."""

    setting: str
    path: str


def read_text(file: NamedFile) -> str:
    """Return what a file holds; raises `ConfigurationError`."""
    try:
        with open(file.path, "rb") as stream:
            data = stream.read(_LARGEST + 1)
    except FileNotFoundError:
        raise ConfigurationError(f"{file.setting}: there is no file {file.path}") from None
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "it is no file"
        raise ConfigurationError(f"{file.setting}: {file.path} cannot be read: {reason}") from error
    if len(data) > _LARGEST:
        raise ConfigurationError(f"{file.setting}: {file.path} is too large to be what it should")
    if data.startswith(_DER):
        raise ConfigurationError(
            f"{file.setting}: {file.path} is DER, give it in PEM (openssl x509 or openssl pkey, "
            "with -inform der)"
        )
    return data.decode("latin-1")


def load_key_pair(context: ssl.SSLContext, certificate: NamedFile, key: NamedFile) -> Validity:
    """Give a context its certificate, and return how long that holds.

    Raises `ConfigurationError` that names the file and what is wrong with it.
    """
    validity = _check_certificate(certificate)
    _check_key(key)
    try:
        # Without a password of ours OpenSSL would ask at the terminal.
        context.load_cert_chain(certificate.path, key.path, password="")
    except (ssl.SSLError, OSError) as error:
        _refuse_key_pair(certificate, key, error)
    return validity


def load_authorities(context: ssl.SSLContext, authorities: NamedFile) -> None:
    """Let a context trust the certificates in a file; raises `ConfigurationError`."""
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
            f"{file.setting}: the key in {file.path} is encrypted, give one without a passphrase "
            "(openssl pkey writes one)"
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
