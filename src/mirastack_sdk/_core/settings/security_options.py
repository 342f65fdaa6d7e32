"""The TLS and token options of an agent, as `serve(security=...)` takes them."""

import os
from collections.abc import Collection
from dataclasses import field

from mirastack_sdk._core.settings.address import Address, AddressError
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._deferred.patterns import deferred_pattern
from mirastack_sdk.errors import ConfigurationError

type PathLike = str | os.PathLike[str]

# Visible ASCII, which RFC 9110 §5.5 allows in the value of a header.
_TOKEN = deferred_pattern(r"[\x21-\x7e]{1,4096}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTls:
    """TLS for the agent's own port.

    `certificate` and `key` are PEM files: the certificate with its intermediates, the key without a
    passphrase. With `client_ca`, a PEM file of CA certificates, callers must present a certificate
    that one of these CAs has issued (mTLS). With `client_names` as well, that certificate must have
    one of these names, as DNS name, URI or common name.

    Files are read again when they change. Raises `ConfigurationError` if `client_names` is given
    without `client_ca`.
    """

    certificate: PathLike
    key: PathLike
    client_ca: PathLike | None = None
    client_names: Collection[str] = ()

    def __post_init__(self) -> None:
        if isinstance(self.client_names, str):
            raise ConfigurationError("client_names must be a collection of names, not one string")
        if self.client_names and self.client_ca is None:
            raise ConfigurationError("client_names needs client_ca, which verifies the names")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTls:
    """TLS for the agent's calls to the engine.

    `ca` is a PEM file of the CA certificates that the engine's certificate is verified against, by
    default the system's. `certificate` and `key` are PEM files that the agent presents if the
    engine asks for a certificate (mTLS). `server_name` is the name that the engine's certificate
    must have, by default the host that is dialled.

    Files are read again when they change. Raises `ConfigurationError` if only one of `certificate`
    and `key` is given, or if `server_name` cannot be the name of a host.
    """

    ca: PathLike | None = None
    certificate: PathLike | None = None
    key: PathLike | None = None
    server_name: str | None = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            there, missing = ("key", "certificate") if self.key else ("certificate", "key")
            raise ConfigurationError(f"{there} needs {missing}: set both or neither")
        error = None if self.server_name is None else server_name_error(self.server_name)
        if error is not None:
            raise ConfigurationError(f"server_name {error}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """The protection of calls in both directions, for `serve(plugin, security=...)`.

    `server` is TLS for the agent's own port, `client` is TLS for its calls to the engine; without
    them, calls are not encrypted. `token` is a shared secret that every caller must send as
    `authorization: Bearer <token>`, and that the agent sends with every call. `token_file` is a
    file that contains the token, read again when it changes.

    Raises `ConfigurationError` if both `token` and `token_file` are given, or if the token contains
    characters that a header cannot carry.
    """

    server: ServerTls | None = None
    client: ClientTls | None = None
    token: str | None = field(default=None, repr=False)
    token_file: PathLike | None = None

    def __post_init__(self) -> None:
        if self.token is not None and self.token_file is not None:
            raise ConfigurationError("token and token_file exclude each other")
        error = None if self.token is None else token_error(self.token)
        if error is not None:
            raise ConfigurationError(f"the token {error}")

    @property
    def has_token(self) -> bool:
        """Whether calls carry a token."""
        return self.token is not None or self.token_file is not None

    @property
    def authenticates(self) -> bool:
        """Whether callers must present a token or a certificate."""
        return self.has_token or (self.server is not None and self.server.client_ca is not None)


def token_error(token: str) -> str | None:
    """Why a token is not valid, as the end of a sentence, or `None`."""
    if not token:
        return "is empty"
    if not _TOKEN.fullmatch(token):
        return "must be visible ASCII characters without spaces, at most 4096"
    return None


def server_name_error(name: str) -> str | None:
    """Why a name is not that of a host, as the end of a sentence, or `None`."""
    try:
        address = Address.parse(f"[{name}]:1" if ":" in name else f"{name}:1")
    except AddressError:
        return "is not the name or address of a host, without a port"
    return None if address.host else "is empty"
