"""An enum that keeps unknown numbers."""

import copy
import enum
import pickle

import pytest

from mirastack_sdk._gen.messages import Permission
from mirastack_sdk._wire.codec.proto_message import ProtoEnum

NUMBERS = [0, 1, 4, 5, 99, -1, 2**31 - 1, -(2**31)]


def test_it_is_an_enum_of_the_standard_library() -> None:
    """Members are IntEnum's, so that whatever knows those knows these."""
    assert issubclass(ProtoEnum, enum.IntEnum)
    assert isinstance(Permission.READ, int)
    names = [member.name for member in sorted(Permission)]
    assert names[:5] == ["UNSPECIFIED", "READ", "MODIFY", "ADMIN", "WRITE"]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_number_has_a_value(number: int) -> None:
    """A number comes back from its value, known or not, whichever way it was made."""
    assert Permission(number) == Permission.from_number(number) == number
    assert isinstance(Permission(number), Permission)
    assert Permission(number).value == number


def test_a_known_number_is_the_member() -> None:
    """Members are one object each, so that `is` and `match` work."""
    assert Permission.from_number(1) is Permission.READ
    assert Permission(1) is Permission.READ


@pytest.mark.parametrize("number", NUMBERS)
def test_a_value_pickles_and_copies(number: int) -> None:
    """A value survives pickle, copy and deepcopy with its class."""
    value = Permission(number)
    for twin in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):  # noqa: S301 - our own bytes
        assert twin == value
        assert type(twin) is Permission
        assert twin.name == value.name


def test_an_unknown_value_says_so() -> None:
    """An unknown value has a name and a text, and is not a member."""
    value = Permission(99)
    assert (value.name, repr(value), str(value)) == (
        "UNKNOWN_99",
        "<Permission.UNKNOWN_99: 99>",
        "99",
    )
    assert not value.is_known
    assert Permission.READ.is_known
    assert value not in list(Permission)


def test_unknown_values_are_equal_by_number() -> None:
    """Two of them are one key of a dict, as the numbers are."""
    assert {Permission(99): "a"}[Permission(99)] == "a"
    assert Permission(99) != Permission(98)


def test_unknown_values_are_not_kept() -> None:
    """Unknown numbers from a peer do not make the enum grow."""
    before = len(Permission), len(Permission._value2member_map_)
    for number in range(1000, 2000):
        Permission.from_number(number)
    assert (len(Permission), len(Permission._value2member_map_)) == before


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 1.5, "READ", None, True])
def test_what_is_no_int32_is_refused(value: object) -> None:
    """Neither other numbers nor other types become values."""
    if value is True:
        # Equal to a member, True finds it, as in every IntEnum.
        assert Permission(True) is Permission.READ
    else:
        with pytest.raises(ValueError, match="is not a valid Permission"):
            Permission(value)  # type: ignore[arg-type]  # wrong on purpose
