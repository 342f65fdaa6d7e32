"""Named tuples whose constructors are compiled when they are first used."""

import copy
import inspect
import pickle
import sys
import typing
from collections.abc import Callable

import pytest

from mirastack_sdk._deferred import named_tuples

pytestmark = pytest.mark.skipif(
    sys.version_info >= (3, 14), reason="from 3.14 on, they are the standard library's"
)


class Ours(named_tuples.NamedTuple):
    """A point."""

    x: int
    label: str = "none"
    scale: float = 1.0

    @property
    def scaled(self) -> float:
        """The scaled place."""
        return self.x * self.scale

    def own_class(self) -> type:
        """The class in whose body this is."""
        cell: type = __class__  # type: ignore[name-defined]  # Python defines it in methods
        return cell


class Standard(typing.NamedTuple):
    """A point."""

    x: int
    label: str = "none"
    scale: float = 1.0


class Nothing(named_tuples.NamedTuple):
    """Without a field."""


class Single(named_tuples.NamedTuple):
    """With one field."""

    x: int


class Holder[T](named_tuples.NamedTuple):
    """Of a type that the caller chooses."""

    value: T


def outcome(function: Callable[[], object]) -> str:
    """What a call returns, or its error, without the name of the class."""
    try:
        return str(function()).replace("Standard", "Ours")
    except (TypeError, ValueError, AttributeError) as error:
        return f"{type(error).__name__}: {error}".replace("Standard", "Ours")


@pytest.mark.parametrize(
    "use",
    [
        lambda kind: kind(1),
        lambda kind: kind(1, scale=2.0),
        lambda kind: kind(label="a", x=2),
        lambda kind: kind(),
        lambda kind: kind(1, "a", 1.0, 2),
        lambda kind: kind(1, other=2),
        lambda kind: kind._make([1, "a", 2.0]),
        lambda kind: kind._make([1]),
        lambda kind: kind(1)._replace(x=3),
        lambda kind: kind(1)._replace(x=3, other=2),
        lambda kind: kind(1)._asdict(),
        lambda kind: kind(1)[0:2],
        lambda kind: kind(1) == (1, "none", 1.0),
        lambda kind: hash(kind(1)),
        lambda kind: kind(1) < kind(2),
        lambda kind: setattr(kind(1), "x", 2),
        lambda kind: setattr(kind(1), "other", 2),
        inspect.signature,
        typing.get_type_hints,
        lambda kind: (kind._fields, kind._field_defaults, kind.__match_args__, kind.__doc__),
        lambda kind: kind.__new__.__qualname__.partition(".")[2],
    ],
)
def test_they_are_those_of_the_standard_library(use: Callable[[type], object]) -> None:
    """Every use has the same result, or the same error."""
    assert outcome(lambda: use(Ours)) == outcome(lambda: use(Standard))


def test_methods_and_properties_work() -> None:
    """What the body of the class defines is there."""
    assert Ours(2, scale=1.5).scaled == 3.0
    assert Ours(2).own_class() is Ours


def test_few_fields_work() -> None:
    """A tuple may have one field, or none."""
    assert (Single(1), Nothing()) == ((1,), ())
    assert (repr(Single(1)), repr(Nothing())) == ("Single(x=1)", "Nothing()")


def test_generic_ones_work() -> None:
    """A type can be given for a parameter of the class."""
    assert Holder[int](1) == Holder(1) == (1,)
    assert typing.get_args(Holder[int]) == (int,)


def test_they_can_be_matched() -> None:
    """`match` sees the fields by their names and in their order."""
    match Ours(1, "a"):
        case Ours(x, label=label):
            assert (x, label) == (1, "a")
        case _:
            pytest.fail("it does not match")


def pickled(value: Ours) -> Ours:
    """The value, written and read again."""
    read: Ours = pickle.loads(pickle.dumps(value))  # noqa: S301 - our own
    return read


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled])
def test_copies_are_equal(copied: Callable[[Ours], Ours]) -> None:
    """They can be copied and pickled."""
    value = copied(Ours(1, "a"))
    assert (value, type(value)) == (Ours(1, "a"), Ours)


def test_a_subclass_may_be_the_first_to_be_used() -> None:
    """The constructor is compiled for the class that has the fields."""

    class Late(named_tuples.NamedTuple):
        x: int

    class Derived(Late):
        __slots__ = ()

        def __new__(cls, x: int) -> typing.Self:
            return super().__new__(cls, x + 1)

    assert Derived(1) == Late(2)
    assert repr(Derived(1)) == "Derived(x=2)"


def test_constructors_are_compiled_once() -> None:
    """A constructor is compiled at its first use, and is a plain function afterwards."""

    class Late(named_tuples.NamedTuple):
        x: int

    assert not isinstance(vars(Late)["__new__"], staticmethod)
    Late(1)
    compiled = vars(Late)["__new__"]
    Late(2)
    assert isinstance(compiled, staticmethod)
    assert vars(Late)["__new__"] is compiled
