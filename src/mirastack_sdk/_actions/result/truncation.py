"""The truncation of results: lists by rows, strings by characters, with a note on each cut."""

from collections.abc import Iterable, Mapping, Sequence

from mirastack_sdk._actions.result.encoded_text import Base64, Hex
from mirastack_sdk._actions.result.json_encoding import Json
from mirastack_sdk._text import compact_json

DEFAULT_LIMIT = 32_000
"""The default limit of a result's JSON text, in characters."""
LEAST_LIMIT = 100
"""The smallest limit that an action may set."""

_MOST_NOTES = 5
_ELLIPSIS = "…"
_QUOTES = 2
_BRACKETS = 2


class Truncated:
    """A result's JSON text within its limit, and a sentence for each cut."""

    __slots__ = ("notes", "text")

    def __init__(self, *, text: str, notes: tuple[str, ...]) -> None:
        self.text = text
        self.notes = notes


def truncated(value: Json, limit: int | None) -> Truncated:
    """The JSON text of a value in at most `limit` characters; `None` means no limit.

    Lists lose their last rows, strings and bytes lose their ends, and the largest members of an
    object are cut to the same size. The text stays valid JSON.
    """
    text = compact_json(value)
    if limit is None or len(text) <= limit:
        return Truncated(text=text, notes=())
    cutter = _Truncation()
    kept = cutter.fit(value, limit, "")
    notes = cutter.notes[:_MOST_NOTES]
    if len(cutter.notes) > _MOST_NOTES:
        notes.append(f"{len(cutter.notes) - _MOST_NOTES} more parts of the result were truncated")
    return Truncated(text=compact_json(kept), notes=tuple(notes))


class _Truncation:
    __slots__ = ("notes",)

    def __init__(self) -> None:
        self.notes: list[str] = []

    def fit(self, value: Json, room: int, path: str) -> Json:
        """As much of a value as fits into `room` characters of JSON text."""
        if _size(value) <= room:
            return value
        match value:
            case list():
                return self._rows(value, room, path)
            case dict():
                return self._members(value, room, path)
            case Base64() | Hex():
                return self._bytes(value, room, path)
            case str():
                return self._characters(value, room, path)
            case _:
                # A truncated number would be another number.
                self.notes.append(f"{_where(path)}a value was left out")
                return None

    def _rows(self, rows: Sequence[Json], room: int, path: str) -> Json:
        kept = _how_many_fit(map(_size, rows), room)
        if kept:
            self._note(path, kept, len(rows), "rows")
            return list(rows[:kept])
        if room <= _BRACKETS:
            self._note(path, 0, len(rows), "rows")
            return []
        first = self.fit(rows[0], room - _BRACKETS, f"{path}[0]")
        if len(rows) > 1:
            self._note(path, 1, len(rows), "rows")
        return [first] if _size(first) <= room - _BRACKETS else []

    def _members(self, members: Mapping[str, Json], room: int, path: str) -> Json:
        overheads = [_size(name) + 1 for name in members]
        # Each member needs some room for its value.
        kept = _how_many_fit((overhead + 4 for overhead in overheads), room)
        if kept < len(members):
            self._note(path, kept, len(members), "keys")
        names = list(members)[:kept]
        room -= sum(overheads[:kept]) + _BRACKETS + max(0, kept - 1)
        cap = _largest_size([_size(members[name]) for name in names], room)
        return {
            name: self.fit(members[name], cap, f"{path}.{name}" if path else name) for name in names
        }

    def _characters(self, text: str, room: int, path: str) -> Json:
        kept = _longest(text, room - _QUOTES - len(_ELLIPSIS))
        self._note(path, kept, len(text), "characters")
        return text[:kept] + _ELLIPSIS

    def _bytes(self, encoded: Base64 | Hex, room: int, path: str) -> Json:
        """As many whole bytes as fit: 4 characters of base64 stand for 3 bytes."""
        digits, size = (2, 1) if isinstance(encoded, Hex) else (4, 3)
        kept = max(0, room - _QUOTES) // digits * digits
        whole = len(encoded) // digits * size - encoded[-2:].count("=")
        self._note(path, kept // digits * size, whole, "bytes")
        return encoded[:kept]

    def _note(self, path: str, kept: int, whole: int, unit: str) -> None:
        self.notes.append(f"{_where(path)}showing {kept} of {whole} {unit}")


def _where(path: str) -> str:
    return f"{path}: " if path else "result: "


def _size(value: Json) -> int:
    return len(compact_json(value))


def _how_many_fit(sizes: Iterable[int], room: int) -> int:
    """The number of first items that fit together, with brackets and commas."""
    used, kept = _BRACKETS, 0
    for size in sizes:
        used += size + (1 if kept else 0)
        if used > room:
            break
        kept += 1
    return kept


def _largest_size(sizes: Sequence[int], room: int) -> int:
    """The largest size for each item with which all items fit together."""
    left, waiting = room, len(sizes)
    for size in sorted(sizes):
        if size * waiting > left:
            break
        left -= size
        waiting -= 1
    return max(0, left // waiting) if waiting else room


def _longest(text: str, room: int) -> int:
    """The number of first characters that fit, written as JSON without quotes."""
    low, high = 0, min(len(text), max(0, room))
    while low < high:
        middle = (low + high + 1) // 2
        if _size(text[:middle]) - _QUOTES <= room:
            low = middle
        else:
            high = middle - 1
    return low
