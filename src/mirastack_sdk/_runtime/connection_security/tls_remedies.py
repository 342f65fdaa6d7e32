"""What operators can do about the errors of TLS where the agent calls the engine."""

from collections.abc import Mapping

from mirastack_sdk._core.settings.security_variables import SecurityNames
from mirastack_sdk._wire.tls.tls_errors import TlsErrorKind


def remedies(names: SecurityNames) -> Mapping[TlsErrorKind, str]:
    """What to do about each error; `names` are what the settings are called."""
    shown = f"{names.engine_certificate} and {names.engine_key}"
    return {
        TlsErrorKind.NO_SETTINGS: f"if it requires TLS, set {names.client}",
        TlsErrorKind.SPEAKS_TLS: f"set {names.client}",
        TlsErrorKind.SPEAKS_NO_TLS: f"enable TLS there, or remove {names.client} here",
        TlsErrorKind.LEFT: f"it may require a certificate or reject ours, check {shown}",
        TlsErrorKind.OLD_VERSION: "enable a later version there",
        TlsErrorKind.NO_HTTP2: "the address may belong to an HTTP/1.1 proxy",
        TlsErrorKind.WRONG_NAME: f"set {names.server_name}",
        TlsErrorKind.EXPIRED: "renew it there",
        TlsErrorKind.UNTRUSTED: f"set {names.engine_ca} to the CA that issued it",
        TlsErrorKind.CERTIFICATE_DEMANDED: f"set {shown}",
        TlsErrorKind.CERTIFICATE_REFUSED: f"check {shown}, and the CA that the engine trusts",
    }
