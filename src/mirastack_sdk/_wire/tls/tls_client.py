"""The client's side of TLS: what it trusts, what it presents, and which name it expects."""

import asyncio

from mirastack_sdk._files.named_file import NamedFile
from mirastack_sdk._files.reloaded_files import ReloadedFiles
from mirastack_sdk._wire.tls.tls_contexts import KeyPair, Loaded, client_context
from mirastack_sdk._wire.tls.tls_layer import HANDSHAKE_SECONDS, TlsLayer


class ClientSecurity:
    """The CAs a client trusts and the certificate it presents; changed files are read again.

    `server_name` is the name that the server's certificate must hold, the dialled host if empty.
    Raises `ConfigurationError` for files that cannot be used.
    """

    def __init__(
        self,
        *,
        authorities: NamedFile | None = None,
        key_pair: KeyPair | None = None,
        server_name: str = "",
        handshake_seconds: float = HANDSHAKE_SECONDS,
    ) -> None:
        files = (*(key_pair or ()), *(() if authorities is None else (authorities,)))
        self._loaded: ReloadedFiles[Loaded] = ReloadedFiles(
            [file.path for file in files], lambda: client_context(authorities, key_pair)
        )
        self.server_name = server_name
        self.handshake_seconds = handshake_seconds

    def wrap(self, inner: asyncio.Protocol, host: str) -> asyncio.Protocol:
        """Return the protocol for a socket to `host` that carries `inner` over TLS."""
        return TlsLayer(
            inner,
            self._loaded.current().checked_context(),
            server_name=(self.server_name or host).removesuffix("."),
            handshake_seconds=self.handshake_seconds,
        )
