"""Exceptions of the author's, on their way from a worker process to the agent."""

import pickle
import traceback
from types import TracebackType

from mirastack_sdk._actions.workers.worker_messages import SentError
from mirastack_sdk._core.model.worker_marks import PROGRAM, PROGRAM_IN_WORKER
from mirastack_sdk._core.redaction.clean import text_of

_OWN_FRAMES = 2


class WorkerTracebackError(Exception):
    """The cause of an exception that was raised in a worker process: its traceback, as text."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f'\n"""\n{self.text}"""'


def sent_error(error: BaseException) -> SentError:
    """The exception as it is sent."""
    kind, pickled = type(error), _pickled(error)
    members = error.exceptions if isinstance(error, BaseExceptionGroup) and not pickled else ()
    return SentError(
        pickled=pickled,
        type_name=kind.__name__,
        module=PROGRAM if kind.__module__ == PROGRAM_IN_WORKER else kind.__module__,
        text=text_of(error),
        traceback=_traceback_of(error),
        members=tuple(map(sent_error, members)),
    )


def received_error(sent: SentError) -> BaseException:
    """The exception in the agent's process, whose cause shows where it was raised.

    One that cannot be pickled is replaced by an exception with its name and text.
    """
    error: BaseException = _unpickled(sent) or _replacement(sent)
    error.__cause__ = WorkerTracebackError(sent.traceback)
    return error


def traceback_text(error: BaseException, frames: TracebackType | None) -> str:
    """An exception and its frames as the agent's process would write them."""
    lines = traceback.format_exception(type(error), error, frames)
    # Python leaves out the name of the program, which is another one there.
    return "".join(lines).replace(f"{PROGRAM_IN_WORKER}.", "")


def _pickled(error: BaseException) -> bytes | None:
    try:
        data = pickle.dumps(error)
        # An exception with a constructor of its own is often written, and then cannot be read.
        return data if isinstance(pickle.loads(data), type(error)) else None  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - an object of the author's
        return None


def _unpickled(sent: SentError) -> BaseException | None:
    if sent.pickled is None:
        return None
    try:
        error: object = pickle.loads(sent.pickled)  # noqa: S301 - from a process of our own
    except Exception:  # noqa: BLE001 - an object of the author's
        return None
    return error if isinstance(error, BaseException) else None


def _replacement(sent: SentError) -> BaseException:
    if sent.members:
        text = sent.text.rpartition(" (")[0]
        return BaseExceptionGroup(text, list(map(received_error, sent.members)))
    kind: type[Exception] = type(sent.type_name, (Exception,), {"__module__": sent.module})
    return kind(sent.text)


def _traceback_of(error: BaseException) -> str:
    try:
        inner = error.__traceback__
        for _ in range(_OWN_FRAMES):
            inner = inner.tb_next if inner and inner.tb_next else inner
        return traceback_text(error, inner)
    except Exception:  # noqa: BLE001 - an exception of the author's
        return f"{type(error).__name__}\n"
