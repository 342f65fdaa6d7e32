"""Methods marked with `@action` in unusual places: each is an action, or refused."""

import abc
import contextlib
import functools
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar, override

import pytest

from mirastack_sdk.agent import TypedActions, action
from mirastack_sdk.errors import InvalidPluginError
from tests.actions.test_marked_methods import HIDDEN, Base, hiding

T = TypeVar("T")
REPLACED = "another definition of the same name takes its place: rename one of them"


class Descriptor:
    """A decorator whose object finds the method."""

    def __init__(self, function: Callable[..., object]) -> None:
        self.function = function

    def __get__(self, plugin: object, owner: type | None = None) -> object:
        """Bind the function."""
        return functools.partial(self.function, plugin)


def _with_a_descriptor() -> type[TypedActions]:
    class Made(Base):
        @Descriptor
        @action
        def search(self) -> int:
            """Search."""
            return 1

    return Made


def _with_a_partial() -> type[TypedActions]:
    class Made(Base):
        @functools.partial(functools.partial)
        @action
        def search(self) -> int:
            """Search."""
            return 1

    return Made


def _with_slots() -> type[TypedActions]:
    @dataclass(slots=True)
    class Made(Base):
        port: int = 80

        @hiding
        @action
        def search(self) -> int:
            """Search."""
            return 1

    return Made


def _generic() -> type[TypedActions]:
    class Made(Base, Generic[T]):
        @hiding
        @action
        def search(self) -> int:
            """Search."""
            return 1

    return Made


def _copied() -> type[TypedActions]:
    def copied(cls: type[TypedActions]) -> type[TypedActions]:
        members = {k: v for k, v in vars(cls).items() if k not in {"__dict__", "__weakref__"}}
        return type(cls.__name__, (Base,), members)

    @copied
    class Made(Base):
        @hiding
        @action
        def search(self) -> int:
            """Search."""
            return 1

    return Made


def _of_a_grandparent() -> type[TypedActions]:
    class Parent(Base):
        @hiding
        @action
        def search(self) -> int:
            """Search."""
            return 1

    class Child(Parent):
        pass

    class Made(Child):
        pass

    return Made


def _private() -> type[TypedActions]:
    class Made(Base):
        @hiding
        @action
        def __search(self) -> int:
            """Search."""
            return 1

    return Made


def _private_of_a_private_class() -> type[TypedActions]:
    class _Made(Base):
        @hiding
        @action
        def __search(self) -> int:
            """Search."""
            return 1

    return _Made


def _in_a_branch() -> type[TypedActions]:
    class Made(Base):
        if __debug__:

            @hiding
            @action
            def search(self) -> int:
                """Search."""
                return 1

    return Made


def _in_a_loop() -> type[TypedActions]:
    class Made(Base):
        for name in ("one", "two"):

            @action(name=name)
            def search(self) -> int:
                """Search."""
                return 1

    return Made


def _before_a_plain_method() -> type[TypedActions]:
    class Made(Base):
        @action
        def search(self) -> int:
            """Search."""
            return 1

        def search(self) -> int:  # type: ignore[no-redef]  # noqa: F811 - the mistake
            """Search."""
            return 2

    return Made


HIDING: dict[str, tuple[Callable[[], type[TypedActions]], str]] = {
    "descriptor": (_with_a_descriptor, HIDDEN),
    "partial": (_with_a_partial, HIDDEN),
    "slots": (_with_slots, HIDDEN),
    "generic": (_generic, HIDDEN),
    "copied": (_copied, HIDDEN),
    "grandparent": (_of_a_grandparent, HIDDEN),
    "private": (_private, HIDDEN),
    "private-class": (_private_of_a_private_class, HIDDEN),
    "branch": (_in_a_branch, HIDDEN),
    "loop": (_in_a_loop, REPLACED),
    "plain": (_before_a_plain_method, REPLACED),
}


def _errors(plugin: TypedActions) -> list[str]:
    with pytest.raises(InvalidPluginError) as raised:
        plugin.schema()
    return str(raised.value).splitlines()


@pytest.mark.parametrize(("make", "reason"), HIDING.values(), ids=HIDING)
def test_a_method_that_is_lost_is_refused(make: Callable[[], type], reason: str) -> None:
    """The sentence names the file, the class and the method, and is the only one."""
    (error,) = _errors(make()())
    assert error.startswith(__file__)
    assert error.endswith(f"search: {reason}")


def test_a_function_that_only_the_object_has_is_refused() -> None:
    """Actions are methods of the class."""

    async def find() -> int:
        """Find."""
        return 1

    class Made(Base):
        def __init__(self) -> None:
            self.find = action(find)

    place = f"{__file__}:{find.__code__.co_firstlineno} find"
    assert _errors(Made()) == [
        (
            f"{place}: @action has no effect on find, which only this object has: write it as a "
            "method of Made"
        )
    ]


def test_what_an_object_keeps_is_no_mistake() -> None:
    """Its own methods, functions without a mark, and objects that cannot be looked at."""

    class Closed:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError("not open yet")

    class Made(Base):
        def __init__(self) -> None:
            self.method, self.function, self.proxy = self.kept, hiding, Closed()

    assert [found.name for found in Made().schema().actions] == ["kept"]


class Abstract(Base, abc.ABC):
    """An agent whose action others write."""

    @abc.abstractmethod
    @action
    async def search(self) -> int:
        """Search."""


class Concrete(Abstract):
    """The agent with the action."""

    @override
    async def search(self) -> int:
        """Search well."""
        return 2


@dataclass(slots=True)
class Slotted(Base):
    """A class that its decorator makes anew."""

    port: int = 80

    @action
    async def search(self) -> int:
        """Search."""
        return self.port


class Renamed(Base):
    """A class whose method has another name in the end."""

    @action
    async def search(self) -> int:
        """Search."""
        return 2

    find = search
    del search


class Final(Base):
    """A class with decorators that return the function."""

    @typing.final
    @action
    @typing.no_type_check
    async def search(self) -> int:
        """Search."""
        return 2


class OfTheClass(Base):
    """A class with an action of the class."""

    @classmethod
    @action
    async def search(cls) -> int:
        """Search."""
        return 2


class Streaming(Base):
    """A class with a decorator of `contextlib`, which keeps the function."""

    @contextlib.contextmanager
    @action
    def search(self) -> Iterator[int]:
        """Search."""
        yield 2


@pytest.mark.parametrize("kind", [Concrete, Slotted, Renamed, Final, OfTheClass, Streaming])
def test_a_method_that_can_be_found_is_an_action(kind: type[TypedActions]) -> None:
    """It is neither lost nor refused."""
    assert [found.name for found in kind().schema().actions] == ["kept", "search"]


def test_a_function_that_the_class_gets_later_is_an_action() -> None:
    """As a mixin of functions does it."""

    class Made(Base):
        pass

    @action
    async def late(self: Made) -> int:
        """Find."""
        return 1

    Made.late = late  # type: ignore[attr-defined] # later
    assert [found.name for found in Made().schema().actions] == ["kept", "late"]
