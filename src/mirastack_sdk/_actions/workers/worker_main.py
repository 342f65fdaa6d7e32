"""The program of a worker process: it runs one call after the other, until the agent ends it."""

import contextlib
import functools
import importlib
import importlib.util
import os
import pickle
import queue
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextvars import copy_context
from multiprocessing.connection import Connection
from operator import attrgetter

from mirastack_sdk._actions.result.json_encoding import Json, json_value
from mirastack_sdk._actions.result.table_values import is_data
from mirastack_sdk._actions.result.truncation import truncated
from mirastack_sdk._actions.signature.dependencies import SourceFinder
from mirastack_sdk._actions.signature.signatures import Signature, read_signature
from mirastack_sdk._actions.workers.call_pickling import unpickled_arguments
from mirastack_sdk._actions.workers.forwarded_logs import LogLevels, forward_logs
from mirastack_sdk._actions.workers.sent_errors import sent_error
from mirastack_sdk._actions.workers.worker_messages import (
    Answer,
    CallOrder,
    FunctionName,
    Order,
    Outcome,
    Partial,
    Ready,
    Written,
)
from mirastack_sdk._actions.workers.worker_values import CURRENT_NOTES, CallNotes
from mirastack_sdk._core.model.execution import ExecuteResponse
from mirastack_sdk._log import logged_call
from mirastack_sdk.errors import WorkerError

_STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


def work(connection: Connection, levels: LogLevels) -> None:
    """Run the calls that come through `connection`, until the agent says to end or has ended."""
    _leave_signals_to_agent()
    _leave_standard_streams_to_agent()
    outbox = _Outbox(connection)
    levels.apply()
    forward_logs(outbox.send)
    orders = queue.SimpleQueue[Order]()
    threading.Thread(
        target=_receive, args=(connection, orders), name="mirastack-orders", daemon=True
    ).start()
    outbox.send(Ready())
    while isinstance(order := orders.get(), CallOrder):
        # A context of its own: what a call sets, the next one does not see.
        outbox.send_outcome(copy_context().run(_outcome, order, outbox, orders))


class _Outbox:
    """Sends to the agent, from any thread."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def send(self, message: Answer) -> None:
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        # An agent that has ended needs nothing more; the thread that reads ends this process.
        with self._lock, contextlib.suppress(OSError):
            self._connection.send_bytes(data)

    def send_outcome(self, outcome: Outcome) -> None:
        try:
            self.send(outcome)
        except Exception as error:  # noqa: BLE001 - a response of the author's that cannot be pickled
            self.send(Outcome(error=sent_error(error)))


def _receive(connection: Connection, orders: "queue.SimpleQueue[Order]") -> None:
    """Take the agent's orders; end this process, and what it has started, with the agent."""
    while True:
        try:
            order: Order = pickle.loads(connection.recv_bytes())  # noqa: S301 - from the agent, and nobody else
        except (EOFError, OSError):
            end_group(os.getpid())
            os._exit(1)
        orders.put(order)


def end_group(pid: int) -> None:
    """Kill a worker process and the processes that it has started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


def _leave_signals_to_agent() -> None:
    """Ignore the signals that stop an agent, which also reach its group: it ends its workers.

    A handler, unlike SIG_IGN, is not passed on to programs that the author's code starts.
    """
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    numbers = [getattr(signal, name) for name in _STOP_SIGNALS if hasattr(signal, name)]
    for number in numbers:
        signal.signal(number, lambda *_: None)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)


def _leave_standard_streams_to_agent() -> None:
    """Lead standard output to standard error, and read nothing, nor let programs read.

    The agent's output carries its port; MCP clients send their calls to its input.
    """
    sys.stdout = sys.stderr
    with contextlib.suppress(OSError):
        os.dup2(2, 1)
        # `multiprocessing` has only replaced sys.stdin.
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)


def _outcome(order: CallOrder, outbox: _Outbox, orders: "queue.SimpleQueue[Order]") -> Outcome:
    notes = CallNotes(outbox.send)
    CURRENT_NOTES.set(notes)
    try:
        with logged_call(order.logged_as):
            return _run(order, outbox, orders)
    except BaseException as error:  # noqa: BLE001 - the author's code, whatever it raises
        return Outcome(error=sent_error(error))
    finally:
        notes.end()


def _run(order: CallOrder, outbox: _Outbox, orders: "queue.SimpleQueue[Order]") -> Outcome:
    function, signature = _loaded(order.function)
    returned = function(**unpickled_arguments(order.action, order.arguments))
    limit = order.result_limit
    if isinstance(returned, ExecuteResponse):
        return Outcome(returned)
    if isinstance(returned, Generator):
        value: Json = list(_published(returned, signature, limit, outbox, orders))
    elif isinstance(returned, Iterator) and is_data(returned):
        value = json_value(list(returned), signature.result_form)
    else:
        value = json_value(returned, signature.result_form)
    cut = truncated(value, limit)
    return Outcome(Written(cut.text, cut.notes))


def _published(
    items: Generator[object],
    signature: Signature,
    limit: int | None,
    outbox: _Outbox,
    orders: "queue.SimpleQueue[Order]",
) -> Iterator[Json]:
    """The items as JSON; each is published before the generator goes on."""
    with contextlib.closing(items):
        for item in items:
            value = json_value(item, signature.item_form)
            outbox.send(Partial(truncated(value, limit).text))
            yield value
            orders.get()  # GoOn: in the middle of a call, the agent would kill this process


@functools.cache
def _loaded(name: FunctionName) -> tuple[Callable[..., object], Signature]:
    """The function of a name, and its signature, which says in which form results are written."""
    try:
        function = _imported(name)
    except BaseException as error:
        raise WorkerError(
            f"{name.module}.{name.qualname} cannot be imported in a worker process: {error}",
            reason="not_importable",
        ) from error
    # Its errors were found in the agent's process.
    return function, read_signature(function, SourceFinder((), []), [])


def _imported(name: FunctionName) -> Callable[..., object]:
    try:
        module = importlib.import_module(name.module)
    except ModuleNotFoundError as error:
        if error.name != name.module or not name.file:
            raise
        # A file that was loaded as a module, and is not on the path.
        spec = importlib.util.spec_from_file_location(name.module, name.file)
        if spec is None or spec.loader is None:
            raise
        module = sys.modules[name.module] = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name.module]
            raise
    found: Callable[..., object] = attrgetter(name.qualname)(module)
    return found
