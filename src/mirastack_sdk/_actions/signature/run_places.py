"""Where the function of an action may run: on the event loop, in a thread or in a process."""

import sys
from collections.abc import Callable, Iterator, Mapping

from mirastack_sdk._actions.signature.dependencies import RequestPart, Source
from mirastack_sdk._actions.signature.function_kinds import is_asynchronous

_NOT_IN_PROCESS: Mapping[str, str] = {
    "engine_client": (
        '"{name}" calls the engine over the connection of the agent\'s process: call it in a '
        "factory of Depends(...), which runs there, and pass on what the call returns"
    ),
    "request": (
        '"{name}" holds the engine client, which works in the agent\'s process only: take what the '
        "action needs of it as parameters, a TimeRange or a Context"
    ),
}


def run_in_errors(
    function: Callable[..., object], run_in: str | None, injected: Mapping[str, Source]
) -> Iterator[str]:
    """A sentence for each reason why a function cannot run where its option says."""
    is_async = is_asynchronous(function)
    if is_async and run_in in {"thread", "process"}:
        yield (
            f'run_in="{run_in}" needs a plain function, and this one is asynchronous, which runs '
            "on the event loop: write def in place of async def, or remove the option"
        )
    elif run_in == "loop" and not is_async:
        yield (
            'run_in="loop" needs async def: a plain function would hold up everything else in the '
            "agent"
        )
    elif run_in == "process":
        if reason := _not_importable(function):
            yield f'run_in="process" needs a function that can be imported by its name: {reason}'
        for name, source in injected.items():
            if isinstance(source, RequestPart) and source.part in _NOT_IN_PROCESS:
                sentence = _NOT_IN_PROCESS[source.part].format(name=name)
                yield f'run_in="process" cannot pass everything to a worker process: {sentence}'


def _not_importable(function: Callable[..., object]) -> str:
    """Why a worker process would not find a function, and what to do; empty if it would."""
    qualname: str = getattr(function, "__qualname__", "")
    owner: object = getattr(function, "__self__", None)
    if owner is not None and not isinstance(owner, type):
        return (
            "a method belongs to an object of the agent's process: make it a @staticmethod, or a "
            "function at the top of the module"
        )
    if not qualname or "<" in qualname:
        return "define it with def at the top of its module"
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    if module is None or (module.__name__ == "__main__" and not hasattr(module, "__file__")):
        return "put it into a file, since a worker process cannot import what was typed in"
    found: object = module
    for part in qualname.split("."):
        found = getattr(found, part, None)
    if found != function:
        return (
            f"{module.__name__}.{qualname} is something else: put @agent.action above the other "
            "decorators, and define no other function of that name"
        )
    return ""
