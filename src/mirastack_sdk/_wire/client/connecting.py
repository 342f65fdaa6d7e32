"""Makes one connection: looks the host up, dials it, waits until the server introduces itself."""

import asyncio
import socket
from collections.abc import Callable

from mirastack_sdk._wire.client.call_response import CallLostError, Loss, WrongServerError
from mirastack_sdk._wire.client.client_connection import ClientConnection
from mirastack_sdk._wire.socket.dialing import Resolver, dial, reason_of
from mirastack_sdk._wire.tls.tls_client import ClientSecurity, explained
from mirastack_sdk._wire.tls.tls_errors import TlsError


class Connector:
    """Connects to `host:port` within `timeout` seconds, and what a handshake of `tls` may take.

    `source` is where the address comes from, for errors that say what to check.
    """

    def __init__(
        self, host: str, port: int, *, timeout: float, source: str, tls: ClientSecurity | None
    ) -> None:
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._host = host
        self._port = port
        self._resolver = Resolver(host, port)
        self._timeout = timeout
        self._source = source
        self._tls = tls
        # What was found out of a server that leaves without a word: it is asked once an outage.
        self._in_tls: TlsError | None = None
        self._was_asked = False

    async def connect(self, new: Callable[[], ClientConnection]) -> ClientConnection:
        """Return a connection that takes calls.

        Raises `CallLostError` where there is none, `TlsError` where that is for want of TLS, and
        `WrongServerError` where something else answers.
        """
        try:
            connection = await self._introduced(new, await self._dialled())
        except TlsError:
            raise
        except WrongServerError as error:
            text = f"{self.address}: {error}; check {self._source}"
            raise WrongServerError(text) from error
        except OSError as error:
            loss = error.loss if isinstance(error, CallLostError) else Loss.NEVER_SENT
            raise CallLostError(f"{self.address}: {reason_of(error)}", loss) from error
        self._was_asked, self._in_tls = False, None
        return connection

    async def _dialled(self) -> socket.socket:
        try:
            async with asyncio.timeout(self._timeout):
                return await dial(await self._resolver.endpoints())
        except TimeoutError as error:
            text = f"no connection within {self._timeout:g} s"
            raise CallLostError(text, Loss.NEVER_SENT) from error

    async def _introduced(
        self, new: Callable[[], ClientConnection], sock: socket.socket
    ) -> ClientConnection:
        loop, patience = asyncio.get_running_loop(), self._timeout
        connection = new()
        protocol: asyncio.Protocol = connection
        if self._tls is not None:
            protocol = self._tls.around(connection, self._host)
            patience += self._tls.handshake_seconds
        transport, _ = await loop.create_connection(lambda: protocol, sock=sock)
        is_decided = False
        try:
            await asyncio.wait((connection.ready,), timeout=patience)
            is_decided = connection.ready.done()
        finally:
            if not is_decided:
                connection.lose(f"it has not introduced itself within {patience:g} s")
                transport.abort()
        try:
            connection.ready.result()
        except CallLostError as error:
            transport.abort()
            if not is_decided:
                raise
            raise await self._explained(error) from error
        return connection

    async def _explained(self, error: CallLostError) -> CallLostError:
        if self._tls is not None:
            return await explained(error, self._tls, self._host, self._port)
        if not self._was_asked and not isinstance(error, TlsError):
            self._was_asked = True
            found = await explained(error, None, self._host, self._port)
            self._in_tls = found if isinstance(found, TlsError) else None
        return self._in_tls or error
