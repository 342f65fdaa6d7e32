"""Functions with invalid dependencies, each with the sentence that refuses it."""

from collections.abc import AsyncIterator
from typing import Annotated

from mirastack_sdk.agent import Depends, OrLast
from mirastack_sdk.plugin import Context, EngineClient, TimeRange
from tests.actions.signature.refused import Client, refused


@refused('"value" is annotated with the class Depends: write Depends(...)')
def bare_depends(value: Annotated[Client, Depends]) -> None:
    """It."""


@refused('"value" is annotated with the class OrLast: write OrLast(...)')
def bare_or_last(value: Annotated[TimeRange, OrLast]) -> None:
    """It."""


@refused("Depends(...) is not a type: write value: Annotated[..., Depends(...)]")
def depends_as_type(value: Depends(Client)) -> None:  # type: ignore[valid-type] # the mistake
    """It."""


@refused(
    '"value" has Depends(...) as its default, which a direct call would use as the value: write '
    "value: Annotated[..., Depends(...)]"
)
def depends_as_default(value: Client = Depends(Client)) -> None:  # type: ignore[assignment] # noqa: B008 - the mistake
    """It."""


def first(second: "Annotated[int, Depends(second)]") -> int:
    """Half of a circle."""
    return second


def second(first: Annotated[int, Depends(first)]) -> int:
    """The other half."""
    return first


def needs_text(text: str) -> int:
    """Needs what nothing gives."""
    return len(text)


def needs_call(ctx: Context) -> int:
    """Lives for a call."""
    return len(ctx.values)


async def long_lived(ctx: Context) -> AsyncIterator[int]:
    """Would outlive its context."""
    yield len(ctx.values)


def long_lived_through(call: Annotated[int, Depends(needs_call)]) -> int:
    """Would outlive what it needs."""
    return call


def needs_undefined(engine: EngineClient, request: "Unknown") -> int:  # type: ignore[name-defined] # noqa: F821 - the mistake
    """Needs what is not defined."""
    return 0


@refused("dependencies form a circle: first -> second -> first")
def circle(value: Annotated[int, Depends(first)]) -> None:
    """It."""


@refused("Depends needs a function, got 'client'")
def no_factory(value: Annotated[int, Depends("client")]) -> None:
    """It."""


@refused(
    'nothing fills "text": its type must be TimeRange, Context, EngineClient, ExecuteRequest, '
    "Logs, the agent's config class, or Annotated[..., Depends(...)]"
)
def unfilled(value: Annotated[int, Depends(needs_text)]) -> None:
    """It."""


@refused(
    '"ctx" belongs to one execution, and a dependency with lifetime="agent" outlives it: use '
    'lifetime="call", or remove it'
)
def outlives_context(value: Annotated[int, Depends(long_lived, lifetime="agent")]) -> None:
    """It."""


@refused(
    '"call" lives for one execution, and a dependency with lifetime="agent" outlives it: use '
    'lifetime="agent" for needs_call too'
)
def outlives_other(value: Annotated[int, Depends(long_lived_through, lifetime="agent")]) -> None:
    """It."""


@refused("the type of \"request\" cannot be resolved: name 'Unknown' is not defined")
def unresolved_dependency(value: Annotated[int, Depends(needs_undefined)]) -> None:
    """It."""
