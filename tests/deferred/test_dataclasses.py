"""Dataclasses whose methods are compiled when they are first used."""

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import FrozenInstanceError, field
from typing import ClassVar

import pytest

from mirastack_sdk._deferred import dataclasses as deferred

type Decorator = Callable[..., Callable[[type], type]]

OPTIONS: Mapping[str, Mapping[str, bool]] = {
    "plain": {},
    "keywords": {"kw_only": True},
    "slots": {"slots": True},
    "identity": {"slots": True, "eq": False},
    "frozen": {"frozen": True},
    "frozen-slots": {"frozen": True, "slots": True},
    "value": {"frozen": True, "slots": True, "kw_only": True},
    "frozen-identity": {"frozen": True, "slots": True, "eq": False},
}
FEW = {"in-a-loop": 8, "compiled": 0}
each_option = pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)


@pytest.fixture(autouse=True, params=[*FEW.values()], ids=[*FEW])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many values are initialized without a compiled `__init__`: the first ones, or none."""
    values: int = request.param
    monkeypatch.setattr(deferred, "_FEW", values)
    return values


def declared(decorator: Decorator, options: Mapping[str, bool]) -> type:
    """A class with every kind of field that the SDK uses."""

    @decorator(**options)
    class Value:
        """A value."""

        number: int
        text: str = "text"
        names: list[str] = field(default_factory=list, compare=False)
        secret: str = field(default="secret", repr=False, kw_only=True)
        total: int = field(init=False, default=0)
        shared: ClassVar[int] = 1

        def __post_init__(self) -> None:
            object.__setattr__(self, "total", self.number * 2)

    return Value


def both(options: Mapping[str, bool]) -> tuple[type, type]:
    """The same class, as ours and as the standard library's."""
    return declared(deferred.dataclass, options), declared(dataclasses.dataclass, options)


def outcome(function: Callable[[], object]) -> object:
    """What a call returns, or the type and the text of its error."""
    try:
        return function()
    except (TypeError, AttributeError) as error:
        return type(error), str(error)


@each_option
def test_values_are_written_alike(options: Mapping[str, bool]) -> None:
    """`repr` names the fields that it should, with their values."""
    ours, standard = both(options)
    assert repr(ours(number=1)) == repr(standard(number=1))
    assert "secret" not in repr(ours(number=1))


def test_values_may_be_written_as_their_base_is() -> None:
    """With `repr=False`, a value has the text of its base."""

    class Base:
        def __repr__(self) -> str:
            return "the text of the base"

    @deferred.dataclass(repr=False)
    class Value(Base):
        """A value."""

        number: int

    assert repr(Value(1)) == "the text of the base"
    assert dataclasses.fields(Value)[0].name == "number"


@each_option
def test_arguments_are_the_same(options: Mapping[str, bool]) -> None:
    """The signature has the same parameters, defaults and annotations."""
    ours, standard = both(options)
    assert str(inspect.signature(ours)) == str(inspect.signature(standard))


@each_option
@pytest.mark.parametrize(
    ("positional", "named"),
    [
        ((), {}),
        ((), {"number": 1, "other": 2}),
        ((), {"number": 1, "total": 2}),
        ((1,), {"number": 1}),
        ((1, "a", [], 4), {}),
    ],
    ids=["missing", "unknown", "computed", "twice", "too-many"],
)
def test_wrong_arguments_are_reported_alike(
    options: Mapping[str, bool], positional: Sequence[object], named: Mapping[str, int]
) -> None:
    """A missing, unknown, computed or repeated argument, or one too many, has the same error."""
    ours, standard = (outcome(lambda: kind(*positional, **named)) for kind in both(options))  # noqa: B023 - called at once
    assert ours == standard
    assert isinstance(ours, tuple)


@each_option
def test_values_are_equal_alike(options: Mapping[str, bool]) -> None:
    """Equality and hashes look at the same fields, or at none."""
    for other in ({"number": 1}, {"number": 2}, {"number": 1, "names": ["a"]}):
        results = [
            (
                first == second,
                first != second,
                first == 1,
                # Both exist, since an identity may be that of a value that is gone.
                outcome(lambda: hash(first) == hash(second)),  # noqa: B023 - called at once
            )
            for first, second in [(kind(number=1), kind(**other)) for kind in both(options)]
        ]
        assert results[0] == results[1]


