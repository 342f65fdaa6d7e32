"""TLS with the server that a channel calls."""

import asyncio
import contextlib
import ssl

from mirastack_sdk._wire.client.call_response import CallLostError
from mirastack_sdk._wire.tls.certificates import names_in, shown
from mirastack_sdk._wire.tls.pem_files import NamedFile, ReloadedFiles
from mirastack_sdk._wire.tls.tls_contexts import KeyPair, Loaded, client_context
from mirastack_sdk._wire.tls.tls_errors import TlsError, TlsErrorKind, speaks_tls
from mirastack_sdk._wire.tls.tls_layer import TlsLayer

HANDSHAKE_SECONDS = 10.0

# How long it may take to find out more about a server that there is no speaking with.
_ASKING_SECONDS = 2.0


class ClientSecurity:
    """What a client trusts and shows; files are heeded as they change.

    `server_name` is the name that the server's certificate must hold, the dialled host if empty,
    and `handshake_seconds` how long a handshake may take.
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
        self._authorities = authorities
        self._key_pair = key_pair
        self.server_name = server_name
        self.handshake_seconds = handshake_seconds

    def around(self, inner: asyncio.Protocol, host: str) -> asyncio.Protocol:
        """Return what a socket to `host` speaks to, in place of `inner`."""
        loaded = self._loaded.current()
        if loaded.certificate_expiry is not None:
            loaded.certificate_expiry.look()
        return TlsLayer(
            inner,
            loaded.context,
            server_name=self._expected(host),
            handshake_seconds=self.handshake_seconds,
        )

    async def named(self, host: str, port: int) -> TlsError:
        """Return the error that says whose certificate it is that has not the right name."""
        names = await self._names_of(host, port)
        held = shown(names) if names else "another name"
        return TlsError(TlsErrorKind.WRONG_NAME, f"{held}, not for {self._expected(host)}")

    def _expected(self, host: str) -> str:
        return (self.server_name or host).removesuffix(".")

    async def _names_of(self, host: str, port: int) -> tuple[str, ...]:
        """Ask a server for its certificate, which must be of a trusted CA; nothing else is said."""
        try:
            context = client_context(self._authorities, self._key_pair, check_name=False).context
            async with asyncio.timeout(_ASKING_SECONDS):
                _, writer = await asyncio.open_connection(
                    host, port, ssl=context, server_hostname=self._expected(host)
                )
        except (OSError, ssl.SSLError):
            return ()
        try:
            return names_in(writer.get_extra_info("peercert") or {})
        finally:
            writer.transport.abort()


async def explained(
    error: CallLostError, tls: ClientSecurity | None, host: str, port: int
) -> CallLostError:
    """Return an error that says more of why a new connection came to nothing, if there is more.

    Most servers that speak TLS leave without a word where somebody speaks plain text to them, and
    a certificate that has the wrong name is not shown to who refuses it: both are asked for anew.
    """
    if tls is None:
        return TlsError(TlsErrorKind.SPEAKS_TLS) if await _answers_in_tls(host, port) else error
    if isinstance(error, TlsError) and error.problem is TlsErrorKind.WRONG_NAME:
        return await tls.named(host, port)
    return error


async def _answers_in_tls(host: str, port: int) -> bool:
    """Say hello in TLS, and no more than that."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    outgoing = ssl.MemoryBIO()
    session = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=host)
    with contextlib.suppress(ssl.SSLWantReadError):
        session.do_handshake()
    try:
        async with asyncio.timeout(_ASKING_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(outgoing.read())
                return speaks_tls(await reader.readexactly(2))
            finally:
                writer.transport.abort()
    except (OSError, EOFError):
        return False
