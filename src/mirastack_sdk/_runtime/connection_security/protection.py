"""The protection of an agent's connections: the security settings as the wire takes them."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from mirastack_sdk._core.model.plugin_base import ignore
from mirastack_sdk._core.settings.security_options import Security
from mirastack_sdk._core.settings.security_variables import SecurityNames
from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._wire.grpc.request_check import BearerToken
from mirastack_sdk._wire.tls.tls_errors import TlsErrorKind

if TYPE_CHECKING:
    # Only agents with TLS load them.
    from mirastack_sdk._wire.tls.tls_client import ClientSecurity
    from mirastack_sdk._wire.tls.tls_server import ServerSecurity


class Protection(NamedTuple):
    """TLS where the agent listens and where it calls, and a token.

    `remedies` say what to do about each error of TLS where it calls.
    """

    server: "ServerSecurity | None" = None
    client: "ClientSecurity | None" = None
    bearer: BearerToken | None = None
    remedies: Mapping[TlsErrorKind, str] = MappingProxyType({})


NO_PROTECTION = Protection()


def protection(
    security: Security, names: SecurityNames, *, notice: Callable[[Sequence[str]], None] = ignore
) -> Protection:
    """Read the files that `security` names; raises `ConfigurationError`.

    `notice` is called with the tokens as soon as they are read.
    """
    remedies = _remedies(names)
    if security.server is None and security.client is None and not security.has_token:
        return Protection(remedies=remedies)
    from mirastack_sdk._runtime.connection_security.protection_files import (  # noqa: PLC0415 - TLS takes time to load
        bearer_token,
        client_security,
        server_security,
    )

    return Protection(
        server=server_security(security.server, names),
        client=client_security(security.client, names),
        bearer=bearer_token(security.token, security.token_file, names.token_file, notice=notice),
        remedies=remedies,
    )


def _remedies(names: SecurityNames) -> Mapping[TlsErrorKind, str]:
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
