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


INSIDE = (
    'has no effect inside the type of "value": write it around the whole type, value: '
    "Annotated[..., "
)
type Given = Annotated[int, Depends(needs_call)]
type GivenAs[T] = Annotated[T, Depends(needs_call)]


@refused(f"Depends(...) {INSIDE}Depends(...)]")
def depends_of_an_item(value: list[Annotated[int, Depends(needs_call)]]) -> None:
    """It."""


@refused(f"Depends(...) {INSIDE}Depends(...)]")
def depends_beside_none(value: Annotated[int, Depends(needs_call)] | None) -> None:
    """It."""


@refused(f"Depends(...) {INSIDE}Depends(...)]")
def depends_of_a_key(value: dict[Annotated[str, Depends], int]) -> None:
    """It."""


@refused(f"Depends(...) {INSIDE}Depends(...)]")
def depends_of_an_alias(value: Given | None) -> None:
    """It."""


@refused(f"Depends(...) {INSIDE}Depends(...)]")
def depends_of_a_generic_alias(value: GivenAs[int]) -> None:
    """It."""


@refused(f"OrLast(...) {INSIDE}OrLast(...)]")
def or_last_beside_none(value: Annotated[TimeRange, OrLast(minutes=1)] | None) -> None:
    """It."""


@refused(f"OrLast(...) {INSIDE}OrLast(...)]")
def or_last_of_an_item(value: tuple[Annotated[TimeRange, OrLast(minutes=1)], int]) -> None:
    """It."""


@refused('OrLast has no effect on "value": write value: Annotated[TimeRange, OrLast(...)]')
def or_last_of_a_context(value: Annotated[Context, OrLast(minutes=1)]) -> None:
    """It."""


@refused('OrLast has no effect on "value": write value: Annotated[TimeRange, OrLast(...)]')
def or_last_of_a_union(value: Annotated[TimeRange | str, OrLast(minutes=1)]) -> None:
    """It."""


def needs_by_default(given: int = Depends(needs_call)) -> int:  # type: ignore[assignment] # the mistake
    """Would get the Depends itself."""
    return given


def needs_untyped(given=Depends(needs_call)) -> int:  # type: ignore[no-untyped-def] # noqa: ANN001, B008 - the mistake
    """Would get the Depends itself."""
    return len(given)


def needs_or_last(given: Annotated[int, OrLast(minutes=1)] = 0) -> int:
    """Would get the default."""
    return given


def needs_a_class(given: Annotated[int, Depends] = 0) -> int:
    """Would get the default."""
    return given


def needs_inside(given: Annotated[int, Depends(needs_call)] | None = None) -> int:
    """Would get the default."""
    return given or 0


DEFAULT = (
    '"given" has Depends(...) as its default, which a direct call would use as the value: write '
    "given: Annotated[..., Depends(...)]"
)


@refused(DEFAULT)
def factory_with_a_default(value: Annotated[int, Depends(needs_by_default)]) -> None:
    """It."""


@refused(DEFAULT)
def factory_without_types(value: Annotated[int, Depends(needs_untyped)]) -> None:
    """It."""


@refused('OrLast has no effect on "given": write given: Annotated[TimeRange, OrLast(...)]')
def factory_with_or_last(value: Annotated[int, Depends(needs_or_last)]) -> None:
    """It."""


@refused('"given" is annotated with the class Depends: write Depends(...)')
def factory_with_a_class(value: Annotated[int, Depends(needs_a_class)]) -> None:
    """It."""


@refused(f"Depends(...) {INSIDE}Depends(...)]".replace("value", "given"))
def factory_with_a_union(value: Annotated[int, Depends(needs_inside)]) -> None:
    """It."""
