"""The protection of an agent's connections: the security settings as the wire takes them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mirastack_sdk._core.model.plugin_base import ignore
from mirastack_sdk._core.settings.security_options import Security
from mirastack_sdk._core.settings.security_variables import SecurityNames
from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._wire.grpc.request_check import BearerToken

if TYPE_CHECKING:
    # Only agents with TLS load them.
    from mirastack_sdk._wire.tls.tls_client import ClientSecurity
    from mirastack_sdk._wire.tls.tls_server import ServerSecurity


class Protection(NamedTuple):
    """TLS where the agent listens and where it calls, and a token.

    `names` are what messages call the settings.
    """

    server: "ServerSecurity | None" = None
    client: "ClientSecurity | None" = None
    bearer: BearerToken | None = None
    names: SecurityNames | None = None


NO_PROTECTION = Protection()


def protection(
    security: Security, names: SecurityNames, *, notice: Callable[[Sequence[str]], None] = ignore
) -> Protection:
    """Read the files that `security` names; raises `ConfigurationError`.

    `notice` is called with the tokens as soon as they are read.
    """
    if security.server is None and security.client is None and not security.has_token:
        return Protection(names=names)
    from mirastack_sdk._runtime.connection_security.protection_files import (  # noqa: PLC0415 - TLS takes time to load
        bearer_token,
        client_security,
        server_security,
    )

    return Protection(
        server=server_security(security.server, names),
        client=client_security(security.client, names),
        bearer=bearer_token(security.token, security.token_file, names.token_file, notice=notice),
        names=names,
    )
