"""The sockets and handlers of an agent, which processes that its author's code forks must not keep.

A child that keeps them holds the port and the connections after the agent has ended, gets
connections that it never serves, and passes its own signals on to the agent.
"""

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from weakref import WeakSet

_SOCKETS: WeakSet[socket.socket] = WeakSet()
_CALLBACKS: list[Callable[[], object]] = []
# Holds the process if it was forked while there were callbacks.
_FORKED: set[int] = set()


def close_in_children(sock: socket.socket) -> None:
    """Close a socket in each process that is forked from now on."""
    _SOCKETS.add(sock)


@contextmanager
def calling_in_children(callback: Callable[[], object]) -> Iterator[None]:
    """Call `callback` in each process that is forked while this is entered.

    All signals are blocked until then.
    """
    # A forked process may serve an agent of its own.
    _FORKED.clear()
    _CALLBACKS.append(callback)
    try:
        yield
    finally:
        _CALLBACKS.remove(callback)


def end_child(error: SystemExit) -> None:
    """End the process as `sys.exit` asks, if it was forked where `calling_in_children` holds.

    Elsewhere, return: code of the author's that asks its agent to end is not meant to.
    """
    if not _FORKED:
        return
    if error.code is not None and not isinstance(error.code, int):
        # Either is None if it was closed when the process started.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(f"{error.code}\n")
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    code = 0 if error.code is None else error.code
    os._exit(code & 0xFF if isinstance(code, int) else 1)


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
    if _CALLBACKS:
        _FORKED.add(os.getpid())
    for callback in _CALLBACKS:
        callback()
    for sock in list(_SOCKETS):
        # Only the child's descriptor: the connection itself stays, and so does the registration of
        # the event loop, which both processes share.
        # Not `close`, which does nothing while an event loop, such as uvloop, holds the object.
        with contextlib.suppress(OSError):
            os.close(sock.detach())
    _after_fork_in_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
