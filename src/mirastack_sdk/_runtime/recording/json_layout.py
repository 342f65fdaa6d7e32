"""JSON as people read and compare it: short parts in one line, longer ones in several."""

from collections.abc import Iterator

from mirastack_sdk._text import compact_json

_WIDTH = 96
_STEP = "  "


def layout(value: object) -> str:
    """`value` as JSON text; what fits on a line is on one line."""
    return "".join(_lines(value, "", 0)) + "\n"


def _lines(value: object, indent: str, used: int) -> Iterator[str]:
    flat = compact_json(value)
    if not isinstance(value, (dict, list)) or not value:
        yield flat
        return
    inner = indent + _STEP
    if len(indent) + used + len(flat) <= _WIDTH and not _has_objects(value):
        yield _spaced(value)
        return
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    yield opening
    for number, (name, item) in enumerate(_members(value)):
        yield f"{',' if number else ''}\n{inner}{name}"
        yield from _lines(item, inner, len(name))
    yield f"\n{indent}{closing}"


def _members(value: dict[str, object] | list[object]) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield f"{compact_json(name)}: ", item
    else:
        for item in value:
            yield "", item


def _has_objects(value: dict[str, object] | list[object]) -> bool:
    """Whether it is nested: such values are easier to compare in lines of their own."""
    inner = value.values() if isinstance(value, dict) else value
    return any(isinstance(item, dict) and item for item in inner)


def _spaced(value: object) -> str:
    match value:
        case dict():
            members = (f"{compact_json(name)}: {_spaced(item)}" for name, item in value.items())
            return "{" + ", ".join(members) + "}"
        case list():
            return "[" + ", ".join(map(_spaced, value)) + "]"
        case _:
            return compact_json(value)
