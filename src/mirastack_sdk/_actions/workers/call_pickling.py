"""Arguments of a call, pickled for a worker process of the agent's own.

A pickle is never stored: it crosses a pipe that only the two processes have. So a `Secret`, which
refuses to be pickled, may cross it.
"""

import io
import pickle
from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType

from mirastack_sdk._actions.workers.worker_values import read_only, rebuilt_context, rebuilt_logs
from mirastack_sdk._core.model.context import Context
from mirastack_sdk._core.model.engine_api import EngineClient
from mirastack_sdk._core.model.execution import Logs
from mirastack_sdk._core.model.secret import Secret
from mirastack_sdk._text import one_line
from mirastack_sdk.errors import WorkerError

_SHOWN_CHARACTERS = 200

type _Reduced = tuple[Callable[..., object], tuple[object, ...]]


class _CallPickler(pickle.Pickler):
    """Pickles what belongs to a call, too: secrets, its context and its logs."""

    def reducer_override(self, obj: object) -> _Reduced:
        match obj:
            case Secret():
                return Secret, (obj.reveal(),)
            case MappingProxyType():
                return read_only, (dict(obj),)
            case Context():
                return rebuilt_context, (_context_values(obj),)
            case Logs():
                return rebuilt_logs, (list(obj),)
            case EngineClient():
                raise pickle.PicklingError("an engine client works in the agent's process only")
            case _:
                return NotImplemented  # type: ignore[no-any-return] # as pickle has it


def pickled_arguments(action: str, arguments: Mapping[str, object]) -> dict[str, bytes]:
    """The arguments of a call; raises `WorkerError` that names one that cannot be pickled."""
    pickled: dict[str, bytes] = {}
    for name, value in arguments.items():
        try:
            pickled[name] = _pickled(value)
        except Exception as error:
            raise _cannot_pass(action, name, error) from error
    return pickled


def unpickled_arguments(action: str, arguments: Mapping[str, bytes]) -> dict[str, object]:
    """The arguments of a call in the worker process; raises as `pickled_arguments` does."""
    values: dict[str, object] = {}
    for name, data in arguments.items():
        try:
            values[name] = pickle.loads(data)  # noqa: S301 - from the agent
        except Exception as error:
            raise _cannot_pass(action, name, error) from error
    return values


def _pickled(value: object) -> bytes:
    data = io.BytesIO()
    _CallPickler(data, pickle.HIGHEST_PROTOCOL).dump(value)
    return data.getvalue()


def _cannot_pass(action: str, name: str, error: Exception) -> WorkerError:
    reason = one_line(str(error) or type(error).__name__, _SHOWN_CHARACTERS)
    return WorkerError(
        f'{action}: "{name}" cannot be passed to a worker process ({reason}): pass what can be '
        "pickled, such as plain data and instances of classes at the top of a module",
        reason="not_picklable",
    )


def _context_values(context: Context) -> dict[str, object]:
    names = [one.name for one in fields(context) if not one.name.startswith("_")]
    return {name: getattr(context, name) for name in names}
