"""TLS on a server's port: who is let in, and what is said of those who are not."""

import asyncio
from collections.abc import Collection

from mirastack_sdk._log import Log, RateLimitedLog
from mirastack_sdk._wire.tls.certificates import is_among, names_in, shown
from mirastack_sdk._wire.tls.pem_files import NamedFile, ReloadedFiles
from mirastack_sdk._wire.tls.tls_contexts import KeyPair, Loaded, server_context
from mirastack_sdk._wire.tls.tls_errors import TlsError, TlsErrorKind
from mirastack_sdk._wire.tls.tls_layer import TlsLayer

_LOG = Log("security")

HANDSHAKE_SECONDS = 10.0


class ServerSecurity:
    """The certificate, the CA and the names that a server goes by; files are heeded as they change.

    `names_setting` is what the operator calls the names. Raises `ConfigurationError` for files that
    cannot be used.
    """

    def __init__(
        self,
        key_pair: KeyPair,
        *,
        client_ca: NamedFile | None = None,
        client_names: Collection[str] = (),
        names_setting: str = "client_names",
        handshake_seconds: float = HANDSHAKE_SECONDS,
    ) -> None:
        files = (*key_pair, *(() if client_ca is None else (client_ca,)))
        self._loaded: ReloadedFiles[Loaded] = ReloadedFiles(
            [file.path for file in files], lambda: server_context(key_pair, client_ca)
        )
        self._client_names = frozenset(client_names)
        self._names_setting = names_setting
        self._handshake_seconds = handshake_seconds
        self._log = RateLimitedLog(_LOG)
        self._layers: set[TlsLayer] = set()

    @property
    def connections(self) -> int:
        """How many sockets are open, those whose handshake is not done among them."""
        return len(self._layers)

    def around(self, inner: asyncio.Protocol) -> asyncio.Protocol:
        """Return what a new connection's socket speaks to, in place of `inner`."""
        loaded = self._loaded.current()
        if loaded.certificate_expiry is not None:
            loaded.certificate_expiry.look()
        layer = TlsLayer(
            inner,
            loaded.context,
            server_name=None,
            handshake_seconds=self._handshake_seconds,
            on_failure=self._on_failure,
            on_lost=self._layers.discard,
        )
        self._layers.add(layer)
        return layer

    def refusal(self, transport: asyncio.BaseTransport) -> str | None:
        """Why nothing of a client is served although its handshake succeeded, or `None`."""
        if not self._client_names:
            return None
        names = names_in(transport.get_extra_info("peercert") or {})
        if is_among(names, self._client_names):
            return None
        self._log.write(
            "names",
            "refused a caller whose certificate is for %s: %s does not name it",
            shown(names),
            self._names_setting,
        )
        return f"the certificate of the caller is for {shown(names)}, who may not call this server"

    def abort(self) -> None:
        """Close every socket at once."""
        for layer in list(self._layers):
            layer.abort()

    def _on_failure(self, layer: TlsLayer, failure: TlsError) -> None:
        if failure.problem is TlsErrorKind.CLOSED:
            # Whoever merely looks whether the port is open does so; no need to speak of it.
            _LOG.debug("%s closed a connection before it was safe", layer.peer_address)
            return
        self._log.write(
            failure.problem.name,
            "refused a connection from %s: %s",
            layer.peer_address,
            failure.describe("the client"),
        )
