"""The making of one connection: look the host up, dial it, wait for the server's settings."""

import asyncio
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from mirastack_sdk._wire.client.call_errors import CallLostError, Loss, WrongServerError
from mirastack_sdk._wire.client.client_connection import ClientConnection
from mirastack_sdk._wire.socket.dialing import Resolver, dial, reason_of
from mirastack_sdk._wire.socket.protocol import stream_transport
from mirastack_sdk._wire.tls.tls_errors import TlsError

if TYPE_CHECKING:
    # Only agents with TLS load it.
    from mirastack_sdk._wire.tls.tls_client import ClientSecurity

type OpenTransport = Callable[[asyncio.Protocol], asyncio.Transport]
"""Connects a protocol to a server of this process; raises `OSError` where none accepts it."""


class Connector:
    """Connects to `host:port` within `timeout` seconds, plus the time for a TLS handshake.

    `source` names the setting that the address comes from, for error messages. Nothing is
    dialled where `open_transport` connects, and the address is only a name then.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        timeout: float,
        source: str,
        tls: "ClientSecurity | None",
        open_transport: OpenTransport | None = None,
    ) -> None:
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._host = host
        self._resolver = Resolver(host, port)
        self._timeout = timeout
        self._source = source
        self._tls = tls
        self._open_transport = open_transport

    async def connect(self, new: Callable[[], ClientConnection]) -> ClientConnection:
        """Return a connection that takes calls.

        Raises `CallLostError` where there is none, `TlsError` where TLS is the reason, and
        `WrongServerError` where the server does not speak HTTP/2.
        """
        try:
            sock = await self._dialled() if self._open_transport is None else None
            return await self._settled(new, sock)
        except TlsError:
            raise
        except WrongServerError as error:
            text = f"{self.address}: {error}; check {self._source}"
            raise WrongServerError(text) from error
        except OSError as error:
            loss = error.loss if isinstance(error, CallLostError) else Loss.NEVER_SENT
            raise CallLostError(f"{self.address}: {reason_of(error)}", loss) from error

    async def _dialled(self) -> socket.socket:
        try:
            async with asyncio.timeout(self._timeout):
                return await dial(await self._resolver.endpoints())
        except TimeoutError as error:
            text = f"no connection within {self._timeout:g} s"
            raise CallLostError(text, Loss.UNHEARD) from error

    async def _settled(
        self, new: Callable[[], ClientConnection], sock: socket.socket | None
    ) -> ClientConnection:
        """Return a connection whose server has sent its settings (RFC 9113 §3.4)."""
        timeout = self._timeout
        try:
            connection = new()
            protocol: asyncio.Protocol = connection
            if self._tls is not None:
                protocol = self._tls.wrap(connection, self._host)
                timeout += self._tls.handshake_seconds
            transport = await self._transport(protocol, sock)
        except BaseException:
            if sock is not None:
                # No transport closes it.
                sock.close()
            raise
        try:
            await asyncio.wait((connection.ready,), timeout=timeout)
            if not connection.ready.done():
                connection.lose(f"no HTTP/2 settings within {timeout:g} s")
            connection.ready.result()
        except BaseException:
            # Also if the settings have come at the moment of the cancellation.
            stream_transport(transport).abort()
            raise
        return connection

    async def _transport(
        self, protocol: asyncio.Protocol, sock: socket.socket | None
    ) -> asyncio.BaseTransport:
        if self._open_transport is not None:
            return self._open_transport(protocol)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(lambda: protocol, sock=sock)
        return transport
