"""A dependency that clearly makes something else is refused, and nothing that may be right is."""

import contextlib
import functools
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Annotated, Any, NewType, Protocol, Self, TypedDict
from unittest.mock import Mock

import pytest

from mirastack_sdk._actions.catalog import AuthorsFunctions, read_catalog
from mirastack_sdk._actions.options import Declared
from mirastack_sdk.agent import Depends


class Closes(Protocol):
    """What can be closed."""

    def close(self) -> None: ...


class Limits(TypedDict):
    """A dictionary with known keys."""

    most: int


class Client:
    """What is asked for."""

    @classmethod
    def new(cls) -> Self:
        return cls()


class Special(Client):
    """A kind of it."""


class Other:
    """Something else."""

    def open(self) -> Client:
        return Client()


class Registered(type):
    """Makes of a class's call what it likes."""

    def __call__(cls) -> Client:
        return Client()


class Asked(metaclass=Registered):
    """Gives something else when it is called."""


class Awaited:
    """Gives something else when it is awaited."""

    def __await__(self) -> Iterator[Any]:
        yield None


class Caller:
    """An instance that is called."""

    def __call__(self) -> Other:
        return Other()


class Pool[Item]:
    """A generic class."""


ClientName = NewType("ClientName", str)
type Known = Client | None


def client() -> Client:
    return Client()


def special() -> Special:
    return Special()


def other() -> Other:
    return Other()


async def other_later() -> Other:
    return Other()


def other_awaited() -> Awaitable[Other]:
    return other_later()


def others() -> Iterator[Other]:
    yield Other()


async def others_later() -> AsyncIterator[Other]:
    yield Other()


@contextlib.contextmanager
def managed_other() -> Iterator[Other]:
    yield Other()


@functools.cache
def cached_other() -> Other:
    return Other()


def nothing() -> None:
    Client()


def either() -> Other | str:
    return Other()


def managed_client() -> contextlib.AbstractContextManager[Client]:
    return contextlib.nullcontext(Client())


def perhaps() -> Client | None:
    return None


def clients() -> Iterator[Client]:
    yield Client()


def closes() -> Closes:
    raise NotImplementedError


def anything() -> Any:  # noqa: ANN401 - what says nothing
    return Client()


def any_object() -> object:
    return Client()


def generic[Item]() -> Item:  # type: ignore[type-var] # what says nothing
    raise NotImplementedError


def untold():  # type: ignore[no-untyped-def] # noqa: ANN201 - what says nothing
    return Client()


def unknown() -> "Unknown":  # type: ignore[name-defined] # noqa: F821 - what nobody knows
    return Client()


def awaited() -> Awaited:
    return Awaited()


def mock() -> Mock:
    return Mock()


def number() -> int:
    return 1


def text() -> str:
    return ""


def limits() -> dict[str, int]:
    return {}


def texts() -> Pool[str]:
    return Pool()


def opening(function: Callable[[], Other]) -> Callable[[], Client]:
    """What changes the type, and keeps the annotations of what it wraps."""

    @functools.wraps(function)
    def opened() -> Client:
        return function().open()

    return opened


@opening
def opened_other() -> Other:
    return Other()


WRONG: dict[str, tuple[object, Callable[..., object], str, str]] = {
    "function": (Client, other, "Client", "Other"),
    "coroutine": (Client, other_later, "Client", "Other"),
    "awaitable": (Client, other_awaited, "Client", "Other"),
    "generator": (Client, others, "Client", "Other"),
    "async-generator": (Client, others_later, "Client", "Other"),
    "context-manager": (Client, managed_other, "Client", "Other"),
    "cached": (Client, cached_other, "Client", "Other"),
    "class": (Client, Other, "Client", "Other"),
    "method": (Other, Other().open, "Other", "Client"),
    "instance": (Client, Caller(), "Client", "Other"),
    "partial": (Client, functools.partial(other), "Client", "Other"),
    "nothing": (Client, nothing, "Client", "None"),
    "union": (Client | int, either, "Client | int", "Other | str"),
    "alias": (Known, other, "Client | None", "Other"),
    "unentered": (
        Client,
        managed_client,
        "Client",
        "AbstractContextManager",
    ),
    "number": (str, number, "str", "int"),
    "generic": (list[int], limits, "list", "dict"),
    "new-type": (ClientName, number, "str", "int"),
}
"""Types that are asked for, factories that make something else, and the texts of both."""

FITS: dict[str, tuple[object, Callable[..., object]]] = {
    "the-same": (Client, client),
    "subclass": (Client, special),
    "base": (Special, client),
    "class": (Client, Special),
    "optional": (Client, perhaps),
    "asked-for-optional": (Client | None, nothing),
    "alias": (Known, perhaps),
    "yielded": (Client, clients),
    "protocol": (Closes, other),
    "of-protocol": (Client, closes),
    "optional-protocol": (Closes | None, other),
    "any": (Client, anything),
    "asked-for-any": (Any, other),
    "object": (Client, any_object),
    "asked-for-object": (object, other),
    "type-variable": (Client, generic),
    "self": (Client, Client.new),
    "untold": (Client, untold),
    "unknown": (Client, unknown),
    "partial": (Client, functools.partial(client)),
    "abstract": (Mapping[str, int], limits),
    "typed-dict": (Limits, limits),
    "items": (Pool[int], texts),
    "promoted": (float, number),
    "new-type": (ClientName, text),
    "awaited": (Client, awaited),
    "awaited-class": (Client, Awaited),
    "metaclass": (Client, Asked),
    "wrapped": (Client, opened_other),
    "mock": (Client, mock),
    "builtin": (Client, dict),
}
"""Types that are asked for, and factories of which nobody can say that they make something else."""


def faults(wanted: object, factory: Callable[..., object]) -> list[str]:
    """What is wrong with an action that depends on a factory."""

    def search(value: object) -> None:
        """Search."""

    search.__annotations__["value"] = Annotated[wanted, Depends(factory)]
    return list(
        read_catalog(AuthorsFunctions(actions=[Declared(function=search, options={})])).faults
    )


@pytest.mark.parametrize(("wanted", "factory", "asked_for", "made"), WRONG.values(), ids=WRONG)
def test_what_makes_something_else_is_refused(
    wanted: object, factory: Callable[..., object], asked_for: str, made: str
) -> None:
    """The sentence names the action, what was asked for, and what is made where."""
    (fault,) = faults(wanted, factory)
    place, _, sentence = fault.partition(": ")
    assert re.fullmatch(rf"{re.escape(__file__)}:\d+ search", place)
    said = f'"value" is of type {asked_for}, and it depends on what makes {made} ({__file__}:'
    assert sentence.startswith(said)


def test_the_sentence_says_what_to_write() -> None:
    """Either side may be the wrong one."""
    (fault,) = faults(Client, other)
    assert fault.partition(": ")[2] == (
        f'"value" is of type Client, and it depends on what makes Other ({__file__}:'
        f"{other.__code__.co_firstlineno} other): depend on what makes Client, or write "
        "Annotated[Other, Depends(...)]"
    )


@pytest.mark.parametrize(("wanted", "factory"), FITS.values(), ids=FITS)
def test_what_may_be_right_is_taken(wanted: object, factory: Callable[..., object]) -> None:
    """Only what is clearly told on both sides is compared."""
    assert faults(wanted, factory) == []


def test_dependencies_of_dependencies_are_compared_too() -> None:
    """The sentence names the factory that asks."""

    def service(client: Annotated[Client, Depends(other)]) -> Client:
        return client

    (fault,) = faults(Client, service)
    assert 'service: "client" is of type Client, and it depends on what makes Other' in fault
