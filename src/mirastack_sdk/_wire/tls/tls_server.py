"""The server's side of TLS: its certificate, the clients it accepts, and the log of the others."""

import asyncio
from collections.abc import Collection

from mirastack_sdk._files.named_file import NamedFile
from mirastack_sdk._files.reloaded_files import ReloadedFiles
from mirastack_sdk._log import Log, RateLimitedLog
from mirastack_sdk._wire.tls.certificates import is_among, names_in, shown
from mirastack_sdk._wire.tls.tls_contexts import KeyPair, Loaded, server_context
from mirastack_sdk._wire.tls.tls_errors import TlsError, TlsErrorKind
from mirastack_sdk._wire.tls.tls_layer import HANDSHAKE_SECONDS, TlsLayer

_LOG = Log("security")


class ServerSecurity:
    """The certificate, client CA and client names of a server; changed files are read again.

    `names_setting` names the setting of the client names, for the log. Raises `ConfigurationError`
    for files that cannot be used.
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
        # Handshakes whose client has sent nothing yet, and those that go on; the oldest first.
        self._silent: dict[TlsLayer, None] = {}
        self._begun: dict[TlsLayer, None] = {}
        # Those that have failed, whose client may still read the alert.
        self._failed: dict[TlsLayer, None] = {}

    @property
    def sockets(self) -> int:
        """How many sockets are open, including those in the middle of a handshake."""
        return len(self._layers)

    @property
    def handshakes(self) -> int:
        """How many sockets are in the middle of a handshake, or at the end of a failed one."""
        return len(self._silent) + len(self._begun) + len(self._failed)

    def drop_handshake(self) -> None:
        """Close the oldest that has failed, else the oldest silent one or one that has begun.

        Of the latter two, one of those that are more.
        Strangers make one kind the larger one, and their own sockets are closed then: a client that
        is new is not closed because all others have sent some bytes, nor one that goes on because
        many say nothing.
        """
        kind = self._failed or max(self._silent, self._begun, key=len)
        oldest = next(iter(kind))
        del kind[oldest]
        oldest.abort()

    def wrap(self, inner: asyncio.Protocol) -> asyncio.Protocol:
        """Return the protocol for a new socket that carries `inner` over TLS."""
        layer = TlsLayer(
            inner,
            self._loaded.current().checked_context(),
            server_name=None,
            handshake_seconds=self._handshake_seconds,
            on_error=self._on_error,
            on_begin=self._begin_handshake,
            on_open=self._end_handshake,
            on_lost=self._forget,
        )
        self._layers.add(layer)
        self._silent[layer] = None
        return layer

    def refusal(self, transport: asyncio.BaseTransport) -> str | None:
        """Why a client is refused although its handshake succeeded, or `None`."""
        if not self._client_names:
            return None
        names = names_in(transport.get_extra_info("peercert") or {})
        if is_among(names, self._client_names):
            return None
        self._log.write(
            "names",
            "refused a caller whose certificate is for %s: %s does not list it",
            shown(names),
            self._names_setting,
        )
        return f"the caller's certificate is for {shown(names)}, who may not call this server"

    def abort(self) -> None:
        """Close every socket at once."""
        for layer in list(self._layers):
            layer.abort()

    def _begin_handshake(self, layer: TlsLayer) -> None:
        del self._silent[layer]
        self._begun[layer] = None

    def _end_handshake(self, layer: TlsLayer) -> None:
        self._silent.pop(layer, None)
        self._begun.pop(layer, None)
        self._failed.pop(layer, None)

    def _forget(self, layer: TlsLayer) -> None:
        self._layers.discard(layer)
        self._end_handshake(layer)

    def _on_error(self, layer: TlsLayer, error: TlsError) -> None:
        if layer in self._begun:
            del self._begun[layer]
            self._failed[layer] = None
        if error.kind is TlsErrorKind.CLOSED:
            # Health checks of the port do that all the time.
            _LOG.debug("%s closed a connection during the handshake", layer.peer_address)
            return
        self._log.write(
            error.kind.name,
            "refused a connection from %s: %s",
            layer.peer_address,
            error.describe("the client"),
        )
