"""An author's function that the agent calls by itself, outside of any execution."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from mirastack_sdk._actions.annotations import place_of
from mirastack_sdk._actions.author import call
from mirastack_sdk._actions.injection import CallScope
from mirastack_sdk._actions.resources import Generation
from mirastack_sdk._actions.sources import RangeOf, RequestPart, Source, SourceFinder

__all__ = ["Hook", "read_hook"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A function, and what it is given."""

    function: Callable[..., object]
    injected: Mapping[str, Source]

    async def run(self, generation: Generation) -> None:
        """Call the function; what it raises is raised."""
        async with AsyncExitStack() as stack:
            scope = CallScope(None, generation, stack)
            await call(self.function, await scope.fill(self.injected))


def read_hook(
    function: Callable[..., object], what: str, finder: SourceFinder, faults: list[str]
) -> Hook:
    """What a function needs; `what` it is, a fault says of one that needs an execution."""
    injected = finder.arguments_of(function)
    faults += [
        f'{place_of(function)}: "{name}" belongs to an execution, and {what} is none'
        for name, source in injected.items()
        if _needs_request(source)
    ]
    return Hook(function=function, injected=injected)


def _needs_request(source: Source) -> bool:
    """Whether there must be an execution for a source to be filled."""
    if isinstance(source, RequestPart | RangeOf):
        return True
    arguments = getattr(source, "arguments", {})
    return any(_needs_request(argument) for argument in arguments.values())
