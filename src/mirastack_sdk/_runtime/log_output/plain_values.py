"""Values of log records as JSON values of a limited size."""

import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from mirastack_sdk._runtime.log_output.record_parts import LOST, text_of
from mirastack_sdk._text import shortened

type Plain = bool | int | float | str | list[Plain] | dict[str, Plain] | None

_DEEPEST = 8
_LONGEST_TEXT = 32_768
_MOST_CHARACTERS = 131_072
# What an element of a list or a mapping costs beside its text.
_ELEMENT_COST = 8
# Collectors keep whole numbers in 64 bits.
_LEAST_NUMBER, _MOST_NUMBER = -(2**63), 2**63 - 1
_CUT = "…"


class PlainValues:
    """Turns the values of one record into JSON values, in some 131,000 characters altogether.

    A text has at most 32,768 characters, and lists and mappings are at most eight levels deep. What
    is beyond that is cut, and ends with "…". Numbers that JSON or collectors do not have, and
    objects of other types, become their texts. Raises nothing.
    """

    def __init__(self) -> None:
        self._left = _MOST_CHARACTERS

    def text(self, text: str, *, keep_end: bool = False) -> str:
        """A text, cut if it is too long: at its end, or else at its beginning."""
        most = max(1, min(_LONGEST_TEXT, self._left))
        self._left -= min(len(text), most)
        if keep_end and len(text) > most:
            return _CUT + text[len(text) - most + 1 :]
        return shortened(text, most)

    def value(self, value: object) -> Plain:
        """A value of any type."""
        try:
            return self._plain(value, ())
        except Exception:  # noqa: BLE001 - a mapping of the author's, or one that another thread changes
            return self.text(text_of(value))

    def _plain(self, value: object, parents: tuple[int, ...]) -> Plain:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int) and _LEAST_NUMBER <= value <= _MOST_NUMBER:
            return int.__index__(value)
        if isinstance(value, float) and math.isfinite(value):
            return float.__float__(value)
        if isinstance(value, Mapping | list | tuple | AbstractSet):
            return self._container(value, parents)
        return self.text(text_of(value))

    def _container(
        self,
        value: Mapping[object, object] | list[object] | tuple[object, ...] | AbstractSet[object],
        parents: tuple[int, ...],
    ) -> Plain:
        if id(value) in parents:
            return LOST
        if len(parents) == _DEEPEST or self._left <= 0:
            return _CUT
        inner = (*parents, id(value))
        if isinstance(value, Mapping):
            return self._mapping(value, inner)
        items: list[Plain] = []
        for item in value:
            if not self._has_room():
                items.append(_CUT)
                break
            items.append(self._plain(item, inner))
        return items

    def _mapping(
        self, mapping: Mapping[object, object], parents: tuple[int, ...]
    ) -> dict[str, Plain]:
        members: dict[str, Plain] = {}
        for key, value in mapping.items():
            if not self._has_room():
                members[free_name(_CUT, members)] = _CUT
                break
            name = free_name(self.text(text_of(key)), members)
            members[name] = self._plain(value, parents)
        return members

    def _has_room(self) -> bool:
        self._left -= _ELEMENT_COST
        return self._left > 0


def free_name(name: str, taken: Mapping[str, object]) -> str:
    """A name that is not taken yet: with underscores behind it if it is."""
    while name in taken:
        name += "_"
    return name
