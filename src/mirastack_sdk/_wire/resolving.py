"""Looks up a host's addresses without ever holding up a deadline or the loop's end."""

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import NamedTuple

type _Result = list["Endpoint"] | OSError


class Endpoint(NamedTuple):
    """One address to connect to, as `socket` takes it."""

    family: int
    kind: int
    protocol: int
    address: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]


class Resolver:
    """The addresses of one host and port.

    Each lookup runs in a daemon thread: the system's resolver cannot be interrupted, and the
    loop's own threads are waited for when it ends. Whoever asks while one runs waits for that one,
    so that a resolver which hangs holds one thread.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._running: asyncio.Future[list[Endpoint]] | None = None

    async def endpoints(self) -> list[Endpoint]:
        """Return the addresses in the system's order, looked up anew; raises `OSError`."""
        try:
            return _lookup(self._host, self._port, socket.AI_NUMERICHOST)
        except socket.gaierror:
            # A name, not an address.
            pass
        running = self._running
        if running is None:
            running = self._running = self._start()
        await asyncio.wait((running,))
        return running.result()

    def _start(self) -> asyncio.Future[list[Endpoint]]:
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[list[Endpoint]] = loop.create_future()

        def deliver(result: _Result) -> None:
            self._running = None
            if isinstance(result, OSError):
                outcome.set_exception(result)
                # Whoever asked may have given up meanwhile.
                outcome.exception()
            else:
                outcome.set_result(result)

        thread = threading.Thread(
            target=_work, args=(self._host, self._port, loop, deliver), daemon=True
        )
        thread.name = "mirastack-resolver"
        thread.start()
        return outcome


def _work(
    host: str, port: int, loop: asyncio.AbstractEventLoop, deliver: Callable[[_Result], None]
) -> None:
    result: _Result
    try:
        result = _lookup(host, port)
    except OSError as error:
        result = error
    try:
        loop.call_soon_threadsafe(deliver, result)
    except RuntimeError:
        # The loop has closed meanwhile: nobody waits for this any more.
        return


def _lookup(host: str, port: int, flags: int = 0) -> list[Endpoint]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    except UnicodeError as error:
        # What cannot be a name does not get as far as the resolver.
        raise socket.gaierror(socket.EAI_NONAME, "not a name that can be looked up") from error
    return [
        Endpoint(family=family, kind=kind, protocol=protocol, address=address)
        for family, kind, protocol, _, address in found
    ]
