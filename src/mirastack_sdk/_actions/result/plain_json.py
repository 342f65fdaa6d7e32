"""The JSON text of results that consist of JSON's own types, which is written in one pass."""

from collections.abc import Callable, Iterable
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined] # typeshed leaves the former out

from mirastack_sdk._text import compact_json, is_well_formed

_SCALARS: frozenset[type] = frozenset({str, int, float, bool, type(None)})
_TYPES: frozenset[type] = _SCALARS | {dict, list}
_STRINGS: frozenset[type] = frozenset({str})

type _Encode = Callable[[object, int], Iterable[str]]


def _refuse(value: object) -> object:
    raise TypeError(f"{type(value).__name__} is not one of JSON's types")


# What a JSONEncoder makes for each text: it takes as long to make as to write a small result. It
# may be missing, where Python has no compiled json.
_ENCODE: _Encode | None = c_make_encoder and c_make_encoder(
    None, _refuse, encode_basestring, None, ":", ",", False, False, False
)


def plain_json(value: object, most_levels: int) -> str | None:
    """The JSON text of a value of JSON's own types, as nearly all results are.

    `None` stands for any other value, and for one that JSON cannot express or that nests deeper
    than `most_levels`: `json_value` converts it, or says what is wrong with it.
    """
    if not _is_plain(value, most_levels):
        return None
    try:
        text = compact_json(value) if _ENCODE is None else "".join(_ENCODE(value, 0))
    except ValueError:
        return None
    return text if text.isascii() or is_well_formed(text) else None


def _is_plain(value: object, most_levels: int) -> bool:
    """Whether a value is of JSON's own types, and no subclasses, in at most so many levels.

    A collection that occurs twice is not plain, because it may contain itself.
    """
    seen: set[int] = set()
    level: list[object] = [value]
    for _ in range(most_levels + 1):
        kinds = set(map(type, level))
        if kinds <= _SCALARS:
            return True
        if not kinds <= _TYPES:
            return False
        collections = [item for item in level if isinstance(item, dict | list)]
        level = []
        for item in collections:
            members = item if isinstance(item, list) else _members(item)
            if members is None or id(item) in seen:
                return False
            seen.add(id(item))
            level += members
    return False


def _members(item: dict[object, object]) -> Iterable[object] | None:
    """The values of a dict whose keys are texts, and `None` for any other."""
    return item.values() if _STRINGS.issuperset(map(type, item)) else None
