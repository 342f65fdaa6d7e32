"""The options of an action."""

import difflib
import functools
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal, Protocol, TypedDict, get_args

from mirastack_sdk._actions.result.truncation import DEFAULT_LIMIT, LEAST_LIMIT
from mirastack_sdk._core.model.declarations import Intents, Permission, RoutingSemantics, Stage
from mirastack_sdk._deferred.dataclasses import dataclass

_LEAST: tuple[tuple[str, tuple[type[float], ...], float, str], ...] = (
    ("timeout", (int, float), sys.float_info.min, "a number of seconds above 0"),
    ("max_concurrency", (int,), 1, "at least 1"),
    ("result_limit", (int,), LEAST_LIMIT, f"at least {LEAST_LIMIT} characters"),
)


type RunIn = Literal["loop", "thread", "process"]
"""Where the function of an action runs."""


class ActionOptions(TypedDict, total=False):
    """The options of an action; everything else comes from its function.

    `name` defaults to the function's name, `description` to its docstring. `permission` and
    `stages` override the agent's. `intents` are phrases that lead to the action, or `IntentPattern`
    objects with a priority. `routing` replaces the routing semantics that are derived from the
    name, the stages, the intents and the description.

    `timeout` is in seconds and includes the wait for other calls. When it expires, the response
    contains the results so far, or the advice to ask for less. At most `max_concurrency` calls run
    at once; others wait. A result of more than `result_limit` characters of JSON is truncated;
    `None` means no limit.

    `run_in` is where the function runs: an asynchronous one on the event loop, a plain one in a
    thread, or in a worker process with `run_in="process"`, which is for functions that compute for
    long: in threads, Python computes on one CPU only, and delays everything else in the agent. Such
    a function is at the top of a module, its arguments can be pickled, and it is stopped by force
    when its time is over.
    """

    name: str
    description: str
    permission: Permission
    stages: Sequence[Stage]
    intents: Intents
    routing: RoutingSemantics
    timeout: float
    max_concurrency: int
    result_limit: int | None
    run_in: RunIn


class ActionDecorator(Protocol):
    """A decorator that leaves the function as it is, its type included."""

    def __call__[Function: Callable[..., object]](self, function: Function, /) -> Function:
        """Make an action of a function."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFunction:
    """The function of an action, with its options."""

    function: Callable[..., object]
    options: ActionOptions

    @property
    def result_limit(self) -> int | None:
        """The maximum length of a result, in characters."""
        return self.options.get("result_limit", DEFAULT_LIMIT)


def checked_function[Function: Callable[..., object]](function: Function) -> Function:
    """The function itself; raises `TypeError` if it cannot be called."""
    given: object = function
    if isinstance(given, classmethod):
        raise TypeError("put @classmethod above @action, not below it")
    if isinstance(given, property | functools.cached_property):
        raise TypeError(f"a {type(given).__name__} cannot be an action: remove that decorator")
    if not callable(given):
        raise TypeError(f"an action must be a function, got {given!r}: pass options by name")
    return function


def unknown_options(given: Iterable[str], known: Collection[str]) -> Iterator[str]:
    """A sentence for each option that does not exist."""
    for name in (name for name in given if name not in known):
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the options are {', '.join(known)}"
        yield f'"{name}" is not an option: {hint}'


def option_errors(options: ActionOptions) -> Iterator[str]:
    """The errors of an action's options, one sentence each."""
    # Type checkers report these mistakes too, but not every author uses one.
    given: Mapping[str, object] = {**options}
    yield from unknown_options(given, ActionOptions.__annotations__)
    for name in ("name", "description"):
        if not isinstance(given.get(name, ""), str):
            yield f"{name} must be text, got {given[name]!r}"
    for name in ("intents", "stages"):
        if isinstance(text := given.get(name), str):
            yield f'{name} must be a list: write ["{text}"]'
    permission = given.get("permission")
    if permission is not None and not isinstance(permission, Permission):
        yield f"permission must be a value such as Permission.READ, got {permission!r}"
    routing = given.get("routing")
    if routing is not None and not isinstance(routing, RoutingSemantics):
        yield f"routing must be a RoutingSemantics object, got {routing!r}"
    run_in = given.get("run_in")
    if run_in is not None and run_in not in get_args(RunIn.__value__):
        yield f'run_in must be "loop", "thread" or "process", got {run_in!r}'
    for name, kinds, least, words in _LEAST:
        amount = given.get(name)
        is_amount = isinstance(amount, kinds) and not isinstance(amount, bool) and amount >= least
        if amount is not None and not is_amount:
            yield f"{name} must be {words}, got {amount!r}"
