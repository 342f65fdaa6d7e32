"""PEM files with certificates and keys, read again when they change."""

import os
import ssl
from collections.abc import Callable, Sequence
from typing import NoReturn

from mirastack_sdk._log import Log
from mirastack_sdk._named_tuples import NamedTuple
from mirastack_sdk._patterns import late_pattern
from mirastack_sdk._wire.tls.certificates import Validity, validity_in
from mirastack_sdk.errors import ConfigurationError

_LOG = Log("security")

_KEY = late_pattern(r"-----BEGIN (?P<kind>[A-Z ]*)PRIVATE KEY-----")
_DER = b"\x30\x82"
# A larger file is no certificate, key or token, and would be held in memory.
_MAX_SIZE = 4 * 1024 * 1024

type _Stamp = tuple[int, int, int] | None


class ReloadedFiles[T]:
    """The value that `make` returns for the files at `paths`.

    Only `current()` checks whether they have changed. Files that cannot be used leave the value as
    it was, with one warning. The constructor raises what `make` raises: `ConfigurationError`.
    """

    def __init__(self, paths: Sequence[str], make: Callable[[], T]) -> None:
        self._paths = tuple(paths)
        self._make = make
        # Taken before the files are read, so that a write in between counts as a change.
        self._stamps = self._look()
        self._value = make()

    def current(self) -> T:
        """Return the value for the files as they are now."""
        stamps = self._look()
        if stamps != self._stamps:
            self._stamps = stamps
            try:
                self._value = self._make()
            except ConfigurationError as error:
                _LOG.warning("%s; the previous content stays in use", error)
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


class NamedFile(NamedTuple):
    """A file, with the name of the setting that it comes from."""

    setting: str
    path: str


def read_text(file: NamedFile) -> str:
    """Return a file's content; raises `ConfigurationError`."""
    try:
        with open(file.path, "rb") as stream:
            data = stream.read(_MAX_SIZE + 1)
    except FileNotFoundError:
        raise ConfigurationError(f"{file.setting}: there is no file {file.path}") from None
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "it is no file"
        raise ConfigurationError(f"{file.setting}: {file.path} cannot be read: {reason}") from error
    if len(data) > _MAX_SIZE:
        raise ConfigurationError(
            f"{file.setting}: {file.path} is larger than {_MAX_SIZE >> 20} MiB"
        )
    if data.startswith(_DER):
        raise ConfigurationError(
            f"{file.setting}: {file.path} is in DER, expected PEM (convert it with openssl x509 or "
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
