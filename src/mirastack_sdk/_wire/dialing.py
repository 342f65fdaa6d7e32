"""Connects to whichever of a host's addresses answers first (RFC 8305, "happy eyeballs")."""

import asyncio
import errno
import os
import socket
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from mirastack_sdk._wire.resolving import Endpoint

# How long an address is tried alone before the next one joins in.
_HEAD_START = 0.25


async def dial(endpoints: Sequence[Endpoint], *, head_start: float = _HEAD_START) -> socket.socket:
    """Return a connected socket to one of `endpoints`; raises `OSError` where none takes us.

    An address that fails makes room for the next at once. Cancelling ends every attempt.
    """
    attempts: set[asyncio.Task[socket.socket]] = set()
    failures: list[str] = []
    waiting = list(_by_turns(endpoints))
    try:
        while waiting or attempts:
            if waiting:
                attempts.add(asyncio.create_task(_connected(waiting.pop(0))))
            done, attempts = await asyncio.wait(
                attempts,
                timeout=head_start if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            winner = _winner(done, failures)
            if winner is not None:
                return winner
    finally:
        for attempt in attempts:
            attempt.cancel()
            attempt.add_done_callback(_discard)
    raise OSError("; ".join(dict.fromkeys(failures)) or "the host has no addresses")


def reason_of(error: OSError) -> str:
    """Say why, without the address that asyncio and sockets add to it."""
    if isinstance(error, socket.gaierror) or error.errno is None:
        return error.strerror or str(error) or type(error).__name__
    return os.strerror(error.errno)


def _by_turns(endpoints: Sequence[Endpoint]) -> Iterator[Endpoint]:
    """Let the families take turns, the resolver's first one beginning."""
    families: dict[int, list[Endpoint]] = {}
    for endpoint in endpoints:
        families.setdefault(endpoint.family, []).append(endpoint)
    for turn in zip_longest(*families.values()):
        yield from (endpoint for endpoint in turn if endpoint is not None)


async def _connected(endpoint: Endpoint) -> socket.socket:
    sock = socket.socket(endpoint.family, endpoint.kind, endpoint.protocol)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, endpoint.address)
        if sock.getsockname() == sock.getpeername():
            # Nobody listens, and the port we were given is the very one that we dial.
            raise ConnectionRefusedError(errno.ECONNREFUSED, "connected to itself")  # noqa: TRY301 - the socket is closed below
    except BaseException:
        sock.close()
        raise
    return sock


def _winner(done: set[asyncio.Task[socket.socket]], failures: list[str]) -> socket.socket | None:
    """Take the first that has connected, close any other, and keep why the rest has not."""
    winner: socket.socket | None = None
    for attempt in done:
        error = attempt.exception()
        if error is None:
            if winner is not None:
                winner.close()
            winner = attempt.result()
        elif isinstance(error, OSError):
            failures.append(reason_of(error))
        else:
            raise error
    return winner


def _discard(attempt: asyncio.Task[socket.socket]) -> None:
    """Close what a cancelled attempt may have connected all the same."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()
