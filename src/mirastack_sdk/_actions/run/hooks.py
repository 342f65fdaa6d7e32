"""The author's hooks and lifespans: functions that the agent calls on its own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from mirastack_sdk._actions.run.author_functions import call
from mirastack_sdk._actions.run.injection import CallScope, Generation
from mirastack_sdk._actions.signature.annotations import (
    UnresolvedError,
    annotation_of,
    is_generator,
    location_of,
    raw_annotations,
    yielded_type,
)
from mirastack_sdk._actions.signature.dependencies import (
    Dependency,
    Depends,
    RangeOf,
    RequestPart,
    Source,
    SourceFinder,
)
from mirastack_sdk._actions.signature.signature_errors import unresolved
from mirastack_sdk._deferred.dataclasses import dataclass

type LifespanFunction = Callable[
    ..., AsyncIterator[object] | AbstractAsyncContextManager[object, bool | None]
]

# Types from these modules are those of parameters, which a language model fills.
_PARAMETER_MODULES = frozenset({"builtins", "typing", "types", "datetime", "decimal", "uuid"})


type HookFunction = Callable[..., Awaitable[None] | None]
"""A function that raises if something is wrong, and returns nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A function, and where its arguments come from."""

    function: Callable[..., object]
    injected: Mapping[str, Source]

    async def run(self, generation: Generation) -> None:
        """Call the function; raises what it raises."""
        async with AsyncExitStack() as stack:
            scope = CallScope(None, generation, stack)
            returned = await call(self.function, await scope.fill(self.injected), scope.thread)
        if _is_false(returned):
            name = getattr(self.function, "__name__", type(self.function).__name__)
            raise RuntimeError(f"{name} returned False: raise an exception that says what is wrong")


def _is_false(returned: object) -> bool:
    """Whether a value is False, or NumPy's."""
    return returned is False or (type(returned).__name__ in {"bool", "bool_"} and not returned)


def read_hook(
    function: Callable[..., object], what: str, finder: SourceFinder, errors: list[str]
) -> Hook:
    """The hook of a function; `what` names it in the error of one that needs an execution."""
    injected = finder.arguments_of(function)
    errors += [
        f'{location_of(function)}: "{name}" belongs to an execution, and {what} is none'
        for name, source in injected.items()
        if _needs_request(source)
    ]
    return Hook(function=function, injected=injected)


def _needs_request(source: Source) -> bool:
    """Whether a source gets its value from an execution."""
    if isinstance(source, RequestPart | RangeOf):
        return True
    arguments = getattr(source, "arguments", {})
    return any(_needs_request(argument) for argument in arguments.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifespan:
    """One lifespan: a dependency that opens when the agent starts."""

    place: str
    dependency: Dependency


def read_lifespan(
    function: Callable[..., object], finder: SourceFinder, errors: list[str]
) -> Lifespan | None:
    """The lifespan of a function; what it yields is injected by its type from then on.

    `None`, with an error added, for a function that cannot be one.
    """
    place = location_of(function)
    if not is_generator(function):
        errors.append(
            f"{place}: a lifespan is a function that yields once: async def ... -> "
            "AsyncIterator[Client], which opens before its yield and closes after it"
        )
        return None
    dependency = finder.dependency(Depends(function, lifetime="agent"), place)
    if dependency is None:
        return None
    if "return" not in raw_annotations(function):
        # Actions that use what it yields would be blamed.
        finder.is_complete = False
        errors.append(
            f"{place}: what it yields has no type: write -> AsyncIterator[Client], or "
            "-> AsyncIterator[None] if it yields nothing"
        )
        return None
    try:
        kind = _yielded(function)
    except UnresolvedError as error:
        finder.is_complete = False
        errors.append(f"{place}: {unresolved('return', error)}")
        return None
    if kind is not None:
        errors += [f"{place}: {sentence}" for sentence in _type_errors(kind, finder)]
        finder.provide(kind, dependency)
    return Lifespan(place=place, dependency=dependency)


def _yielded(function: Callable[..., object]) -> object:
    """The type that is yielded, or `None` if there is none."""
    kind = yielded_type(annotation_of(function, "return").inner)
    return None if kind is type(None) else kind


def _type_errors(kind: object, finder: SourceFinder) -> Iterator[str]:
    name = getattr(kind, "__name__", str(kind))
    if getattr(kind, "__module__", "builtins") in _PARAMETER_MODULES:
        yield f"it yields {name}, which parameters are too: yield an object of a class of your own"
    elif finder.fills(kind):
        yield f"there is another {name} that actions are given: yield one of each type"
