"""Who may call an agent, whom it calls, and what both prove themselves with."""

import os
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from mirastack_sdk._core.settings.address import Address, AddressError
from mirastack_sdk.errors import ConfigurationError

__all__ = ["ClientTls", "Security", "ServerTls", "server_name_problem", "token_problem"]

type PathLike = str | os.PathLike[str]

# What RFC 6750 and HTTP allow in a header's value without quotes, spaces left out.
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTls:
    """TLS on the port that is served.

    `certificate` and `key` are files in PEM, the certificate with its intermediates, the key
    without a passphrase. With `client_ca`, a file of certificates in PEM, only callers that hold a
    certificate of that CA are served (mTLS); with `client_names` only those whose certificate has
    one of these names: a DNS name or a URI among its alternative names, or its common name.

    Files are read again when they change. Raises `ConfigurationError` for names without a CA.
    """

    certificate: PathLike
    key: PathLike
    client_ca: PathLike | None = None
    client_names: Collection[str] = ()

    def __post_init__(self) -> None:
        if isinstance(self.client_names, str):
            raise ConfigurationError("client_names is a collection of names, not one text")
        if self.client_names and self.client_ca is None:
            raise ConfigurationError("client_names needs client_ca: a name proves nothing without")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTls:
    """TLS for the calls that are made.

    `ca` is a file of certificates in PEM that the server's is checked against, the system's if
    `None`. `certificate` and `key` are shown to a server that asks (mTLS). `server_name` is the
    name that the server's certificate must have, the dialled host if `None`.

    Files are read again when they change. Raises `ConfigurationError` for half a pair, and for a
    name that no host can have.
    """

    ca: PathLike | None = None
    certificate: PathLike | None = None
    key: PathLike | None = None
    server_name: str | None = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            there, missing = ("key", "certificate") if self.key else ("certificate", "key")
            raise ConfigurationError(f"{there} needs {missing}: one is of no use without the other")
        problem = None if self.server_name is None else server_name_problem(self.server_name)
        if problem is not None:
            raise ConfigurationError(f"server_name {problem}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """How calls in both directions are protected; what is left out is not.

    `server` is TLS on the port that is served, `client` TLS for the calls that are made. `token` is
    one secret that every caller must bring as `authorization: Bearer <token>`, and that is sent
    with every call; `token_file` is a file that holds it, read again when it changes.

    Raises `ConfigurationError` for both tokens, and for one that no header can carry.
    """

    server: ServerTls | None = None
    client: ClientTls | None = None
    token: str | None = field(default=None, repr=False)
    token_file: PathLike | None = None

    def __post_init__(self) -> None:
        if self.token is not None and self.token_file is not None:
            raise ConfigurationError("token and token_file exclude each other")
        problem = None if self.token is None else token_problem(self.token)
        if problem is not None:
            raise ConfigurationError(f"the token {problem}")

    @property
    def has_token(self) -> bool:
        """Whether calls carry a token."""
        return self.token is not None or self.token_file is not None

    @property
    def authenticates(self) -> bool:
        """Whether a caller must prove who it is; TLS alone does not ask."""
        return self.has_token or (self.server is not None and self.server.client_ca is not None)


def token_problem(token: str) -> str | None:
    """Why a token cannot be used, as the end of a sentence; `None` where it can."""
    if not token:
        return "is empty"
    if not _TOKEN.fullmatch(token):
        return "must be visible ASCII characters without spaces, at most 4096"
    return None


def server_name_problem(name: str) -> str | None:
    """Why no server's certificate is checked for `name`, as the end of a sentence."""
    try:
        address = Address.parse(f"[{name}]:1" if ":" in name else f"{name}:1")
    except AddressError:
        return "is not the name or address of a host, without a port"
    return None if address.host else "is empty"
