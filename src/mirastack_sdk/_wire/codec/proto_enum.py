"""The base of generated enums: a real IntEnum that keeps numbers it does not know."""

from enum import IntEnum
from typing import Self

_LOWEST = -(2**31)
_HIGHEST = 2**31 - 1


class ProtoEnum(IntEnum):
    """A proto3 enum, which is open: a newer peer may send numbers that have no name here.

    Such a number becomes a value of the class that is no member of it: it is an
    int, it compares, copies and pickles, and its name is `UNKNOWN_<number>`.
    It is made anew each time, for a peer must not fill the memory with names.
    """

    @classmethod
    def from_number(cls, number: int) -> Self:
        """Return the member with a number, or the unknown value that stands for it.

        Faster than calling the class. Raises ValueError outside of int32.
        """
        member = cls._value2member_map_.get(number)
        return cls(number) if member is None else member  # type: ignore[return-value]  # typeshed types the map's values as Enum; here they are members of cls

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if type(value) is not int or not _LOWEST <= value <= _HIGHEST:
            return None
        unknown = int.__new__(cls, value)
        unknown._name_ = f"UNKNOWN_{value}"
        unknown._value_ = value
        return unknown

    @property
    def is_known(self) -> bool:
        """Whether the contract has a name for this number."""
        return self._value_ in type(self)._value2member_map_
