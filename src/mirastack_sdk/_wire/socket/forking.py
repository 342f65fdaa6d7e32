"""The sockets and handlers of an agent, which processes that its author's code forks must not keep.

A child that keeps them holds the port and the connections after the agent has ended, gets
connections that it never serves, and passes its own signals on to the agent.
"""

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from weakref import WeakSet

_SOCKETS: WeakSet[socket.socket] = WeakSet()
_CALLBACKS: list[Callable[[], object]] = []


def close_in_children(sock: socket.socket) -> None:
    """Close a socket in each process that is forked from now on."""
    _SOCKETS.add(sock)


@contextmanager
def calling_in_children(callback: Callable[[], object]) -> Iterator[None]:
    """Call `callback` in each process that is forked while this is entered.

    All signals are blocked until then.
    """
    _CALLBACKS.append(callback)
    try:
        yield
    finally:
        _CALLBACKS.remove(callback)


class _Mask(threading.local):
    """The signals that were blocked in the thread that forks."""

    def __init__(self) -> None:
        self.previous: set[signal.Signals | int] | None = None


_MASK = _Mask()


def _before_fork() -> None:
    # A signal that reaches a child before its handlers are replaced would be the agent's.
    if _CALLBACKS:
        _MASK.previous = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def _after_fork_in_parent() -> None:
    previous, _MASK.previous = _MASK.previous, None
    if previous is not None:
        signal.pthread_sigmask(signal.SIG_SETMASK, previous)


def _after_fork_in_child() -> None:
    for callback in _CALLBACKS:
        callback()
    for sock in list(_SOCKETS):
        # Only the child's descriptor: the connection itself stays, and so does the registration of
        # the event loop, which both processes share.
        with contextlib.suppress(OSError):
            sock.close()
    _after_fork_in_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