@each_option
def test_assignments_are_refused_alike(options: Mapping[str, bool]) -> None:
    """Only frozen values refuse to be changed, with the same error."""
    ours, standard = (kind(number=1) for kind in both(options))
    assert outcome(lambda: setattr(ours, "number", 2)) == outcome(
        lambda: setattr(standard, "number", 2)
    )
    assert outcome(lambda: delattr(ours, "number")) == outcome(lambda: delattr(standard, "number"))


def test_frozen_values_take_no_other_attributes() -> None:
    """A value with slots says so as well, where the standard library raises a `TypeError`."""
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'other'"):
        Pickled(number=1).other = 2  # type: ignore[attr-defined] # the error is the point


@each_option
def test_fields_are_the_same(options: Mapping[str, bool]) -> None:
    """`dataclasses` itself and `match` see the same fields and options."""
    ours, standard = both(options)
    assert [str(found) for found in dataclasses.fields(ours)] == [
        str(found) for found in dataclasses.fields(standard)
    ]
    assert ours.__match_args__ == standard.__match_args__  # type: ignore[attr-defined] # as dataclasses have it
    assert repr(ours.__dataclass_params__) == repr(standard.__dataclass_params__)  # type: ignore[attr-defined] # likewise
    assert dataclasses.asdict(ours(number=1)) == dataclasses.asdict(standard(number=1))
    assert getattr(ours, "__slots__", None) == getattr(standard, "__slots__", None)


@each_option
def test_replaced_values_are_new_ones(options: Mapping[str, bool]) -> None:
    """`dataclasses.replace` runs `__post_init__` again."""
    ours, _ = both(options)
    replaced = dataclasses.replace(ours(number=1, text="kept"), number=5)
    assert (replaced.number, replaced.text, replaced.total) == (5, "kept", 10)


@each_option
def test_copies_are_equal(options: Mapping[str, bool]) -> None:
    """Values can be copied, deeply too, although frozen ones refuse assignments."""
    ours, _ = both(options)
    value = ours(number=1, names=["a"])
    for copied in (copy.copy(value), copy.deepcopy(value)):
        assert dataclasses.asdict(copied) == dataclasses.asdict(value)


@deferred.dataclass(frozen=True, slots=True, kw_only=True)
class Pickled:
    """A value that another process can import."""

    number: int


def test_values_can_be_pickled() -> None:
    """A frozen value with slots survives pickling, before and after its methods were used."""
    assert pickle.loads(pickle.dumps(Pickled(number=1))) == Pickled(number=1)  # noqa: S301 - our own


def test_a_plain_subclass_keeps_the_methods() -> None:
    """A subclass calls the base's methods, and a frozen base does not freeze what it adds."""

    class Sub(Pickled):
        def __init__(self, number: int, added: str) -> None:
            super().__init__(number=number)
            self.added = added

    value = Sub(1, "first")
    value.added = "second"
    assert (value.number, value.added) == (1, "second")
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'number'"):
        value.number = 2  # type: ignore[misc] # the error is the point


def test_a_dataclass_can_derive_from_one_of_these() -> None:
    """An author's dataclass adds fields to one of ours."""

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Sub(Pickled):
        added: str

    assert repr(Sub(number=1, added="a")).endswith("Sub(number=1, added='a')")
    assert Sub(number=1, added="a") == Sub(number=1, added="a")
    with pytest.raises(TypeError, match="cannot inherit non-frozen dataclass from a frozen one"):
        dataclasses.dataclass(type("Changing", (Pickled,), {}))


def test_methods_that_a_class_writes_itself_are_kept() -> None:
    """What the standard library would not replace stays."""

    @deferred.dataclass(frozen=True)
    class Written:
        """It writes its own methods."""

        number: int

        def __repr__(self) -> str:
            return "written"

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

    assert (repr(Written(1)), Written(1) == Written(2), hash(Written(1))) == ("written", True, 7)


@each_option
def test_positions_count(options: Mapping[str, bool]) -> None:
    """Arguments can be given by position, unless the class takes none."""
    ours, standard = both(options)
    results = [outcome(lambda: repr(kind(1, "a", secret="b"))) for kind in (ours, standard)]  # noqa: B023 - called at once
    assert results[0] == results[1]


def test_a_used_method_is_a_function_of_the_class(few: int) -> None:
    """After the first uses nothing stands between a call and the compiled function."""

    @deferred.dataclass(slots=True)
    class Used:
        """A class."""

        number: int

    created = [Used(number).number for number in range(few + 1)]
    assert created == [*range(few + 1)]
    assert inspect.isfunction(vars(Used)["__init__"])
    assert not inspect.isfunction(vars(Used)["__repr__"])
    assert Used.__init__.__qualname__ == f"{Used.__qualname__}.__init__"
