"""Sample functions for descriptions and results."""

from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from mirastack_sdk.agent import Depends, OrLast
from mirastack_sdk.plugin import (
    Context,
    EngineClient,
    ExecuteRequest,
    ExecuteResponse,
    TimeRange,
)
from tests.actions.signature.sample_types import (
    Client,
    LogLine,
    open_client,
)


def constrained(
    limit: Annotated[int, Field(ge=1, le=1000)] = 100,
    name: Annotated[str, Field(pattern="^[a-z]+$", max_length=20)] = "cart",
    ratio: Annotated[float, Field(gt=0, lt=1)] = 0.5,
    items: Annotated[Sequence[str], Field(min_length=1)] = ("a",),
) -> None:
    """Within limits."""


def annotated_text(value: Annotated[str, "The service's name"]) -> None:
    """Described beside its type."""


def field_description(value: Annotated[int, Field(description="How many")] = 5) -> None:
    """Described in a field."""


def annotated_wins(value: Annotated[str, "From the annotation"]) -> None:
    """Described twice.

    Args:
        value: From the docstring.
    """


def renamed(from_: str) -> None:
    """Named by a word that Python reserves."""


def google(query: str, limit: int = 100, *, exact: bool = False) -> list[str]:
    """Search log entries by keyword
    or by LogsQL. Use this to find errors of a service.

    It knows two kinds of quotes:
    - single ones
    - double ones

    Args:
        query: LogsQL expression,
            e.g. '_msg:error AND service:checkout'.
        limit (int, optional): At most this many entries.
        exact: Whether case matters: it does not unless
            this is set.

    Returns:
        The entries, newest first.

    Raises:
        ValueError: Never shown to a language model.
    """
    return [query] * limit


def numpy(query: str, limit: int = 100, offset: int = 0) -> list[str]:
    """Search log entries.

    Parameters
    ----------
    query : str
        LogsQL expression,
        of one line.
    limit, offset : int, optional
        Which part of the entries.

    Returns
    -------
    list of str
        The entries.

    Raises
    ------
    ValueError
        Never shown to a language model.
    """
    return [query]


def sphinx(query: str, limit: int = 100) -> list[str]:
    """Search log entries.

    :param query: LogsQL expression,
        of one line.
    :param int limit: At most this many.
    :type limit: int
    :returns: The entries.
    :raises ValueError: Never shown to a language model.
    """
    return [query]


def plain_docstring(query: str) -> None:
    """Search: what is found is shown.

    Note that there is no section here.
    """


async def asynchronous(query: str) -> str:
    """Search on the loop."""
    return query


async def stream(count: int) -> AsyncIterator[LogLine]:
    """Lines, one after another."""
    for _ in range(count):
        yield LogLine(datetime.min, "")  # noqa: DTZ901 - only the type matters


def generator(count: int) -> Iterator[int]:
    """Numbers, one after another."""
    yield from range(count)


def awaitable(value: int) -> Awaitable[list[int]]:
    """What is awaited counts."""
    raise NotImplementedError


def own_response(value: int) -> ExecuteResponse:
    """Return a response of its own."""
    return ExecuteResponse()


def no_parameters() -> dict[str, int]:
    """Nothing to say."""
    return {}


def without_result_type(value: str):  # type: ignore[no-untyped-def] # noqa: ANN201 - what it is for
    """The author did not say."""


def injected(
    query: str,
    time_range: TimeRange,
    maybe: TimeRange | None,
    always: Annotated[TimeRange, OrLast(minutes=30)],
    ctx: Context,
    engine: EngineClient,
    request: ExecuteRequest,
    client: Annotated[Client, Depends(open_client)],
) -> None:
    """Most of it comes from the agent."""
